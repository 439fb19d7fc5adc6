import Testing

@Suite struct UsageTests {
    @Test(
        "What makes no sense is refused with status 2 and a reason, before anything is touched",
        arguments: [
            (["trace", "--bogus"], "--bogus"),
            (["trace", "ls"], "ls"),
            (["trace", "--"], "no command after --"),
            (["trace", "--format", "xml"], "xml"),
            (["trace", "--duration", "0"], "--duration"),
            (["trace", "--duration", "nan"], "--duration"),
            (["trace", "--duration", "soon"], "soon"),
            (["trace", "--buffer-kb", "0"], "--buffer-kb"),
            (["trace", "--pid=-1"], "-1"),
            (["trace", "--pid", "1", "--", "true"], "cannot be combined"),
            (["trace", "--follow"], "--follow needs --pid"),
            (["trace", "--family", "inet7"], "did you mean INET?"),
            (["trace", "--protocol", "tpc"], "did you mean TCP?"),
            (["trace", "--type", "dgrm"], "did you mean DGRAM?"),
            (["trace", "--probe", "sokcet.send"], "did you mean socket.send?"),
            (["trace", "--probe", "recieve"], "did you mean socket.receive?"),
            (["trace", "--probe", "zzz"], "known: socket.send, socket.receive"),
            (["trace", "--min-size=-5"], "-5"),
            (["trace", "--user", "no such user", "--", "true"], "no such user"),
            (["trace", "--pretend-absent", "sock_sendmgs"], "sock_sendmgs is no function"),
            (["doctor", "--pretend-silent", "vfs_read"], "vfs_read is no function"),
            (["record", "--file-version", "5"], "give 6 or 7"),
            (["record", "--compression", "zstd", "--file-version", "6"], "--compression zstd needs"),
            (["record", "--compression", "lz4"], "lz4"),
            (["report", "--user", "root"], "needs a live trace"),
            (["report", "--all", "--pid", "1"], "cannot be combined"),
            (["probes", "bogus"], "bogus"),
            (["bogus"], "bogus"),
        ] as [([String], String)])
    func refused(arguments: [String], reason: String) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status == 2, "\(outcome)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.messages.hasPrefix("sockftrace: ") && outcome.messages.contains(reason), "\(outcome.messages)")
    }

    @Test("No command is bad usage, and shows the help", arguments: [[], ["probes"]])
    func nothing(arguments: [String]) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty && outcome.messages.contains("SUBCOMMANDS:"))
    }

    @Test(
        "Help that is asked for goes to standard output with status 0 and has an example",
        arguments: [
            ["--help"], ["help"], ["trace", "--help"], ["record", "-h"], ["help", "report"], ["list", "--help"],
        ])
    func help(arguments: [String]) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("sockftrace ") && outcome.output.contains("USAGE:") && outcome.messages.isEmpty)
    }

    @Test func version() throws {
        let outcome = try Program.run(["--version"])
        #expect(outcome.status == 0 && outcome.output.contains("."))
    }

    @Test("A name with escape sequences reaches no terminal as it is")
    func escapes() throws {
        let outcome = try Program.run(["trace", "--probe", "\u{1b}[31mred\u{9b}1m"])
        #expect(!outcome.messages.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{9b}" })
        #expect(outcome.messages.contains("\\x1b[31mred\\xc2\\x9b1m"))
    }
}
