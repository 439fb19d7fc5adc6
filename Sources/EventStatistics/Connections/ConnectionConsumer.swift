package import EventOutput
package import SocketEvents

/// Writes a line for each connection when it ends.
package struct ConnectionConsumer<Sink: ByteSink & ~Copyable>: ~Copyable {
    /// Where the lines go.
    package var sink: Sink
    private let renderers: [ConnectionRenderer]
    private var trackers: [ConnectionTracker]
    private var buffer = OutputBuffer()
    /// Events taken, of each source.
    package private(set) var shown: [UInt64]

    /// - Parameter renderers: of each source.
    package init(_ sink: consuming Sink, _ renderers: [ConnectionRenderer]) {
        self.sink = sink
        self.renderers = renderers
        trackers = renderers.map { _ in ConnectionTracker() }
        shown = renderers.map { _ in 0 }
    }

    private mutating func write(_ connection: Connection, of source: Int) {
        renderers[source].render(connection, into: &buffer)
    }

    // The buffer is lent to the sink, so both are at hand as parameters.
    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout Sink) { sink.write(buffer) }
}

extension ConnectionConsumer: EventConsumer where Sink: ~Copyable {
    package var isOver: Bool { sink.hasEnded }

    package mutating func begin() { renderers.first?.header(into: &buffer) }

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        shown[source] += UInt64(events.count)
        for index in events {
            if let ended = trackers[source].take(batch, index) { write(ended, of: source) }
        }
        if buffer.count >= 32 << 10 { flush() }
    }

    /// Which socket is which is not known from here on: what becomes of those that are open will not be seen.
    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {
        for connection in trackers[source].endAll(as: .unknown) { write(connection, of: source) }
        renderers[source].renderLost(loss, into: &buffer)
    }

    package mutating func flush() {
        if buffer.count > 0, !sink.hasEnded { Self.write(buffer, to: &sink) }
        buffer.clear()
    }

    package mutating func end() {
        for source in trackers.indices {
            for connection in trackers[source].endAll(as: .open) { write(connection, of: source) }
        }
        flush()
    }
}
