package import EventOutput
package import SocketEvents

/// Counts events, and writes the summary of them in the end.
package struct SummaryConsumer<Sink: ByteSink & ~Copyable>: ~Copyable {
    /// Where the summary goes.
    package var sink: Sink
    private var counter: SummaryCounter
    private let renderer: SummaryRenderer
    private let sources: [EventRenderer]
    private let groupPaths: () -> [UInt64: String]

    /// What was counted so far.
    package var summary: EventSummary {
        _read { yield counter.summary }
    }
    package var tallies: [Tally] { counter.tallies }

    /// - Parameters:
    ///   - width: columns of the terminal, for text; nil where that does not matter.
    ///   - sources: what writes single messages of each source.
    ///   - fileNames: what they are called.
    ///   - groupPaths: the paths of control groups, asked in the end.
    ///   - wallClock: nanoseconds from the first one's trace clock to the time since 1970; nil where unknown.
    package init(
        _ sink: consuming Sink, _ options: SummaryOptions, format: SummaryFormat, width: Int? = nil,
        sources: [EventRenderer], fileNames: [String] = [], wallClock: Int64? = nil,
        groupPaths: @escaping () -> [UInt64: String] = { [:] }
    ) {
        self.sink = sink
        counter = SummaryCounter(options, sources: sources.count)
        renderer = SummaryRenderer(
            format: format, options: options, width: width, fileNames: fileNames, wallClock: wallClock)
        self.sources = sources
        self.groupPaths = groupPaths
    }
}

extension SummaryConsumer: WritingConsumer where Sink: ~Copyable {
    package var isContinuous: Bool { false }
    /// Whatever becomes of the sink, it is written to but once, in the end.
    package var isOver: Bool { false }

    package mutating func begin() {}

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        counter.consume(batch, events, of: source)
    }

    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {}

    package mutating func flush() {}

    package mutating func end() {
        var buffer = OutputBuffer()
        counter.name(groups: groupPaths())
        if counter.summary.options.slowest == nil {
            renderer.render(counter.summary, into: &buffer)
        } else {
            sources.first?.header(into: &buffer)
            for message in counter.summary.slowest.messages {
                sources[message.source].render(message.item, into: &buffer)
            }
        }
        sink.write(buffer)
    }
}
