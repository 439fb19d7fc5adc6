package import EventOutput
package import SocketEvents

/// Counts events, and writes the summary of them in the end.
package struct SummaryConsumer<Sink: ByteSink & ~Copyable>: ~Copyable {
    /// Where the summary goes.
    package var sink: Sink
    /// What was counted so far.
    package private(set) var summary: EventSummary
    private let renderer: SummaryRenderer
    private let sources: [EventRenderer]
    /// Messages counted, of each source.
    package private(set) var shown: [UInt64]

    /// - Parameters:
    ///   - width: columns of the terminal, for text; nil where that does not matter.
    ///   - sources: what writes single messages of each source.
    ///   - fileNames: what they are called.
    package init(
        _ sink: consuming Sink, _ options: SummaryOptions, format: SummaryFormat, width: Int? = nil,
        sources: [EventRenderer], fileNames: [String] = []
    ) {
        self.sink = sink
        summary = EventSummary(options: options)
        renderer = SummaryRenderer(format: format, options: options, width: width, fileNames: fileNames)
        self.sources = sources
        shown = sources.map { _ in 0 }
    }
}

extension SummaryConsumer: EventConsumer where Sink: ~Copyable {
    /// Whatever becomes of the sink, it is written to but once, in the end.
    package var isOver: Bool { false }

    package mutating func begin() {}

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        let before = summary.messageCount
        summary.add(batch, events, of: source)
        shown[source] += summary.messageCount - before
    }

    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {}

    package mutating func flush() {}

    package mutating func end() {
        var buffer = OutputBuffer()
        if summary.options.slowest == nil {
            renderer.render(summary, into: &buffer)
        } else {
            sources.first?.header(into: &buffer)
            for message in summary.slowest.messages { sources[message.source].render(message.item, into: &buffer) }
        }
        sink.write(buffer)
    }
}
