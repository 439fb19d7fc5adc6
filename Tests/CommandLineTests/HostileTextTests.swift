import Foundation
import Testing

@Suite("No escape sequence of a forged file reaches a terminal")
struct HostileTextTests {
    private static let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{e0041}x"

    /// Nothing but line ends and what can be seen.
    private func expectHarmless(_ outcome: Program.Outcome, _ what: [String]) {
        for text in [outcome.output, outcome.messages] {
            let scalars = text.unicodeScalars.filter { scalar in
                guard scalar != "\n" else { return false }
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: return true
                default: return false
                }
            }
            #expect(scalars.isEmpty, "\(what): \(scalars.map { String($0.value, radix: 16) }.prefix(5))")
        }
    }

    @Test("Names of threads, texts of the recorder, of the machine and of the file's own name, in every output")
    func texts() throws {
        let recordings = try Recordings()
        var forgery = Recordings.Forgery()
        // The name that the kernel recorded for most threads of the workload.
        forgery.records = (Array("workload".utf8), [0x1b] + Array("[31m".utf8) + [0xc2, 0x9b, 0x0a])
        forgery.text = Self.evil
        forgery.comm = Self.evil
        forgery.statistics = ["CPU: 7\(Self.evil)\nentries: 1"]
        forgery.format = (
            "sockftrace_7\(Self.evil)",
            "name: not_ours\nID: 3999\nformat:\n\tfield:int x;\toffset:0;\tsize:4;\tsigned:1;\n\nprint fmt: \"\(Self.evil)\"\n"
        )
        let notes = [
            "remark \(Self.evil)", "probe \(Self.evil)", "boot \(Self.evil)", "remark field offsets \(Self.evil)",
        ]
        let path = try recordings.make("esc\(Self.evil)\nape", notes: notes, forgery)
        var seen = ""
        for arguments in [
            ["report"], ["report", "--format", "json"], ["report", "--format", "csv"], ["report", "-v", path],
            ["report", "--info"], ["report", "--time", "wall"], ["summary"], ["summary", "--format", "json"],
            ["summary", "--format", "csv"], ["summary", "-v", "--by", "comm,error"],
        ] {
            let outcome = try Program.run(arguments + (arguments.contains(path) ? [] : [path]))
            expectHarmless(outcome, arguments)
            #expect(outcome.status == 0 || arguments.contains("wall"))
            seen += outcome.output + outcome.messages
        }
        // The forged name is told, and visibly so.
        #expect(seen.contains("\\x1b[31m\\xc2\\x9b\\x0a") && seen.contains("\\u001b[31m\\u009b\\u000a"))
        #expect(seen.contains("\\x1b]0;owned\\x07"))
    }

    @Test("A filter that the file asks for")
    func filters() throws {
        let recordings = try Recordings()
        let path = try recordings.make("trace.dat", notes: ["filter comm \(Self.evil)", "filter family \(Self.evil)"])
        for arguments in [["report", path], ["report", "-v", path], ["report", "--info", path]] {
            expectHarmless(try Program.run(arguments), arguments)
        }
    }

    @Test("What is wrong with a file")
    func errors() throws {
        let recordings = try Recordings()
        var forgery = Recordings.Forgery()
        forgery.format = (
            "sockftrace\(Self.evil)", "name: evil\(Self.evil)\nID: 4000\nformat:\n\tfield:\(Self.evil) x[\(Self.evil)\n"
        )
        let badFormat = try recordings.make("format\(Self.evil)", forgery)
        let own = Array(try Data(contentsOf: URL(filePath: Recordings.own)))
        func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
            try Data(bytes).write(to: URL(filePath: recordings.path(name)))
            return recordings.path(name)
        }
        let prefix = Array(own.prefix(10))
        let version = try write("version\(Self.evil)", prefix + Array("\u{1b}[31m\0".utf8) + own.dropFirst(12))
        // Behind the version, byte order, word and page size stands the compression's name.
        let compression = try write("compression", own.prefix(18) + Array("\u{1b}[2J\0".utf8) + own.dropFirst(23))
        let cut = try write("cut\(Self.evil)", own.dropLast(9000))
        let text = try write("text", Array("\u{1b}[31mno trace\u{7}".utf8))
        for path in [badFormat, version, compression, cut, text, recordings.path("absent\(Self.evil)\nhere")] {
            for command in ["report", "summary"] {
                let outcome = try Program.run([command, path])
                expectHarmless(outcome, [command, path])
                #expect(outcome.status == 1 && outcome.messages.hasPrefix("sockftrace: "), "\(outcome)")
            }
        }
    }

    @Test("Through the command line, a cut recording has the events before the cut, and the status says that it is cut")
    func cuts() throws {
        let recordings = try Recordings()
        let whole = try recordings.make("whole")
        let bytes = Array(try Data(contentsOf: URL(filePath: whole)))
        let all = try Program.run(["report", whole]).output.split(separator: "\n")
        var counts: [Int] = []
        for place in stride(from: 0, to: bytes.count, by: bytes.count / 12) {
            let path = recordings.path("cut")
            try Data(bytes[..<place]).write(to: URL(filePath: path))
            let outcome = try Program.run(["report", path])
            #expect(
                outcome.status == 1 && outcome.messages.hasPrefix("sockftrace: "),
                "cut at \(place): \(outcome.messages)")
            let lines = outcome.output.split(separator: "\n")
            counts.append(lines.count)
            // The first events are those of the whole file; behind the first page that is missing there are gaps.
            let same = zip(lines, all).prefix { $0 == $1 }.count
            #expect(lines.isEmpty || same > 0, "cut at \(place)")
        }
        #expect(counts.first == 0 && counts.last.map { $0 > all.count / 2 } == true, "\(counts)")
    }
}
