package import EventOutput
package import SocketEvents

/// Counts events, and writes the summary of them in the end.
package struct SummaryConsumer<Sink: ByteSink & ~Copyable>: ~Copyable {
    /// Where the summary goes.
    package var sink: Sink
    /// What was counted so far.
    package private(set) var summary: EventSummary
    private let renderer: SummaryRenderer
    /// Messages counted, of each source.
    package private(set) var shown: [UInt64]

    /// - Parameter sources: how many there are.
    package init(_ sink: consuming Sink, _ options: SummaryOptions, format: SummaryFormat, sources: Int = 1) {
        self.sink = sink
        summary = EventSummary(options: options)
        renderer = SummaryRenderer(format: format, dimensions: options.dimensions)
        shown = Array(repeating: 0, count: sources)
    }
}

extension SummaryConsumer: EventConsumer where Sink: ~Copyable {
    /// Whatever becomes of the sink, it is written to but once, in the end.
    package var isOver: Bool { false }

    package mutating func begin() {}

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        let before = summary.messageCount
        summary.add(batch, events)
        shown[source] += summary.messageCount - before
    }

    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {}

    package mutating func flush() {}

    package mutating func end() {
        var buffer = OutputBuffer()
        renderer.render(summary.rows, into: &buffer)
        sink.write(buffer)
    }
}
