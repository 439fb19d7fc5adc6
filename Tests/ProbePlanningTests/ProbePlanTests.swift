import ProbePlanning
import KernelLayout
import SocketEvents
import SocketNames
import ProbeContract
import Testing

extension StructLayout {
    /// Debian's 6.1 on x86-64.
    static var debian61: StructLayout {
        func place(_ offset: Int, _ width: Int) -> Place { Place(offset: offset, width: width, source: .btf) }
        return StructLayout(
            places: [
                .socketState: place(0, 4), .socketType: place(4, 2), .socketFlags: place(8, 8),
                .socketSock: place(24, 8), .socketOps: place(32, 8), .opsFamily: place(0, 4),
                .sockProtocol: place(492, 2), .messageCount: place(32, 8), .iteratorCount: place(16, 8),
                .kiocbFile: place(0, 8), .filePrivateData: place(192, 8),
            ], flagNames: SocketFlagNames(compact: "N2C3S4Z5O6P7"))
    }
}

/// Functions that kernels of Debian's have, 5.10 and 6.1 without the first parts.
private let functions61 = [
    "__sock_sendmsg", "sock_sendmsg", "____sys_sendmsg", "__sys_sendto", "sock_write_iter", "sock_sendpage",
    "do_writev", "security_socket_sendmsg", "sock_recvmsg", "____sys_recvmsg", "__sys_recvfrom", "sock_read_iter",
    "sock_splice_read", "do_readv", "security_socket_recvmsg", "__sock_create", "__sock_release", "sock_release",
    "sock_close",
]

private func plan(
    _ functions: [String] = functions61, layout: StructLayout = .debian61,
    convention: CallingConvention = .byNumber, hasMaxActive: Bool = true, aliases: AliasSet = .all
) -> ProbePlan {
    ProbePlan(
        for: PlanRequest(
            symbols: KernelSymbols(names: functions), layout: layout, convention: convention,
            hasMaxActive: hasMaxActive, aliases: aliases))
}

@Suite struct ProbePlanTests {
    private func text(_ plan: ProbePlan, of symbol: String) -> [String] {
        plan.probes.filter { $0.symbol == symbol }.map { $0.text(group: "g") }
    }

