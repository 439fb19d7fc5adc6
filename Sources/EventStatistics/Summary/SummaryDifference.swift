package import EventOutput
internal import SocketEvents
internal import SocketNames

/// Two summaries side by side: what was, and what is now. Counts are compared a second, as recordings differ in length.
package struct SummaryDifference: Sendable {
    /// The groups of both, those first that changed most.
    let lines: [Line]
    let total: Line
    private let options: SummaryOptions

    /// A group in both; nothing where one does not have it.
    struct Line: Sendable {
        let key: SummaryKey
        let before: Side
        let after: Side
    }

    /// A group in one of them.
    struct Side: Sendable {
        let line: SummaryLine
        /// How long all of it took.
        let seconds: Double

        func rate(_ count: UInt64) -> UInt64 { UInt64((Double(count) / seconds).rounded()) }
    }

    /// - Parameter options: what both were made with; their order says what must have changed.
    package init(_ before: borrowing EventSummary, _ after: borrowing EventSummary, _ options: SummaryOptions) {
        self.options = options
        func seconds(_ times: (first: UInt64, last: UInt64)?) -> Double {
            guard let times, times.last > times.first else { return 1 }
            return Double(times.last - times.first) / 1e9
        }
        let (old, new) = (seconds(before.times), seconds(after.times))
        var sides: [SummaryKey: (old: SummaryLine, new: SummaryLine)] = [:]
        for line in SummaryLine.lines(of: before.rows()) { sides[line.key] = (line, SummaryLine(key: line.key)) }
        for line in SummaryLine.lines(of: after.rows()) {
            sides[line.key, default: (SummaryLine(key: line.key), line)].new = line
        }
        let lines = sides.map { key, pair in
            Line(key: key, before: Side(line: pair.old, seconds: old), after: Side(line: pair.new, seconds: new))
        }
        let ranked = lines.map { (line: $0, change: $0.change(of: options.order), words: $0.key.words) }
        self.lines = ranked.sorted { ($0.change, $1.words) > ($1.change, $0.words) }.map(\.line)
        total = Line(
            key: SummaryKey(), before: Side(line: before.total, seconds: old),
            after: Side(line: after.total, seconds: new))
    }

    /// Appends the groups as text.
    /// - Parameter width: columns of the terminal; nil where that does not matter.
    package func renderText(width: Int?, into out: inout OutputBuffer) {
        let keys = SummaryColumn.keys(options.dimensions).map { key in
            key.of { (line: Line) in SummaryLine(key: line.key) }
        }
        TextTable(columns: keys + Self.columns, limit: width)
            .render(Array(lines.prefix(options.top ?? .max)), total: total, into: &out)
    }

    private static var columns: [TableColumn<Line>] {
        pair("MSGS/s", rank: 1, { $0.rate($0.line.messages) }) { $1.cell(amount: $0) }
            + pair("BYTES/s", rank: 2, { $0.rate($0.line.bytes) }) { $1.cell(size: $0) }
            + pair("FAILED", rank: 3, { $0.line.failed }) { $1.cell(amount: $0) }
            + pair("SEND p99", rank: 4, { $0.line.sent.latency?.p99 }) { $1.cell(latency: $0) }
            + pair("RECV p99", rank: 5, { $0.line.received.latency?.p99 }) { $1.cell(latency: $0) }
            + pair("SEND p50", rank: 6, { $0.line.sent.latency?.p50 }) { $1.cell(latency: $0) }
            + pair("RECV p50", rank: 7, { $0.line.received.latency?.p50 }) { $1.cell(latency: $0) }
    }

    /// A column of what was, and one of what is now and how much that is more or less.
    private static func pair<Value: DifferenceValue>(
        _ title: StaticString, rank: Int, _ value: @escaping @Sendable (Side) -> Value,
        _ cell: @escaping @Sendable (Value, inout OutputBuffer) -> Int?
    ) -> [TableColumn<Line>] {
        [
            TableColumn("BEFORE", rank: 2 * rank + 1) { line, out in cell(value(line.before), &out) },
            TableColumn(title, rank: 2 * rank) { line, out in
                _ = cell(value(line.after), &out)
                out.append(change: value(line.before).number, to: value(line.after).number)
                return nil
            },
        ]
    }

    /// Appends an object for each group: its key, and `before` and `after` with what a second came to.
    package func renderJSON(into out: inout OutputBuffer) {
        let renderer = SummaryRenderer(format: .json, options: options)
        for line in lines.prefix(options.top ?? .max) {
            for (name, side) in [("{\"before\":{", line.before), (",\"after\":{", line.after)] as [(StaticString, Side)]
            {
                out.append(name)
                member("\"messages\":", side.line.messages, into: &out)
                member(",\"messages_per_second\":", side.rate(side.line.messages), into: &out)
                member(",\"bytes_per_second\":", side.rate(side.line.bytes), into: &out)
                member(",\"failed\":", side.line.failed, into: &out)
                member(",\"send_p50_ns\":", side.line.sent.latency?.p50, into: &out)
                member(",\"send_p99_ns\":", side.line.sent.latency?.p99, into: &out)
                member(",\"receive_p50_ns\":", side.line.received.latency?.p50, into: &out)
                member(",\"receive_p99_ns\":", side.line.received.latency?.p99, into: &out)
                out.append("}")
            }
            renderer.renderKey(line.key, into: &out)
            out.append("}\n")
        }
    }

    private func member(_ key: StaticString, _ value: UInt64?, into out: inout OutputBuffer) {
        out.append(key)
        if let value { out.append(decimal: value) } else { out.append("null") }
    }
}

/// A number of which it is known how much it changed, where there is one.
protocol DifferenceValue: Sendable {
    var number: UInt64? { get }
}

extension UInt64: DifferenceValue {
    var number: UInt64? { self }
}

extension UInt64?: DifferenceValue {
    var number: UInt64? { self }
}

extension SummaryDifference.Line {
    /// By how much what an order goes by has changed, up or down.
    func change(of order: SummaryOrder) -> UInt64 {
        func value(_ side: SummaryDifference.Side) -> UInt64 {
            let rank = side.line.rank(in: order)
            switch order {
            case .messages, .bytes, .total: return side.rate(rank)
            case .errors, .latency, .p50, .p90, .p99, .max, .mean: return rank
            }
        }
        let (old, new) = (value(before), value(after))
        return max(old, new) - min(old, new)
    }
}

extension OutputBuffer {
    /// Appends ` +25%`, or nothing where nothing can be said.
    fileprivate mutating func append(change old: UInt64?, to new: UInt64?) {
        guard let old, let new, old > 0, old != new else { return }
        let percent = (Double(new) / Double(old) - 1) * 100
        append(percent < 0 ? " -" : " +")
        append(decimal: UInt64(min(percent.magnitude.rounded(), 99_999)))
        append("%")
    }
}
