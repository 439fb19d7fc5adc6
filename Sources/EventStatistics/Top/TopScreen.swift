package import EventOutput
internal import SocketEvents

/// A top as lines of text: a screen of them, or one snapshot after the other.
package struct TopScreen: Sendable {
    private let userName: @Sendable (UInt32) -> String?

    /// - Parameter userName: the name of a user; nil where it has none.
    package init(userName: @escaping @Sendable (UInt32) -> String?) { self.userName = userName }

    /// Appends a screen: no line is longer than it is wide.
    /// - Parameter clock: the time of day.
    package func render(
        _ meter: borrowing TrafficMeter, _ view: TopView, clock: String, columns: Int, rows: Int,
        into out: inout OutputBuffer
    ) {
        if view.isHelp { return renderHelp(columns, into: &out) }
        renderHeading(meter, view, clock, columns, into: &out)
        let lines = view.shown(meter.lines(view.grouping, by: view.order))
        // Three lines of heading and one of titles.
        let room = max(rows - 4, 1)
        let first = min(view.offset, max(lines.count - room, 0))
        let table = TextTable(columns: self.columns(of: view.grouping), limit: columns)
        table.render(Array(lines[first..<min(first + room, lines.count)]), into: &out)
    }

    /// Three lines: what is shown, how much it is in all, and a prompt.
    private func renderHeading(
        _ meter: borrowing TrafficMeter, _ view: TopView, _ clock: String, _ columns: Int, into out: inout OutputBuffer
    ) {
        var start = out.count
        out.append(text: "sockftrace top  \(clock)  by \(view.grouping.rawValue), most \(view.order.rawValue) first")
        if view.isPaused { out.append("  PAUSED") }
        out.append("  h: help")
        out.shorten(from: start, toColumns: columns)
        out.append("\n")
        start = out.count
        let total = meter.all
        out.append("sent ")
        out.append(bytes: total.rate(total.now.sent.bytes ?? 0))
        out.append("/s, received ")
        out.append(bytes: total.rate(total.now.received.bytes ?? 0))
        out.append("/s, messages ")
        out.append(amount: total.rate(total.now.messages))
        out.append("/s, failed ")
        out.append(amount: total.now.failed)
        out.append(", lost ")
        out.append(amount: meter.lost)
        if meter.uncountedLosses > 0 { out.append(" and more") }
        out.shorten(from: start, toColumns: columns)
        out.append("\n")
        if view.isTyping || !view.filter.isEmpty {
            start = out.count
            out.append(text: "only: \(view.filter)\(view.isTyping ? "_" : "")")
            out.shorten(from: start, toColumns: columns)
        }
        out.append("\n")
    }

    private func renderHelp(_ columns: Int, into out: inout OutputBuffer) {
        out.append("sockftrace top: keys\n\n")
        for (key, text) in TopView.keys {
            let start = out.count
            out.append("  ")
            out.append(key)
            out.append(spaces: 7 - key.utf8CodeUnitCount)
            out.append(text)
            out.shorten(from: start, toColumns: columns)
            out.append("\n")
        }
        out.append("\n")
        for line in TopView.notes {
            let start = out.count
            out.append(line)
            out.shorten(from: start, toColumns: columns)
            out.append("\n")
        }
    }

    /// Appends a snapshot with its titles, for pipes.
    package func renderBatch(
        _ meter: borrowing TrafficMeter, _ view: TopView, clock: String, columns: Int?, into out: inout OutputBuffer
    ) {
        renderHeading(meter, view, clock, columns ?? .max, into: &out)
        let lines = view.shown(meter.lines(view.grouping, by: view.order))
        TextTable(columns: self.columns(of: view.grouping), limit: columns).render(lines, into: &out)
        out.append("\n")
    }

    private func columns(of grouping: TopGrouping) -> [TableColumn<TopLine>] {
        grouping.columns(userName) + [
            TableColumn("SENT/s", rank: 1, least: 7) { $1.cell(size: $0.rate($0.now.sent.bytes ?? 0)) },
            TableColumn("RECV/s", rank: 1, least: 7) { $1.cell(size: $0.rate($0.now.received.bytes ?? 0)) },
            TableColumn("MSGS/s", rank: 2, least: 6) { $1.cell(amount: $0.rate($0.now.messages)) },
            TableColumn("FAILED", rank: 3, least: 6) { $1.cell(amount: $0.now.failed) },
            TableColumn("CONNS", rank: 4, least: 5) { $1.cell(amount: $0.now.other.connections) },
            TableColumn("SENT", rank: 5, least: 7) { $1.cell(size: $0.total.sent) },
            TableColumn("RECEIVED", rank: 6, least: 7) { $1.cell(size: $0.total.received) },
            TableColumn("SEND p50", rank: 9, least: 7) { $1.cell(latency: $0.now.sent.latency?.p50) },
            TableColumn("SEND p99", rank: 7, least: 7) { $1.cell(latency: $0.now.sent.latency?.p99) },
            TableColumn("RECV p50", rank: 10, least: 7) { $1.cell(latency: $0.now.received.latency?.p50) },
            TableColumn("RECV p99", rank: 8, least: 7) { $1.cell(latency: $0.now.received.latency?.p99) },
            TableColumn("MESSAGES", rank: 11, least: 8) { $1.cell(amount: $0.total.messages) },
            TableColumn("ERRORS", isRight: false, rank: 12) { line, out in
                out.append(errors: line.now.errors)
                return nil
            },
        ]
    }
}

extension OutputBuffer {
    /// Appends a text, in which nothing reaches a terminal that must not.
    mutating func append(text: String) {
        for byte in PrintableText.line(text).utf8 { append(byte) }
    }

    /// The same, and how many columns of a terminal it takes.
    mutating func append(printable text: String) -> Int? {
        append(text: text)
        return LineLabel.width(text)
    }
}
