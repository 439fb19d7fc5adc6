import LedgerSupport
import Testing

extension KernelTests {
    /// A kernel that lacks functions, and what can then be known.
    struct KernelOverrides: Sendable {
        /// Of its files in /out.
        var name: String
        var absent: [String] = []
        var silent: [String] = []
        /// The protocols' functions are found and probed by where they lie alone.
        var isNameless = false
        /// Those traced; all but where it matters that they are few.
        var aliases: [String] = KernelTests.allAliases
        /// Operations that nothing shows any longer.
        var lacks: @Sendable (_ alias: String, _ line: LedgerLine) -> Bool = { _, _ in false }
        /// What the closing report has to say of that; nil where nothing is lacking, and nothing must be said.
        var remark: String?

        var switches: String {
            ((isNameless ? ["--pretend-nameless"] : []) + absent.map { "--pretend-absent " + $0 }
                + silent.map { "--pretend-silent " + $0 }
                + aliases.map { "--probe " + $0 }).joined(separator: " ")
        }
    }

    private static let writes: Set = [
        "socket.aio_write", "socket.aio_write.return", "socket.writev", "socket.writev.return",
    ]
    private static let reads: Set = [
        "socket.aio_read", "socket.aio_read.return", "socket.readv", "socket.readv.return",
    ]

    private static let pretences = [
        KernelOverrides(name: "inner-send-silent", silent: ["__sock_sendmsg"]),
        KernelOverrides(name: "inner-sends-absent", absent: ["__sock_sendmsg", "security_socket_sendmsg"]),
        KernelOverrides(name: "all-sendmsg-absent", absent: ["__sock_sendmsg", "sock_sendmsg"]),
        KernelOverrides(
            name: "all-sendmsg-silent", silent: ["__sock_sendmsg", "sock_sendmsg", "security_socket_sendmsg"]),
        KernelOverrides(name: "recv-silent", silent: ["sock_recvmsg"]),
        KernelOverrides(name: "recv-absent", absent: ["sock_recvmsg", "security_socket_recvmsg"]),
        KernelOverrides(
            name: "protocols-nameless",
            absent: ["__sock_sendmsg", "security_socket_sendmsg", "sock_recvmsg", "security_socket_recvmsg"],
            isNameless: true),
        KernelOverrides(name: "messages-silent", silent: ["____sys_sendmsg", "____sys_recvmsg"]),
        KernelOverrides(name: "messages-absent", absent: ["____sys_sendmsg", "____sys_recvmsg"]),
        KernelOverrides(
            name: "release-silent", silent: ["__sock_release"],
            // The socket of a socket(2) that is refused is closed before anybody has seen it.
            lacks: { $1.text("call") == "socket" && $1.operation == "close" },
            remark: "close of a refused socket missed"),
        KernelOverrides(
            name: "vectors-absent", absent: ["do_writev", "do_readv"],
            lacks: { alias, _ in writes.contains(alias) || reads.contains(alias) }, remark: "writev without via"),
        KernelOverrides(
            name: "vectors-silent", silent: ["do_writev", "do_readv"],
            lacks: { alias, _ in writes.contains(alias) || reads.contains(alias) }, remark: "readv without via"),
        KernelOverrides(
            name: "iterations-absent", absent: ["sock_write_iter", "sock_read_iter"],
            lacks: { alias, line in
                // A read of nothing ends before any other function is called.
                writes.contains(alias) || reads.contains(alias) || alias.contains("_iter")
                    || (line.operation == "receive" && line.number("asked") == 0 && line.went("aio_read", "readv"))
                    || ["uring_send", "uring_recv"].contains(line.text("call")) && alias.contains("msg")
            },
            remark: "write without via"),
        KernelOverrides(
            name: "create-absent", absent: ["__sock_create"],
            // socket(2) itself is seen, and nothing else that makes sockets.
            lacks: { $0.contains("create") && $1.text("call") != "socket" }, remark: "socketpair missed"),
        KernelOverrides(
            name: "create-silent", silent: ["__sock_create"],
            lacks: { $0.contains("create") && $1.text("call") != "socket" }, remark: "socketpair missed"),
        KernelOverrides(name: "only-sendmsg", aliases: ["socket.sendmsg"]),
        KernelOverrides(name: "only-recvmsg-return", aliases: ["socket.recvmsg.return"]),
    ]

