package import EventOutput
package import SocketEvents

/// Counts DNS queries, and writes in the end who asked whom.
package struct QueryConsumer<Sink: ByteSink & ~Copyable>: ~Copyable {
    /// Where it is written.
    package var sink: Sink
    private let renderer: QueryRenderer
    private var meter = QueryMeter()
    package private(set) var tallies: [Tally]

    /// - Parameter sources: how many there are.
    package init(_ sink: consuming Sink, _ renderer: QueryRenderer, sources: Int) {
        self.sink = sink
        self.renderer = renderer
        tallies = Array(repeating: Tally(.query), count: sources)
    }

    /// Datagrams that were not counted: their other end is unknown.
    package var strangers: UInt64 { meter.strangers }

    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout Sink) { sink.write(buffer) }
}

extension QueryConsumer: WritingConsumer where Sink: ~Copyable {
    package var isContinuous: Bool { false }
    /// Whatever becomes of the sink, it is written to but once, in the end.
    package var isOver: Bool { false }

    package mutating func begin() {}

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        let before = meter.queryCount
        meter.add(batch, events, of: source)
        tallies[source].add(meter.queryCount - before, .query)
    }

    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) { meter.lose(of: source) }

    package mutating func flush() {}

    package mutating func end() {
        var buffer = OutputBuffer()
        renderer.render(meter.finish(), into: &buffer)
        Self.write(buffer, to: &sink)
    }
}
