import Foundation
import Testing

@Suite("Reports of several files")
struct SeveralFilesTests {
    private static let wall: Int64 = 1_795_242_000_000_000_000

    private func report(_ arguments: [String]) throws -> (events: [ToldEvent], outcome: Program.Outcome) {
        let outcome = try Program.run(["report", "--format", "json"] + arguments)
        #expect(outcome.status == 0, "\(outcome.messages)")
        return (try ToldEvent.list(outcome.output), outcome)
    }

    @Test("Of one boot they are merged by the trace clock, which they share")
    func oneBoot() throws {
        let recordings = try Recordings()
        // What the notes say of the time of day is then of no importance.
        let first = try recordings.make("first", notes: ["boot abc", "wall \(Self.wall)"])
        let second = try recordings.make("second", notes: ["boot abc", "wall \(Self.wall + 5_000_000_000)"])
        let events = try report([first, second]).events
        #expect(events.map(\.time) == events.map(\.time).sorted())
        #expect(Set(events.prefix(10).map(\.file)) == [first, second])
        let alone = try report([first]).events
        for path in [first, second] {
            let own = events.filter { $0.file == path }
            #expect(own.map(\.time) == alone.map(\.time) && own.map(\.name) == alone.map(\.name))
        }
    }

    @Test("Of several machines they are merged by the time of day")
    func timeOfDay() throws {
        let recordings = try Recordings()
        let shift: Int64 = 300_000_000
        let early = try recordings.make("early", notes: ["boot abc", "wall \(Self.wall)"])
        let late = try recordings.make("late", notes: ["boot def", "wall \(Self.wall + shift)"])
        let events = try report([late, early]).events
        let times = events.map { Int64($0.time) + ($0.file == late ? shift : 0) }
        #expect(times == times.sorted())
        #expect(events.first?.file == early && events.last?.file == late)
        let alone = try report([early]).events.map { Int64($0.time) }
        let merged = (alone.map { ($0, early) } + alone.map { ($0 + shift, late) }).sorted { $0.0 < $1.0 }
        #expect(events.map(\.file) == merged.map(\.1))
        // They lie within each other, not one behind the other.
        #expect(alone.contains { $0 > alone[0] + shift })
        // The beginning is that of the earlier one, for both.
        let text = try Program.run(["report", "--time", "relative", early, late]).output.split(separator: "\n")
        let seconds = try text.dropFirst().map { try #require(Double($0.split(separator: " ")[1])) }
        #expect(seconds == seconds.sorted() && (0..<1).contains(seconds.first ?? -1))
    }

    @Test("Without a clock in common one follows the other, and that is said")
    func noClock() throws {
        let recordings = try Recordings()
        let first = try recordings.make("first", notes: ["boot abc"])
        let second = try recordings.make("second", notes: ["boot def", "wall \(Self.wall)"])
        let (events, outcome) = try report([second, "-i", first])
        let files = events.compactMap(\.file)
        #expect(files == files.sorted(by: >) && Set(files).count == 2)
        #expect(outcome.messages.contains("no clock"))
        #expect(outcome.messages.contains("\(first): ") && outcome.messages.contains("\(second): "))
    }

    @Test("Each line says which file it is of, in every format, whatever the name", arguments: ["text", "csv", "json"])
    func labels(format: String) throws {
        let recordings = try Recordings()
        let names = ["plain", "with,\"comma\"", "esc\u{1b}[31m\u{9b}\nline\\x41"]
        let paths = try names.map { try recordings.make($0, notes: ["boot abc"]) }
        let alone = try Program.run(["report", "--format", format, paths[0]]).output.split(separator: "\n")
        let outcome = try Program.run(["report", "--format", format] + paths)
        let lines = outcome.output.split(separator: "\n")
        let headers = format == "json" ? 0 : 1
        #expect(lines.count == (alone.count - headers) * 3 + headers)
        let unsafe: (Unicode.Scalar) -> Bool = { $0 != "\n" && ($0.value < 0x20 || (0x7f...0x9f).contains($0.value)) }
        #expect(!(outcome.output + outcome.messages).unicodeScalars.contains(where: unsafe))
        switch format {
        case "json":
            #expect(Set(try ToldEvent.list(outcome.output).map(\.file)) == Set(paths))
            let own = lines.filter { $0.hasPrefix("{\"file\":\"\(paths[0])\",") }
            #expect(own.map { "{" + $0.dropFirst("{\"file\":\"\(paths[0])\",".count) } == alone.map { String($0) })
        case "csv":
            let own = lines.filter { $0.hasPrefix(paths[0] + ",") }.map { $0.dropFirst(paths[0].count + 1) }
            #expect(own == Array(alone.dropFirst()))
            #expect(lines[0] == "file," + alone[0])
            #expect(lines.contains { $0.hasPrefix("\"\(recordings.path("with"))") && $0.contains("\"\"comma\"\"\",") })
        default:
            let own = lines.filter { $0.hasPrefix(paths[0] + " ") }
            #expect(
                own.map { $0.drop { $0 != " " }.drop { $0 == " " } } == alone.dropFirst().map { $0.drop { $0 == " " } })
            #expect(
                Set(lines.map { $0.firstRange(of: "socket.")?.lowerBound.utf16Offset(in: $0) }.dropFirst()).count == 1)
        }
    }

    @Test("A summary adds them up")
    func summary() throws {
        let recordings = try Recordings()
        let paths = try ["first", "second"].map { try recordings.make($0) }
        struct Row: Decodable {
            var direction: String
            var comm: String
            var messages: Int
        }
        func messages(_ arguments: [String]) throws -> [String: Int] {
            let outcome = try Program.run(["summary", "--by", "comm", "--format", "json"] + arguments)
            #expect(outcome.status == 0)
            let rows = try outcome.output.split(separator: "\n")
                .map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
            return Dictionary(rows.map { ("\($0.direction) \($0.comm)", $0.messages) }) { $0 + $1 }
        }
        let one = try messages([paths[0]])
        #expect(!one.isEmpty)
        #expect(try messages([paths[0], "-i", paths[1]]) == one.mapValues { $0 * 2 })
    }

    @Test("A file that is cut short costs no event of the others, and makes the status 1")
    func cut() throws {
        let recordings = try Recordings()
        let whole = try recordings.make("whole")
        let cut = recordings.path("cut")
        try Data(contentsOf: URL(filePath: whole)).dropLast(30_000).write(to: URL(filePath: cut))
        let outcome = try Program.run(["report", "--format", "json", cut, whole])
        #expect(
            outcome.status == 1 && outcome.messages.contains("\(cut): the file is cut short"), "\(outcome.messages)")
        let events = try ToldEvent.list(outcome.output)
        let alone = try report([whole]).events.count
        #expect(events.count { $0.file == whole } == alone)
        #expect(events.contains { $0.file == cut })
    }
}
