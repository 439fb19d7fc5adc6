package import SocketEvents

/// Events as lines, written out as they come.
package struct EventStream<Sink: ByteSink & ~Copyable>: ~Copyable {
    /// How the events of one source are written.
    package struct Source: Sendable {
        /// Makes the lines.
        package var renderer: EventRenderer
        /// What tells them from those of the other sources; nil where there is only one.
        package var label: LineLabel?

        /// A source.
        package init(_ renderer: EventRenderer, label: LineLabel? = nil) {
            self.renderer = renderer
            self.label = label
        }
    }

    /// Where the lines go.
    package var sink: Sink
    private let sources: [Source]
    private let title: String
    /// So many events more are wanted.
    private var left: UInt64
    private var buffer = OutputBuffer()
    private var line = OutputBuffer(capacity: 1024)
    /// Events written, of each source.
    package private(set) var shown: [UInt64]
    package var tallies: [Tally] { shown.map { .events($0) } }

    /// Bytes that are worth a system call.
    private static var enough: Int { 32 << 10 }

    /// - Parameters:
    ///   - sources: one at least.
    ///   - title: what stands above their labels.
    ///   - limit: so many events, and no more; nil for all.
    package init(_ sink: consuming Sink, _ sources: [Source], title: String = "", limit: UInt64? = nil) {
        left = limit ?? .max
        self.sink = sink
        self.sources = sources
        self.title = title
        shown = sources.map { _ in 0 }
    }

    /// Writes lines that somebody else has made of events of a source.
    package mutating func append(_ lines: borrowing OutputBuffer, events: UInt64, of source: Int) {
        flush()
        guard !isOver else { return }
        shown[source] += events
        sink.write(lines)
    }

    /// What was made for the only source.
    package var renderer: EventRenderer? { sources.first?.renderer }
}

extension EventStream: WritingConsumer where Sink: ~Copyable {
    package var isContinuous: Bool { true }
    package var isOver: Bool { left == 0 || sink.hasEnded }

    package mutating func begin() {
        line.clear()
        sources.first?.renderer.header(into: &line)
        guard line.count > 0 else { return }
        for byte in title.utf8 { buffer.append(byte) }
        buffer.append(contentsOf: line)
    }

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        guard !isOver else { return }
        let events = events.prefix(Int(clamping: left))
        left -= UInt64(events.count)
        shown[source] += UInt64(events.count)
        let style = sources[source]
        if let label = style.label {
            for index in events {
                line.clear()
                style.renderer.render(batch, index..<index + 1, into: &line)
                Self.append(line, label, to: &buffer)
            }
        } else {
            style.renderer.render(batch, events, into: &buffer)
        }
        if buffer.count >= Self.enough { flush() }
    }

    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {
        guard !isOver else { return }
        let style = sources[source]
        line.clear()
        style.renderer.renderLost(cpu: loss.cpu, count: loss.count, into: &line)
        if let label = style.label {
            Self.append(line, label, to: &buffer)
        } else {
            buffer.append(contentsOf: line)
        }
    }

    package mutating func flush() {
        if buffer.count > 0, !sink.hasEnded { Self.write(buffer, to: &sink) }
        buffer.clear()
    }

    package mutating func end() { flush() }

    // The buffers are lent to one another, so they are at hand as parameters.

    private static func append(_ line: borrowing OutputBuffer, _ label: LineLabel, to out: inout OutputBuffer) {
        label.append(line, to: &out)
    }

    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout Sink) {
        sink.write(buffer)
    }
}
