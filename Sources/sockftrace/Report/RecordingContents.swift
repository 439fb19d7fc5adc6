internal import EventOutput
internal import EventStatistics
internal import SocketEvents
internal import SocketNames

/// Counts what a recording holds, for `report --info`.
struct RecordingContents: ~Copyable, EventConsumer {
    private var summary: EventSummary
    private var counts: [UInt64] = Array(repeating: 0, count: Alias.allCases.count)
    private var first: UInt64?
    private var last: UInt64 = 0

    /// Processes that are named.
    private static let busiest = 5

    private let countsNanoseconds: Bool

    /// - Parameter countsNanoseconds: times are nanoseconds, not ticks.
    init(countsNanoseconds: Bool) {
        self.countsNanoseconds = countsNanoseconds
        var options = SummaryOptions()
        (options.dimensions, options.top) = ([.pid, .comm], Self.busiest)
        summary = EventSummary(options: options)
    }

    var isOver: Bool { false }
    mutating func begin() {}
    mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {}
    mutating func flush() {}
    mutating func end() {}

    mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        for index in events {
            let (alias, time) = (batch[index].alias, batch[index].time)
            counts[Int(alias.rawValue)] += 1
            first = min(first ?? time, time)
            last = max(last, time)
        }
        summary.add(batch, events)
    }

    /// One line a fact: its name and the fact.
    var lines: [(name: String, text: String)] {
        guard let first else { return [("events", "none")] }
        let total = summary.total
        let kinds = Alias.allCases.filter { counts[Int($0.rawValue)] > 0 }
        let words = kinds.map { "\(counts[Int($0.rawValue)]) \($0.word)" }.joined(separator: ", ")
        let processes = summary.lines.map { line in
            let name = (line.key.comm?.description ?? "-") + "/" + (line.key.pid.map(String.init) ?? "-")
            return "\(name) \(line.messages) messages, \(Self.text { $0.append(bytes: line.bytes) })"
        }
        let length = countsNanoseconds ? Self.text { $0.append(duration: last - first) } : "\(last - first) ticks"
        return [
            ("lasted", length + ", from the first event to the last"),
            ("events", "\(counts.reduce(0, +)): \(words)"),
            (
                "bytes",
                "\(Self.text { $0.append(bytes: total.sent.bytes ?? 0) }) sent, "
                    + "\(Self.text { $0.append(bytes: total.received.bytes ?? 0) }) received"
            ),
            (
                "failed",
                total.failed == 0 ? "none" : "\(total.failed): \(Self.text { $0.append(errors: total.errors) })"
            ),
            ("busiest", processes.joined(separator: "; ")),
        ]
    }

    /// The names of the busiest processes, each once, fit to be shown.
    var busiestNames: [String] {
        var names: [String] = []
        for line in summary.lines {
            guard let name = line.key.comm?.description, !names.contains(name) else { continue }
            names.append(name)
        }
        return names
    }

    private static func text(_ body: (inout OutputBuffer) -> Void) -> String {
        var out = OutputBuffer(capacity: 64)
        body(&out)
        return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
