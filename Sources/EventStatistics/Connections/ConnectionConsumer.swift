package import EventOutput
package import SocketEvents

/// Writes a line for each connection when it ends.
package struct ConnectionConsumer<Sink: ByteSink & ~Copyable>: ~Copyable {
    /// How the connections of one source are written.
    package struct Source: Sendable {
        let renderer: ConnectionRenderer
        let label: LineLabel?

        /// - Parameter label: what tells them from those of the other sources; nil where there is only one.
        package init(_ renderer: ConnectionRenderer, label: LineLabel? = nil) {
            (self.renderer, self.label) = (renderer, label)
        }
    }

    /// Where the lines go.
    package var sink: Sink
    private let sources: [Source]
    private let title: String
    private var trackers: [ConnectionTracker]
    private var buffer = OutputBuffer()
    private var line = OutputBuffer(capacity: 1024)
    package private(set) var tallies: [Tally]

    /// - Parameters:
    ///   - sources: one at least.
    ///   - title: what stands above their labels.
    package init(_ sink: consuming Sink, _ sources: [Source], title: String = "") {
        self.sink = sink
        self.sources = sources
        self.title = title
        trackers = sources.map { _ in ConnectionTracker() }
        tallies = sources.map { _ in Tally(.connection) }
    }

    private mutating func endAll(of source: Int, as end: Connection.End) {
        for connection in trackers[source].endAll(as: end) {
            write(connection, of: source)
        }
    }

    private mutating func write(_ connection: Connection, of source: Int) {
        tallies[source].add(1, .connection)
        write(of: source) { $0.render(connection, into: &$1) }
    }

    private mutating func write(of source: Int, _ render: (ConnectionRenderer, inout OutputBuffer) -> Void) {
        line.clear()
        render(sources[source].renderer, &line)
        Self.append(line, sources[source].label, to: &buffer)
    }

    // The buffers are lent to one another and to the sink, so they are at hand as parameters.

    private static func append(_ line: borrowing OutputBuffer, _ label: LineLabel?, to out: inout OutputBuffer) {
        guard let label else { return out.append(contentsOf: line) }
        label.append(line, to: &out)
    }

    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout Sink) { sink.write(buffer) }
}

extension ConnectionConsumer: WritingConsumer where Sink: ~Copyable {
    package var isContinuous: Bool { true }
    package var isOver: Bool { sink.hasEnded }

    package mutating func begin() {
        line.clear()
        sources.first?.renderer.header(into: &line)
        guard line.count > 0 else { return }
        for byte in title.utf8 { buffer.append(byte) }
        buffer.append(contentsOf: line)
    }

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        for index in events {
            if let ended = trackers[source].take(batch, index) {
                write(ended, of: source)
            }
        }
        if buffer.count >= 32 << 10 { flush() }
    }

    /// Which socket is which is not known from here on: what becomes of those that are open will not be seen.
    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {
        endAll(of: source, as: .unknown)
        write(of: source) { $0.renderLost(loss, into: &$1) }
    }

    package mutating func flush() {
        if buffer.count > 0, !sink.hasEnded { Self.write(buffer, to: &sink) }
        buffer.clear()
    }

    package mutating func end() {
        for source in trackers.indices {
            endAll(of: source, as: .open)
        }
        flush()
    }
}
