public import EventOutput
public import SocketEvents

/// Counts events, and writes the summary of them in the end.
public struct SummaryConsumer<Sink: ByteSink & ~Copyable>: ~Copyable {
    /// Where the summary goes.
    public var sink: Sink
    /// What was counted so far.
    public private(set) var summary: EventSummary
    private let renderer: SummaryRenderer
    /// Messages counted, of each source.
    public private(set) var shown: [UInt64]

    /// - Parameter sources: how many there are.
    public init(_ sink: consuming Sink, _ options: SummaryOptions, format: SummaryFormat, sources: Int = 1) {
        self.sink = sink
        summary = EventSummary(options: options)
        renderer = SummaryRenderer(format: format, dimensions: options.dimensions)
        shown = Array(repeating: 0, count: sources)
    }
}

extension SummaryConsumer: EventConsumer where Sink: ~Copyable {
    /// Whatever becomes of the sink, it is written to but once, in the end.
    public var isOver: Bool { false }

    public mutating func begin() {}

    public mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        let before = summary.messageCount
        summary.add(batch, events)
        shown[source] += summary.messageCount - before
    }

    public mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {}

    public mutating func flush() {}

    public mutating func end() {
        var buffer = OutputBuffer()
        renderer.render(summary.rows, into: &buffer)
        sink.write(buffer)
    }
}