    @Test func `Where the inner function of all sends is there it is probed`() {
        let socket =
            "state=+0($arg1):u32 type=+4($arg1):u16 flags_N2C3S4Z5O6P7=+8($arg1):u64 family=+0(+32($arg1)):u32"
        #expect(
            text(plan(), of: "__sock_sendmsg") == [
                "p:g/sendmsg_entry __sock_sendmsg socket=$arg1:x64 \(socket) protocol=+492(+24($arg1)):u16"
                    + " size=+32($arg2):u64",
                "r4096:g/sendmsg_return __sock_sendmsg ret=$retval:s32",
            ])
        #expect(text(plan(), of: "__sys_sendto") == [])
    }

    @Test func `The socket of a write is the file's`() {
        let socket = "+192(+0($arg1))"
        #expect(
            text(plan(), of: "sock_write_iter") == [
                "p:g/write_iter_entry sock_write_iter socket=\(socket):x64 state=+0(\(socket)):u32"
                    + " type=+4(\(socket)):u16 flags_N2C3S4Z5O6P7=+8(\(socket)):u64 family=+0(+32(\(socket))):u32"
                    + " protocol=+492(+24(\(socket))):u16 size=+16($arg2):u64",
                "r4096:g/write_iter_return sock_write_iter ret=$retval:s64",
            ])
    }

    @Test func `Neighbouring members are fetched at once for a trace that nobody else reads`() {
        func arguments(_ layout: StructLayout) -> String? {
            var request = PlanRequest(
                symbols: KernelSymbols(names: functions61), layout: layout, aliases: AliasSet([.receive]))
            request.packsFields = true
            return ProbePlan(for: request).probes.first { $0.symbol == "sock_read_iter" }?.text(group: "g")
        }
        let socket = "+192(+0($arg1))"
        let others = "family=+0(+32(\(socket))):u32 protocol=+492(+24(\(socket))):u16"
        let begin = "p:g/read_iter_entry sock_read_iter socket=\(socket):x64"
        #expect(
            arguments(.debian61) == "\(begin) pack_state0w4_type4w2_flags8w8=+0(\(socket)):x64[2] \(others)")

        var padded = StructLayout.debian61
        padded[.socketState]?.offset = 40
        padded[.socketType]?.offset = 32
        padded[.socketFlags]?.offset = 24
        #expect(
            arguments(padded) == "\(begin) pack_state16w4_type8w2_flags0w8=+24(\(socket)):x64[3] \(others)")

        var torn = StructLayout.debian61
        torn[.socketFlags]?.offset = 64
        #expect(
            arguments(torn)
                == "\(begin) state=+0(\(socket)):u32 type=+4(\(socket)):u16 flags_N2C3S4Z5O6P7=+64(\(socket)):u64 \(others)"
        )
    }

    @Test func `A creation is probed for the caller's arguments, a mark for nothing`() {
        #expect(
            text(plan(), of: "__sock_create") == [
                "p:g/create_entry __sock_create family=$arg2:s32 type=$arg3:s32 protocol=$arg4:s32 requester=$arg6:s32",
                "r256:g/create_return __sock_create ret=$retval:s32",
            ])
        #expect(text(plan(), of: "do_writev").first == "p:g/writev_entry do_writev")
    }

    @Test func `A closing socket may lack its sk, which is fetched to tell`() {
        let lines = text(plan(), of: "__sock_release") + text(plan(), of: "sock_release")
        #expect(lines.count == 4)
        #expect(lines.filter { $0.hasPrefix("p:") }.allSatisfy { $0.contains(" sk=+24($arg1):x64 ") })
        #expect(Set(lines.map { $0.split(separator: " ")[0] }).count == 4)
    }

    @Test func `Without the inner function the system call has the size and the hook the socket`() {
        let without = plan(functions61.filter { $0 != "__sock_sendmsg" })
        #expect(
            text(without, of: "__sys_sendto") == [
                "p:g/sys_sendto_entry __sys_sendto size=$arg3:u64",
                "r4096:g/sys_sendto_return __sys_sendto ret=$retval:s32",
            ])
        let calls = text(without, of: "security_socket_sendmsg")
        #expect(calls.count == 1)
        #expect(calls.first?.hasPrefix("p:g/proto_sendmsg_call") == true)
        #expect(calls.first?.hasSuffix(" size=$arg3:u64") == true)
    }

    @Test func `A function of which there are two cannot be probed`() {
        #expect(text(plan(functions61 + ["sock_write_iter"]), of: "sock_write_iter") == [])
        #expect(plan([]).probes == [])
    }

    @Test func `Only what the wanted aliases need is probed`() {
        let aliases = AliasSet([.close])
        #expect(Set(plan(aliases: aliases).probes.map(\.symbol)) == ["__sock_release", "sock_release"])
        #expect(
            plan(aliases: AliasSet([.create])).probes.map { $0.text(group: "g") }
                == [
                    "p:g/create_call __sock_create family=$arg2:s32 type=$arg3:s32 protocol=$arg4:s32 requester=$arg6:s32"
                ])
        #expect(plan(aliases: []).probes == [])
    }

    @Test func `Where the kernel does not let maxactive be chosen it is left out`() {
        #expect(plan(hasMaxActive: false).probes.allSatisfy { $0.maxActive == nil })
        #expect(text(plan(hasMaxActive: false), of: "do_readv").last == "r:g/readv_return do_readv")
    }

    @Test func `Functions in which threads wait have the most instances, and those that end soon few`() {
        let life = ["__sys_connect", "__sys_accept4", "__sys_bind", "__sys_listen", "__sys_shutdown"]
        let instances = Dictionary(
            plan(functions61 + life).probes.filter { $0.kind == .return }.map { ($0.symbol, $0.maxActive) },
            uniquingKeysWith: { $1 })
        for symbol in ["sock_recvmsg", "__sys_connect", "__sys_accept4", "sock_release"] {
            #expect(instances[symbol] == 4096, "\(symbol)")
        }
        for symbol in ["__sock_create", "__sys_bind", "__sys_listen", "__sys_shutdown"] {
            #expect(instances[symbol] == 256, "\(symbol)")
        }
    }

    @Test func `Members whose place is unknown are not fetched`() {
        var layout = StructLayout.debian61
        layout[.filePrivateData] = nil
        layout[.sockProtocol] = nil
        layout[.messageCount] = nil
        layout.flagNames = nil
        let plan = plan(layout: layout)
        #expect(text(plan, of: "sock_write_iter").first == "p:g/write_iter_entry sock_write_iter size=+16($arg2):u64")
        #expect(
            text(plan, of: "sock_recvmsg").first
                == "p:g/recvmsg_entry sock_recvmsg socket=$arg1:x64 state=+0($arg1):u32 type=+4($arg1):u16"
                + " flags=+8($arg1):u64 family=+0(+32($arg1)):u32")
    }

    @Test func `A protocol that shares a word with others is fetched as a bit field`() {
        var layout = StructLayout.debian61
        layout[.sockProtocol] = .init(offset: 504, width: 4, bits: 8..<16, source: .btf)
        #expect(
            text(plan(layout: layout), of: "sock_recvmsg").first?.contains("protocol=+504(+24($arg1)):b8@8/32") == true)
    }

    @Test(arguments: [("x86_64", "%di", 8), ("aarch64", "%x0", 8), ("armv7l", "%r0", 4), ("riscv64", "%a0", 8)])
    func `Old kernels take registers`(machine: String, first: String, word: Int) throws {
        let convention = try #require(CallingConvention.registers(machine: machine))
        #expect(convention.wordSize == word)
        let line = try #require(text(plan(convention: convention), of: "sock_recvmsg").first)
        #expect(line.contains(" socket=\(first):x\(word * 8) "))
        #expect(!line.contains("$arg"))
        #expect(line.hasSuffix(":u\(word * 8)"))
    }

    @Test func `Where long is 32 bits, so are the results`() throws {
        let arm = try #require(CallingConvention.registers(machine: "armv7l"))
        #expect(text(plan(convention: arm), of: "sock_write_iter").last?.hasSuffix("ret=$retval:s32") == true)
    }

    @Test func `An unknown machine has no registers, and a missing one leaves its argument out`() throws {
        #expect(CallingConvention.registers(machine: "vax") == nil)
        let mips = try #require(CallingConvention.registers(machine: "mips"))
        #expect(text(plan(convention: mips), of: "__sock_create").first?.contains("requester") == false)
    }

    @Test(arguments: [nil, "x86_64", "aarch64", "i686", "s390x", "ppc64le"])
    func `Every definition keeps to the kernel's limits`(machine: String?) throws {
        let convention = try machine.map { try #require(CallingConvention.registers(machine: $0)) } ?? .byNumber
        var layout = StructLayout.debian61
        for member in StructLayout.Member.allCases { layout.places[member]?.offset += 9_000 }
        let group = "sockftrace_4194304"
        for functions in [
            functions61, functions61.filter { $0 != "__sock_sendmsg" }, Array(KernelFunction.candidateSymbols),
        ] {
            let probes = plan(functions, layout: layout, convention: convention).probes
            #expect(probes.count > 20)
            // MAX_EVENT_NAME_LEN, MAX_TRACE_ARGS, MAX_ARG_NAME_LEN and MAX_ARGSTR_LEN in kernel/trace/trace_probe.h.
            for probe in probes {
                let text = probe.text(group: group)
                #expect(text.utf8.count <= 4_094)
                #expect(!text.contains("\n") && !text.contains("#"))
                #expect(isName(probe.event.text) && probe.event.text.utf8.count < 64)
                #expect(ProbeEventName(parsing: probe.event.text) == probe.event)
                #expect(probe.arguments.count <= 128)
                for argument in probe.arguments {
                    #expect(isName(argument.name) && argument.name.utf8.count < 32)
                    #expect("\(argument.expression):\(argument.type)".utf8.count <= 63, "\(argument.text)")
                }
                #expect(Set(probe.arguments.map(\.name)).count == probe.arguments.count)
            }
            #expect(Set(probes.map(\.event.text)).count == probes.count)
            #expect(isName(group) && group.utf8.count < 64)
        }
    }

    private func isName(_ text: String) -> Bool {
        let isStart = text.first.map { $0.isLetter || $0 == "_" } ?? false
        return isStart
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x5f
            }
    }
}

@Suite struct KernelSymbolsTests {
    private func symbols(_ text: String) -> KernelSymbols {
        KernelSymbols(kallsyms: Array(text.utf8), wanted: ["sock_recvmsg", "do_readv"])
    }

    @Test func `Text symbols are functions, data are none`() {
        let found = symbols("ffffffff81000000 T sock_recvmsg\n0000000000000000 t do_readv\n")
        #expect(found.canProbe("sock_recvmsg") && found.canProbe("do_readv"))
        #expect(!symbols("ffffffff81000000 D sock_recvmsg\n").canProbe("sock_recvmsg"))
        #expect(!symbols("ffffffff81000000 T sock_recvmsg.cold\n").canProbe("sock_recvmsg"))
    }

    @Test func `A name that two functions bear cannot be probed`() {
        #expect(!symbols("0 t do_readv\n1 t do_readv\t[module]\n").canProbe("do_readv"))
    }

    @Test func `Lines that are none are passed over`() {
        for text in ["", "\n\n", " ", "0 ", "0 t", "0 t ", "0  sock_recvmsg", "\u{0}\u{1} t \u{2}", "0 t do_readv"] {
            #expect(symbols(text).canProbe("do_readv") == (text == "0 t do_readv"))
        }
    }
}
