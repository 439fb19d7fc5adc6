internal import EventOutput
internal import Glibc
internal import SocketTracing

/// What a recording says of itself, for people.
enum RecordingInfoText {
    /// One line a fact: its name and the fact.
    typealias Line = (name: String, text: String)

    /// What it is and when it was made, and the details of how.
    /// - Parameter beginning: nanoseconds of the trace clock.
    static func lines(_ facts: RecordingInfo, beginning: UInt64) -> (known: [Line], details: [Line]) {
        let order = facts.isBigEndian ? "big" : "little"
        var lines: [Line] = [
            (
                "format",
                (facts.formatVersion == 0
                    ? "archive of the shell recorder"
                    : "trace.dat version \(facts.formatVersion), compression \(facts.compression)")
                    + ", \(facts.wordSize) bits, \(order) endian"
            ),
            ("recorder", facts.recorder ?? "unknown"), ("machine", facts.uname ?? "unknown"),
            (
                "began",
                facts.countsNanoseconds
                    ? "\(seconds(beginning)) (\(facts.clock))" : "\(beginning), ticks of \(facts.clock)"
            ),
        ]
        if let offset = facts.wallClock { lines[3].text += ", " + date(beginning &+ UInt64(bitPattern: offset)) }
        if let reason = facts.earlyEnd { lines.append(("ended early", reason)) }
        lines += facts.filters.map { ("shown", $0) }
        if let line = discarded(facts) { lines.append(line) }
        var details: [Line] = []
        if let boot = facts.bootID { details.append(("boot", boot)) }
        for buffer in facts.buffers {
            let name = buffer.name.isEmpty ? "buffer" : "buffer \(buffer.name)"
            let bytes = buffer.cpus.map { "CPU \($0.cpu) \($0.bytes)" }.joined(separator: ", ")
            details.append((name, "clock \(buffer.clock), sub-buffers of \(buffer.pageSize) bytes; bytes: \(bytes)"))
        }
        details += facts.cpuStatistics.map { ("statistics", joined($0)) }
        details += facts.remarks.map { ("note", $0) }
        details += facts.probes.map { ("probe", $0) }
        return (lines, details)
    }

    /// What was left out while it was recorded.
    private static func discarded(_ facts: RecordingInfo) -> Line? {
        guard facts.discarding != nil else { return nil }
        let count = facts.discardedRecords.map { "\($0) records" } ?? "records"
        return ("discarded", "\(count) of messages that are not shown")
    }

    /// Lines of a text in one.
    private static func joined(_ text: String) -> String {
        text.split(separator: "\n").joined(separator: ", ")
    }

    private static func seconds(_ time: UInt64) -> String {
        let (seconds, rest) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        return "\(seconds).\(padded(rest, to: 9))"
    }

    /// A time since 1970 in the zone in which it is read.
    private static func date(_ nanoseconds: UInt64) -> String {
        var seconds = time_t(truncatingIfNeeded: nanoseconds / 1_000_000_000)
        var parts = tm()
        var text = [CChar](repeating: 0, count: 64)
        guard localtime_r(&seconds, &parts) != nil, strftime(&text, text.count, "%Y-%m-%d %H:%M:%S %z", &parts) > 0
        else {
            return ""
        }
        return text.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static func padded(_ number: UInt64, to digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(digits - text.count, 0)) + text
    }
}