    @Test(
        "Where a function is absent or silent the trace is exact by another, or says what it cannot know",
        arguments: Guest.kernels)
    func pretences(kernel: String) async throws {
        let runs = Self.pretences.map { overrides in
            """
            sockftrace trace --format json \(overrides.switches) -o /out/\(overrides.name) -- \\
                workload ledger /out/\(overrides.name).ledger --short 2> /out/\(overrides.name).messages
            echo "\(overrides.name) $?"

            """
        }
        let outcome = try await Guest(kernel: kernel).run(runs.joined())
        try #require(outcome.status == 0, "\(outcome.log)")
        for overrides in Self.pretences {
            let messages = try outcome.text(overrides.name + ".messages")
            #expect(outcome.log.contains("\(overrides.name) 0\n"), "\(overrides.name): \(messages)")
            try hold(overrides, outcome)
        }
    }

    /// Without security hooks, and with no other function that brings the socket of a send(2).
    private static let onlyProtocols = KernelOverrides(
        name: "protocols-by-name",
        absent: ["__sock_sendmsg", "security_socket_sendmsg", "sock_recvmsg", "security_socket_recvmsg"],
        // CAN's functions are not known by name.
        lacks: { $1.number("family") == 29 && ["send", "sendto", "recv", "recvfrom"].contains($1.text("call")) })

    @Test(
        "Where no addresses are shown the protocols are known by their functions' names, and doctor says so",
        arguments: Guest.kernels)
    func protocolsByName(kernel: String) async throws {
        let overrides = Self.onlyProtocols
        let absent = overrides.absent.map { "--pretend-absent " + $0 }.joined(separator: " ")
        let outcome = try await Guest(kernel: kernel).run(
            """
            sockftrace doctor \(absent) | grep ' protocols: ' > /out/found
            echo 2 > /proc/sys/kernel/kptr_restrict
            sockftrace doctor \(absent) | grep -A 1 ' protocols: ' > /out/restricted
            sockftrace trace --format json \(overrides.switches) -o /out/\(overrides.name) -- \\
                workload ledger /out/\(overrides.name).ledger --short 2> /out/\(overrides.name).messages
            echo "trace $?"
            """)
        #expect(outcome.log.contains("trace 0\n"), "\(outcome.log)")
        #expect(try outcome.text("found").hasPrefix("ok      protocols: their functions were found through "))
        let restricted = try outcome.text("restricted")
        #expect(restricted.hasPrefix("note    protocols: known by the names of their functions alone"), "\(restricted)")
        #expect(restricted.contains("sysctl kernel.kptr_restrict=1"))
        try hold(overrides, outcome)
    }

    private func hold(_ overrides: KernelOverrides, _ outcome: Guest.Outcome) throws {
        var comparison = LedgerComparison(
            ledger: try outcome.lines(overrides.name + ".ledger").map { LedgerLine($0) },
            events: try events(outcome.lines(overrides.name)), aliases: overrides.aliases)
        comparison.flagsHoldPassCredentials = try outcome.isOlder(than: (6, 16))
        comparison.lacks = overrides.lacks
        if overrides.remark != nil { comparison.toleratesUnknown = ["via"] }
        let messages = try outcome.text(overrides.name + ".messages")
        // Where a member's place cannot be learnt the report says so, and what lies there is unknown.
        if messages.contains("(unknown: ") {
            comparison.toleratesUnknown.formUnion(["family", "type", "protocol", "state", "flags", "size"])
        }
        #expect(comparison.count > 1000)
        let tally = comparison.tally()
        #expect(
            tally.isExact,
            """
            \(overrides.name): \(tally.missed) missed, \(tally.extra) extra, \(tally.wrong) wrong
            \(tally.differences.prefix(6).joined(separator: "\n"))
            """)
        if let remark = overrides.remark {
            #expect(messages.contains("self-test: ") && messages.contains(remark), "\(overrides.name): \(messages)")
        } else {
            #expect(!messages.contains("self-test:"), "\(overrides.name): \(messages)")
        }
    }
}
