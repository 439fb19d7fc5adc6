package import EventOutput
package import SocketEvents

/// Writes the story of each socket when it is closed, and of those that are open then at the end.
package struct StoryConsumer<Sink: ByteSink & ~Copyable>: ~Copyable {
    /// How the stories of one source are written.
    package struct Source: Sendable {
        let renderer: StoryRenderer
        let file: String?

        /// - Parameter file: what it is called; nil where there is only one.
        package init(_ renderer: StoryRenderer, file: String? = nil) {
            (self.renderer, self.file) = (renderer, file)
        }
    }

    /// Where the stories go.
    package var sink: Sink
    private let sources: [Source]
    private var trackers: [StoryTracker]
    private var buffer = OutputBuffer()
    package private(set) var tallies: [Tally]

    /// - Parameters:
    ///   - sources: one at least.
    ///   - seesAll: all events of the system are looked at.
    ///   - stepLimit: so many steps of each socket are shown.
    package init(_ sink: consuming Sink, _ sources: [Source], seesAll: Bool, stepLimit: Int) {
        self.sink = sink
        self.sources = sources
        trackers = sources.map { _ in StoryTracker(seesAll: seesAll, stepLimit: stepLimit) }
        tallies = sources.map { _ in Tally(.socket) }
    }

    /// Events that are part of no story: their socket is unknown.
    package var strangers: UInt64 { trackers.reduce(0) { $0 &+ $1.strangers } }

    // What is lent to one another is at hand as parameters.

    private static func take(
        _ batch: borrowing TraceBatch, _ events: Range<Int>, _ tracker: inout StoryTracker, _ source: Source,
        _ tally: inout Tally, into out: inout OutputBuffer
    ) {
        for index in events {
            tracker.take(batch, index) {
                source.renderer.render($0, file: source.file, into: &out)
                tally.add(1, .socket)
            }
        }
    }

    private static func endAll(
        as end: SocketStory.End, _ tracker: inout StoryTracker, _ source: Source, _ tally: inout Tally,
        into out: inout OutputBuffer
    ) {
        tracker.endAll(as: end) {
            source.renderer.render($0, file: source.file, into: &out)
            tally.add(1, .socket)
        }
    }

    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout Sink) { sink.write(buffer) }
}

extension StoryConsumer: WritingConsumer where Sink: ~Copyable {
    package var isContinuous: Bool { true }
    package var isOver: Bool { sink.hasEnded }

    package mutating func begin() { sources.first?.renderer.header(into: &buffer) }

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        Self.take(batch, events, &trackers[source], sources[source], &tallies[source], into: &buffer)
        if buffer.count >= 32 << 10 { flush() }
    }

    /// Which socket is which is not known from here on: what becomes of those that are open will not be seen.
    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {
        Self.endAll(as: .unknown, &trackers[source], sources[source], &tallies[source], into: &buffer)
        sources[source].renderer.renderLost(loss, file: sources[source].file, into: &buffer)
    }

    package mutating func flush() {
        if buffer.count > 0, !sink.hasEnded { Self.write(buffer, to: &sink) }
        buffer.clear()
    }

    package mutating func end() {
        for source in trackers.indices {
            Self.endAll(as: .open, &trackers[source], sources[source], &tallies[source], into: &buffer)
        }
        flush()
    }
}
