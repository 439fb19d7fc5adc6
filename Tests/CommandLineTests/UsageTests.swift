import Testing

@Suite struct UsageTests {
    @Test(
        "What makes no sense is refused with status 2 and a reason, before anything is touched",
        arguments: [
            (["trace", "--bogus"], "--bogus"),
            (["trace", "ls"], "sockftrace trace -- ls"),
            (["tarce"], "unknown command 'tarce'; did you mean trace?"),
            (["help", "nosuch"], "unknown command 'nosuch'"),
            (["trace", "--hepl"], "did you mean --help?"),
            (["trace", "--proto", "tcp"], "did you mean --protocol?"),
            (["trace", "--type", "udp"], "try --protocol udp"),
            (["trace", "--protocol", "unix"], "try --family unix"),
            (["trace", "--pid", "-1"], "--pid must not be negative"),
            (["trace", "--errors", "--min-size", "5"], "moved no bytes"),
            (["trace", "--type", "stream", "--protocol", "udp"], "no UDP socket is of the type STREAM"),
            (["trace", "--family", "unix", "--protocol", "tcp"], "no socket of LOCAL has the protocol TCP"),
            (["trace", "--error", "EAGAIM"], "did you mean EAGAIN?"),
            (["trace", "--exclude", "errror=EAGAIN"], "did you mean error?"),
            (["trace", "--error", "EPIPE", "--exclude", "error=EPIPE"], "nothing would be left"),
            (["record", "--discard"], "--discard needs a filter that the kernel cannot apply"),
            (["record", "--discard", "--comm", "sshd"], "--discard needs a filter that the kernel cannot apply"),
            (["record", "--discard", "--errors", "-o", "-"], "--discard is for files"),
            (["record", "--discard", "--errors", "--flight-recorder", "1M"], "--discard and --flight-recorder"),
            (["record", "--on", "exit"], "--on needs --flight-recorder"),
            (["record", "--flight-recorder", "1M", "--on", "exit"], "--on exit needs --pid or a command"),
            (["record", "--flight-recorder", "1M", "--on", "error=ECONREFUSED"], "did you mean ECONNREFUSED?"),
            (["record", "--flight-recorder", "1M", "--on", "latncy>1s"], "did you mean latency?"),
            (["record", "--flight-recorder", "1M", "--on", "latency>soon"], "'soon' is no time"),
            (["trace", "--count", "0"], "--count"),
            (["report", "--wide", "--format", "json"], "--wide is for text"),
            (["report", "--columns", "time,byte"], "did you mean bytes?"),
            (["report", "--wide", "--columns", "time"], "cannot be combined"),
            (["summary", "--by", "peeer"], "unknown --by key 'peeer'"),
            (["summary", "--slowest", "0"], "--slowest"),
            (["summary", "--slowest", "5", "--top", "3"], "not groups"),
            (["summary", "--histogram", "size", "--format", "csv"], "--histogram is for text and json"),
            (["summary", "--diff", "a", "b", "--format", "csv"], "--diff cannot be combined"),
            (["top", "--interval", "1ms"], "at least 100ms"),
            (["top", "--count", "0"], "--count"),
            (["trace", "--"], "no command after --"),
            (["trace", "--format", "xml"], "xml"),
            (["trace", "--format", "html"], "--format html needs a file"),
            (["trace", "--format", "html", "-o", "-"], "name a file"),
            (["trace", "--format", "html", "-o", "/dev/null", "--", "true"], "it is no file"),
            (["trace", "--format", "sqlite", "-o", "x.db", "--count", "3"], "--count and --format sqlite cannot"),
            (["trace", "--format", "sqlite", "-o", "x.db", "--story"], "--story and --format sqlite cannot"),
            (["report", "--format", "chrome", "-o", "x"], "sockftrace export --format chrome"),
            (["record", "--export", "report"], "add --export-format, or one of .html"),
            (["record", "--export-format", "html"], "--export-format needs --export"),
            (["record", "--export", "-", "--export-format", "html"], "name a file"),
            (["record", "-o", "x.db", "--export", "x.db"], "name the same file"),
            (["record", "--export", "/dev/null", "--export-format", "html", "--", "true"], "give --export the name"),
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
            (["record", "--user", "root"], "--user is for live traces and for report"),
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

    @Test("The version is told by any name", arguments: ["--version", "version", "-V"])
    func versions(name: String) throws {
        let outcome = try Program.run([name])
        #expect(outcome.status == 0 && outcome.output.contains(".") && outcome.messages.isEmpty)
    }

    @Test("A name with escape sequences reaches no terminal as it is")
    func escapes() throws {
        let outcome = try Program.run(["trace", "--probe", "\u{1b}[31mred\u{9b}1m"])
        #expect(!outcome.messages.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{9b}" })
        #expect(outcome.messages.contains("\\x1b[31mred\\xc2\\x9b1m"))
    }
}
