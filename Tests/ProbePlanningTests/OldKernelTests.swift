import SocketEvents
import SocketNames
import Testing

@testable import ProbePlanning
@testable import KernelLayout

/// Kernels that nobody can boot here: their definitions, from what they say of themselves.
@Suite("Kernels before $argN, and other processors")
struct OldKernelTests {
    /// Debian's 7 and Red Hat's 7: net/socket.c of 3.10.
    private static let functions310 = [
        "__sock_sendmsg", "sock_sendmsg", "sock_aio_write", "sock_aio_read", "sock_recvmsg", "sock_sendpage",
        "sock_splice_read", "security_socket_sendmsg", "security_socket_recvmsg", "inet_sendmsg", "inet_recvmsg",
        "__sock_create", "sock_release", "sock_close",
    ]

    private static var layout: StructLayout {
        var layout = StructLayout(flagNames: SocketFlagNames(compact: "N2C3S4"))
        layout[.socketState] = .init(offset: 0, width: 4, source: .calibrated)
        layout[.socketSock] = .init(offset: 32, width: 8, source: .calibrated)
        // `sk_protocol : 8` after four bits of others, up to 5.5.
        layout[.sockProtocol] = .init(offset: 504, width: 4, bits: 8..<16, source: .btf)
        layout[.kiocbFile] = .init(offset: 16, width: 8, source: .calibrated)
        layout[.filePrivateData] = .init(offset: 200, width: 8, source: .calibrated)
        return layout
    }

    private func lines(_ machine: String, _ functions: [String] = functions310, maxActive: Bool = false) throws
        -> [String]
    {
        let convention = try #require(CallingConvention.registers(machine: machine))
        let plan = ProbePlan(
            for: PlanRequest(
                symbols: KernelSymbols(names: functions), layout: Self.layout, convention: convention,
                hasMaxActive: maxActive))
        return plan.probes.map { $0.text(group: "g") }
    }

    @Test("A message of 3.10 comes with a kiocb in front and its size behind")
    func kiocbMessages() throws {
        let lines = try lines("x86_64")
        #expect(
            lines.contains(
                "p:g/sendmsg_entry __sock_sendmsg socket=%si:x64 state=+0(%si):u32 protocol=+504(+32(%si)):b8@8/32"
                    + " size=%cx:u64"))
        #expect(
            lines.contains {
                $0.hasPrefix("p:g/recvmsg_entry sock_recvmsg socket=%di:x64") && $0.hasSuffix("size=%dx:u64")
            })
        #expect(lines.contains("r:g/sendmsg_return __sock_sendmsg ret=$retval:s32"))
        #expect(lines.allSatisfy { !$0.contains("$arg") && !$0.hasPrefix("r4096") })
    }

    @Test("write(2) of 3.10 passes sock_aio_write, whose kiocb leads to the socket")
    func asynchronousCalls() throws {
        let lines = try lines("x86_64")
        let socket = "+200(+16(%di))"
        #expect(
            lines.contains(
                "p:g/write_iter_entry sock_aio_write socket=\(socket):x64 state=+0(\(socket)):u32"
                    + " protocol=+504(+32(\(socket))):b8@8/32"))
        #expect(lines.contains("r:g/read_iter_return sock_aio_read ret=$retval:s64"))
    }

    @Test("Where the newer functions are, the older ones' names mean nothing")
    func newerFunctions() throws {
        let lines = try lines("x86_64", Self.functions310 + ["sock_write_iter", "sock_read_iter"])
        #expect(lines.contains { $0.hasPrefix("p:g/sendmsg_entry __sock_sendmsg socket=%di:x64") })
        #expect(!lines.contains { $0.contains("sock_aio") })
    }

    @Test("Without security hooks the protocols' functions have the socket behind the kiocb, too")
    func protocols() throws {
        let lines = try lines("aarch64", ["sock_aio_write", "sock_aio_read", "inet_sendmsg", "inet_recvmsg"])
        #expect(
            lines.contains {
                $0.hasPrefix("p:g/proto_sendmsg_entry inet_sendmsg socket=%x1:x64") && $0.hasSuffix("size=%x3:u64")
            })
    }

    @Test(
        "Each processor's registers carry the arguments of a creation",
        arguments: [
            ("x86_64", "family=%si:s32 type=%dx:s32 protocol=%cx:s32 requester=%r9:s32"),
            ("i686", "family=%dx:s32 type=%cx:s32 protocol=$stack1:s32 requester=$stack3:s32"),
            ("aarch64", "family=%x1:s32 type=%x2:s32 protocol=%x3:s32 requester=%x5:s32"),
            ("armv7l", "family=%r1:s32 type=%r2:s32 protocol=%r3:s32 requester=$stack1:s32"),
            ("riscv64", "family=%a1:s32 type=%a2:s32 protocol=%a3:s32 requester=%a5:s32"),
            ("ppc64le", "family=%gpr4:s32 type=%gpr5:s32 protocol=%gpr6:s32 requester=%gpr8:s32"),
            ("s390x", "family=%r3:s32 type=%r4:s32 protocol=%r5:s32 requester=$stack20:s32"),
            ("mips64", "family=%r5:s32 type=%r6:s32 protocol=%r7:s32 requester=%r9:s32"),
        ])
    func registers(machine: String, arguments: String) throws {
        #expect(try lines(machine).contains("p:g/create_entry __sock_create \(arguments)"))
    }

    @Test("Words have the width of the processor's", arguments: ["i686", "armv7l", "mips"])
    func narrowWords(machine: String) throws {
        let lines = try lines(machine)
        #expect(
            lines.contains { $0.contains("socket=") }
                && lines.allSatisfy { !$0.contains(":x64") && !$0.contains(":s64") })
        #expect(lines.contains("r:g/write_iter_return sock_aio_write ret=$retval:s32"))
    }
}
