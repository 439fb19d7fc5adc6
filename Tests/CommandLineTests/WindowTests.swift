import Foundation
import SocketEvents
import Testing

@testable import sockftrace

@Suite("Parts of a recording")
struct WindowTests {
    private static let wall: Int64 = 1_795_242_000_000_000_000

    private func report(_ arguments: [String], zone: String = "UTC") throws -> [ToldEvent] {
        let outcome = try Program.run(["report", "--format", "json"] + arguments, environment: ["TZ": zone])
        #expect(outcome.status == 0, "\(outcome.messages)")
        return try ToldEvent.list(outcome.output)
    }

    private func seconds(_ time: UInt64) -> String {
        "\(time / 1_000_000_000).\(String(1_000_000_000 + time % 1_000_000_000).dropFirst())"
    }

    @Test(
        "From one event to another, by the trace clock, the beginning, or the time of day",
        arguments: ["UTC", "<+0530>-5:30"])
    func times(zone: String) throws {
        let recordings = try Recordings()
        let path = try recordings.make("trace.dat", notes: ["wall \(Self.wall)"])
        let all = try report([path])
        let (first, last) = (all[300].time, all[900].time)
        let expected = all.filter { (first...last).contains($0.time) }
        #expect(expected.count >= 601 && expected.count < all.count)
        #expect(try report([path, "--since", seconds(first), "--until", seconds(last)]) == expected)
        #expect(try report([path, "--since", seconds(first)]) == all.filter { $0.time >= first })
        #expect(try report([path, "--until", seconds(last)]) == all.filter { $0.time <= last })

        let found = try beginning(path)
        let began = try #require(found)
        let after = ["--since", "+\(seconds(first - began))", "--until", "+\(seconds(last - began))"]
        #expect(try report([path] + after) == expected)

        for format in ["%F %T", "%FT%T", "%T"] {
            let times = try [first, last].map { time in
                let since1970 = UInt64(Self.wall) + time
                let date = try date(since1970 / 1_000_000_000, format, zone: zone)
                return "\(date).\(String(1_000_000_000 + since1970 % 1_000_000_000).dropFirst())"
            }
            #expect(try report([path, "--since", times[0], "--until", times[1]], zone: zone) == expected, "\(times)")
        }
    }

    @Test("The dates in the first column are those of date(1)", arguments: ["UTC", "<-0330>3:30"])
    func wall(zone: String) throws {
        let recordings = try Recordings()
        let path = try recordings.make("trace.dat", notes: ["wall \(Self.wall)"])
        let first = try report([path]).first
        let time = try #require(first).time + UInt64(Self.wall)
        let outcome = try Program.run(["report", "--time", "wall", path], environment: ["TZ": zone])
        let lines = outcome.output.split(separator: "\n")
        let expected = try date(time / 1_000_000_000, "%F %T", zone: zone)
        #expect(lines[1].hasPrefix("\(expected).\(String(1_000_000_000 + time % 1_000_000_000).dropFirst()) create "))
    }

    @Test("What was recorded on some CPUs")
    func cpus() throws {
        let all = try report([Recordings.own])
        for (list, wanted) in [("0", [0]), ("1", [1]), ("0-1", [0, 1]), ("1,5-7", [1])] as [(String, [UInt32])] {
            #expect(try report([Recordings.own, "--cpu", list]) == all.filter { wanted.contains($0.cpu) })
        }
        let absent = try Program.run(["report", Recordings.own, "--cpu", "7"])
        #expect(absent.status == 2 && absent.messages.contains("none of these was recorded; there are 0, 1"))
        let backwards = try Program.run(["report", Recordings.own, "--since", "+5", "--until", "+1"])
        #expect(backwards.status == 2 && backwards.messages.contains("--until is before --since"))
    }

