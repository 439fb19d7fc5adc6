import Foundation
import Testing

@Suite struct ReportCommandTests {
    @Test("A file that cannot be read is one clear message and status 1")
    func badFiles() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let empty = directory.appending(path: "empty").path
        let other = directory.appending(path: "other").path
        try Data().write(to: URL(filePath: empty))
        try Data("no trace at all, but a text of some length".utf8).write(to: URL(filePath: other))
        let absent = directory.appending(path: "absent").path
        for (path, reason) in [(absent, "No such file"), (empty, "empty"), (other, "not a trace.dat")] {
            let outcome = try Program.run(["report", path])
            #expect(outcome.status == 1 && outcome.output.isEmpty)
            #expect(outcome.messages.hasPrefix("sockftrace: ") && outcome.messages.contains(reason), "\(outcome)")
            #expect(outcome.messages.contains(path))
        }
    }

    @Test("Who follows a file that nobody writes gets its report; several files, a stream and --info are refused")
    func followingWhatIsFinished() throws {
        let report = try Program.run(["report", Recordings.own, "--format", "json"])
        let followed = try Program.run(["report", "--follow-file", Recordings.own, "--format", "json"])
        #expect(followed.status == 0 && followed.output == report.output && followed.messages == report.messages)
        for arguments in [[Recordings.own, Recordings.own], ["-"], [Recordings.own, "--info"]] {
            let outcome = try Program.run(["report", "--follow-file"] + arguments)
            #expect(outcome.status == 2 && outcome.messages.contains("--follow-file"), "\(outcome)")
        }
    }

    @Test("Fields that a recording does not have are null, and named once")
    func fieldsThatAreMissing() throws {
        let outcome = try Program.run(["report", Recordings.own, "--format", "json", "--fields", "fd,uid"])
        #expect(outcome.status == 0)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 1791 && lines.allSatisfy { $0.hasSuffix(",\"fd\":null,\"uid\":null}") })
        for field in ["fd", "uid"] {
            let said = "\(Recordings.own) has no \(field)\n    Fix: record with --fields \(field)\n"
            #expect(outcome.messages.components(separatedBy: said).count == 2, "\(outcome.messages)")
        }
    }

    @Test("What a recording holds is told in short: how long, how many of what, who")
    func info() throws {
        let outcome = try Program.run(["report", "--info", Recordings.own])
        #expect(outcome.status == 0)
        for part in [
            "  lasted     ", "  events     1791: 694 send, 787 receive, ", "  bytes      546 kB sent, 35.0 kB received",
            "  failed     117: EAGAIN=72 ", "  busiest    workload/117 682 messages, ",
        ] {
            #expect(outcome.output.contains(part), "\(part) in\n\(outcome.output)")
        }
    }

    @Test("Any number of threads shows the same", arguments: ["5.10", "6.1-nobpf", "newest"])
    func threads(kernel: String) throws {
        let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = top.appending(path: "fixtures/kernels/\(kernel)/own.dat").path
        let probes = ["sendmsg", "sendmsg.return", "recvmsg", "recvmsg.return", "close", "send", "receive"]
        let all = probes.flatMap { ["--probe", "socket.\($0)"] }
        for arguments in [
            ["report"] + all, ["report", "--format", "json"] + all, ["summary", "--by", "socket,error"],
        ] {
            let one = try Program.run(arguments + [file, "--threads", "1"])
            #expect(one.status == 0 && one.output.utf8.count > 10_000)
            for count in ["2", "3", "16"] {
                let several = try Program.run(arguments + [file, "--threads", count])
                #expect(several.output == one.output && several.messages == one.messages)
                #expect(several.status == one.status)
            }
        }
        #expect(try Program.run(["report", file, "--threads", "0"]).status == 2)
    }

    /// Root is exempt from RLIMIT_NPROC unless its real user is another and these capabilities are gone (copy_process).
    private static let withoutPrivileges =
        getuid() == 0 ? ["setpriv", "--ruid", "65534", "--bounding-set", "-sys_resource,-sys_admin"] : []

    @Test(
        "Where no thread can be made, or not all, the same is shown",
        arguments: [["prlimit", "--nproc=1"], ["prlimit", "--nproc=2"], ["prlimit", "--as=50000000"]])
    func fewThreads(limit: [String]) throws {
        let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = top.appending(path: "fixtures/kernels/6.1/own.dat").path
        let prefix = ["timeout", "60"] + Self.withoutPrivileges + limit
        for arguments in [["report", "--format", "json", file], ["summary", file]] {
            let usual = try Program.run(arguments + ["--threads", "1"])
            #expect(usual.status == 0 && usual.output.utf8.count > 1000)
            let limited = try Program.run(arguments + ["--threads", "4"], under: prefix)
            #expect(limited.output == usual.output && limited.messages == usual.messages)
            #expect(limited.status == 0)
        }
    }

    @Test("A trace.dat without our events says how to make one with them")
    func foreignFile() throws {
        let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let outcome = try Program.run(["report", top.appending(path: "fixtures/trace-dat/v7-none.dat").path])
        #expect(outcome.status == 1 && outcome.messages.contains("probes add"), "\(outcome)")
    }
}
