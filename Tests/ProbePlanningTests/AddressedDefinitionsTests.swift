import KernelLayout
import Testing

@testable import ProbePlanning

@Suite("Definitions by address, for kernels that look names up slowly")
struct AddressedDefinitionsTests {
    private static let kallsyms = """
        ffffffff81000000 T _text
        ffffffff816b18b0 T sock_sendmsg
        ffffffff816b2000 t twice
        ffffffff816b3000 t twice
        ffffffffc0001000 t packet_sendmsg\t[af_packet]

        """

    private static func definitions(_ kallsyms: String = Self.kallsyms, machine: String = "x86_64")
        -> AddressedDefinitions?
    {
        let symbols = KernelSymbols(
            kallsyms: Array(kallsyms.utf8), wanted: ["sock_sendmsg", "twice", "packet_sendmsg"])
        return AddressedDefinitions(symbols, machine: machine)
    }

    @Test(
        "A definition by address fetches from the registers in which arguments and results are",
        arguments: [
            (
                "p:g/e sock_sendmsg socket=$arg1:x64 family=+16(+24($arg1)):u16 size=$arg6:u64",
                "p:g/e 0xffffffff816b18b0 socket=%di:x64 family=+16(+24(%di)):u16 size=%r9:u64"
            ),
            ("r4096:g/e sock_sendmsg ret=$retval:s32", "r4096:g/e 0xffffffff816b18b0 ret=%ax:s32"),
            ("p:g/e sock_sendmsg", "p:g/e 0xffffffff816b18b0"),
        ])
    func registers(byName: String, byAddress: String) throws {
        #expect(try #require(Self.definitions()).text(byName) == byAddress)
    }

    @Test("Arm has its own registers")
    func arm() throws {
        let definitions = try #require(Self.definitions(machine: "aarch64"))
        #expect(definitions.text("p:g/e sock_sendmsg a=$arg8:x64") == "p:g/e 0xffffffff816b18b0 a=%x7:x64")
        #expect(definitions.text("r:g/e sock_sendmsg a=$retval:x64") == "r:g/e 0xffffffff816b18b0 a=%x0:x64")
    }

    @Test(
        "What cannot be said by address stays as it is",
        arguments: [
            "p:g/e twice", "p:g/e packet_sendmsg", "p:g/e nowhere", "p:g/e af_packet:packet_sendmsg",
            "p:g/e sock_sendmsg+16", "p:g/e sock_sendmsg a=$arg7:x64", "p:g/e sock_sendmsg a=$arg10:x64",
            "p:g/e sock_sendmsg a=$comm:string", "p:g/e sock_sendmsg a=$stack0:x64",
        ])
    func byName(definition: String) throws {
        #expect(try #require(Self.definitions()).text(definition) == nil)
    }

    @Test("Nothing is said by address where the kernel hides addresses, or the machine's registers are not known")
    func hidden() throws {
        let hidden = Self.kallsyms.split(separator: "\n").map { "0000000000000000" + $0.dropFirst(16) + "\n" }.joined()
        #expect(try #require(Self.definitions(hidden)).text("p:g/e sock_sendmsg") == nil)
        #expect(Self.definitions(machine: "vax") == nil)
        #expect(Self.definitions(machine: "s390x") == nil)
    }
}