    @Test("No more events than were asked for, in every format")
    func count() throws {
        for format in ["text", "json", "csv"] {
            let all = try Program.run(["report", Recordings.own, "--format", format])
            let some = try Program.run(["report", Recordings.own, "--format", format, "--count", "1500"])
            let lines = format == "json" ? 1500 : 1501
            #expect(some.status == 0 && some.output.split(separator: "\n").count == lines)
            #expect(all.output.hasPrefix(some.output))
        }
        let bare = try Program.run(["report", Recordings.own, "--columns", "bytes,comm", "--no-header", "--count", "2"])
        #expect(
            bare.output.split(separator: "\n").map { $0.split(separator: " ") } == [
                ["ok", "workload"], ["ok", "workload"],
            ])
    }

    @Test(
        "A file without the time of day says so where it is needed",
        arguments: [["--time", "wall"], ["--since", "10:00"]])
    func unknown(arguments: [String]) throws {
        let recordings = try Recordings()
        let outcome = try Program.run(["report", try recordings.make("old.dat")] + arguments)
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.messages.contains("does not tell the time of day"))
    }

    @Test("Standard input may be a pipe or a file", arguments: [true, false])
    func standardInput(isPipe: Bool) throws {
        let expected = try Program.run(["report", Recordings.own])
        let process = Program.process(["report", "-"])
        var outcome = try Program.run(["report", "-"], piping: Recordings.own)
        if !isPipe {
            let output = Pipe()
            process.standardInput = FileHandle(forReadingAtPath: Recordings.own)
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            outcome.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            outcome.status = process.terminationStatus
        }
        #expect(outcome.status == 0 && outcome.output == expected.output)
    }

    @Test(
        "What is no time and no list of CPUs is refused",
        arguments: [
            ["--since", ""], ["--since", "soon"], ["--since", "1.0000000001"], ["--since", "+-1"],
            ["--since", "24:00"],
            ["--until", "2026-02-30 10:00"], ["--until", "2026-11-21"], ["--until", "12:60:00"], ["--cpu", ""],
            ["--cpu", "3-1"],
            ["--cpu", "0,"], ["--cpu", "x"], ["--time", "wall", "--format", "json"], ["-", "-i", "-"],
        ])
    func refused(arguments: [String]) throws {
        let outcome = try Program.run(["report", Recordings.own] + arguments)
        #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
    }

    @Test func info() throws {
        let recordings = try Recordings()
        let notes = ["wall \(Self.wall)", "boot abc", "probe p:g/e f", "remark \u{1b}[2Jred"]
        let path = try recordings.make("trace.dat", notes: notes)
        let outcome = try Program.run(["report", "--info", path, Recordings.own], environment: ["TZ": "UTC"])
        #expect(outcome.status == 0)
        let began = (try #require(try beginning(path)) + UInt64(Self.wall)) / 1_000_000_000
        for text in [
            "version 7, compression none, 64 bits, little endian", "machine    Linux ",
            try date(began, "%F %T +0000", zone: "UTC"),
            "boot       abc", "CPU: 1, entries: ", "field offsets from BTF", "probe      p:g/e f", "\\x1b[2Jred",
            "compression zstd",
        ] { #expect(outcome.output.contains(text), "\(text) in \(outcome.output)") }
        let verbose = try Program.run(["report", "-v", path])
        #expect(verbose.messages.contains("probe: p:g/e f") && verbose.messages.contains("\\x1b[2Jred"))
        #expect(!(outcome.output + verbose.messages).contains("\u{1b}"))
    }

    private func beginning(_ path: String) throws -> UInt64? {
        let line = try Program.run(["report", "--info", path]).output.split(separator: "\n").first {
            $0.contains("began")
        }
        let parts = line?.split(separator: " ")[1].split(separator: ".")
        return parts.flatMap { UInt64($0.joined()) }
    }

    private func date(_ seconds: UInt64, _ format: String, zone: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/date")
        process.arguments = ["-d", "@\(seconds)", "+\(format)"]
        process.environment = ["TZ": zone]
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}
