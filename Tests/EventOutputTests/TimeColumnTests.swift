import EventOutput
import Foundation
import SocketEvents
import Testing

@Suite("What the first column of text shows")
struct TimeColumnTests {
    private func line(at time: UInt64, _ column: TimeColumn, width: Int? = nil) -> String {
        var event = Sample.full(.send)
        event.time = time
        var out = OutputBuffer()
        renderer(column, width).render(.plain(event), into: &out)
        return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// One that shows all columns, or those that fit.
    private func renderer(_ column: TimeColumn, _ width: Int? = nil) -> EventRenderer {
        let layout = width.map { TextLayout(fitting: $0, time: column) } ?? TextLayout(time: column)
        return EventRenderer(format: .text, flagNames: Sample.flagNames, layout: layout, time: column)
    }

    @Test("Days and times of day are those of date(1)")
    func dates() throws {
        var seconds: [UInt64] = [0, 951_782_399, 951_782_400, 951_868_800, 1_709_164_800, 4_107_542_399, 4_107_542_400]
        for step in 0..<60 { seconds.append(UInt64(step) * 86_399 * 523) }
        let list = Data(seconds.map { "@\($0)\n" }.joined().utf8)
        let expected = try run("/usr/bin/date", ["-u", "-f", "-", "+%F %T"], input: list).split(separator: "\n")
        #expect(expected.count == seconds.count)
        for (second, date) in zip(seconds, expected) {
            // The trace clock began 1000.25 s before.
            let column = TimeColumn.wall(offset: Int64(second) * 1_000_000_000 - 1_000_250_000_000, zone: 0)
            #expect(line(at: 1_000_250_000_007, column).hasPrefix("\(date).000000007 "), "second \(second)")
        }
    }

    @Test(
        "A day that was made of a number has that number", arguments: [-719_468, -1, 0, 11_016, 19_782, 20_778, 47_541])
    func days(number: Int64) {
        let date = CivilDate(daysSince1970: number)
        #expect(date.daysSince1970 == number)
        #expect((1...12).contains(date.month) && (1...31).contains(date.day))
    }

    @Test("Zones ahead of and behind UTC", arguments: [(7200, "23:13:20"), (0, "21:13:20"), (-34200, "11:43:20")])
    func zones(zone: Int, time: String) {
        let text = line(at: 0, .wall(offset: 1_600_118_000_000_000_000, zone: zone))
        #expect(text.hasPrefix("2020-09-14 \(time).000000000 "))
    }

    @Test("Times since the beginning, and before it")
    func relative() {
        #expect(line(at: 12_500_000_123, .relative(to: 11_000_000_000)).hasPrefix("     1.500000123 send"))
        #expect(line(at: 10_999_999_999, .relative(to: 11_000_000_000)).hasPrefix("    -0.000000001 send"))
    }

    @Test("In a terminal, microseconds and no day")
    func short() {
        #expect(line(at: 12_500_000_123, .clock, width: 80).hasPrefix("    12.500000 send"))
        #expect(line(at: 12_500_000_123, .relative(to: 11_000_000_000), width: 80).hasPrefix("     1.500000 send"))
        #expect(
            line(at: 1_000, .wall(offset: 1_600_118_000_000_000_000, zone: 0), width: 80)
                .hasPrefix("21:13:20.000001 send"))
    }

    @Test("Titles and values stay above each other, whatever the column shows", arguments: [nil, 80, 120])
    func columns(width: Int?) {
        for column in [TimeColumn.clock, .relative(to: 0), .wall(offset: 1_600_000_000_000_000_000, zone: 0)] {
            var header = OutputBuffer()
            renderer(column, width).header(into: &header)
            let titles = header.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            let text = line(at: 77_000_000_001, column, width: width)
            for (title, value) in [
                (" EVENT", " send"), (" PROCESS", " nginx"), (" PROTO", " TCP"), (" TYPE", " STREAM"),
            ] {
                let (above, below) = (titles.range(of: title), text.range(of: value))
                #expect(
                    above?.lowerBound.utf16Offset(in: titles) == below?.lowerBound.utf16Offset(in: text), "\(title)")
            }
        }
    }
}
