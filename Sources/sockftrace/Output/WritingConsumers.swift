internal import EventOutput
internal import EventStatistics
internal import SocketEvents

// The consumers are generic, so they could only be writing consumers on a condition. In a build for debugging the runtime of
// Swift 6.3 does not find such a conformance of a type that cannot be copied, and the program ends.

/// Events as lines, written to an output.
struct EventWriter: ~Copyable, WritingConsumer {
    private var stream: EventStream<OutputSink>

    init(_ stream: consuming EventStream<OutputSink>) { self.stream = stream }

    var sink: OutputSink {
        _read { yield stream.sink }
        _modify { yield &stream.sink }
    }
    var shown: [UInt64] { stream.shown }
    var isContinuous: Bool { true }
    var isOver: Bool { stream.isOver }

    mutating func begin() { stream.begin() }

    mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        stream.consume(batch, events, of: source)
    }

    mutating func lost(_ loss: TraceBatch.Loss, of source: Int) { stream.lost(loss, of: source) }

    mutating func flush() { stream.flush() }

    mutating func end() { stream.end() }
}

/// A summary, written to an output in the end.
struct SummaryWriter: ~Copyable, WritingConsumer {
    private(set) var summary: SummaryConsumer<OutputSink>

    init(_ summary: consuming SummaryConsumer<OutputSink>) { self.summary = summary }

    var sink: OutputSink {
        _read { yield summary.sink }
        _modify { yield &summary.sink }
    }
    var shown: [UInt64] { summary.shown }
    var isContinuous: Bool { false }
    var isOver: Bool { summary.isOver }

    mutating func begin() { summary.begin() }

    mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        summary.consume(batch, events, of: source)
    }

    mutating func lost(_ loss: TraceBatch.Loss, of source: Int) { summary.lost(loss, of: source) }

    mutating func flush() { summary.flush() }

    mutating func end() { summary.end() }
}

/// Stories of sockets, written to an output.
struct StoryWriter: ~Copyable, WritingConsumer {
    private(set) var stories: StoryConsumer<OutputSink>

    init(_ stories: consuming StoryConsumer<OutputSink>) { self.stories = stories }

    var sink: OutputSink {
        _read { yield stories.sink }
        _modify { yield &stories.sink }
    }
    var shown: [UInt64] { stories.shown }
    var isContinuous: Bool { true }
    var isOver: Bool { stories.isOver }

    mutating func begin() { stories.begin() }

    mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        stories.consume(batch, events, of: source)
    }

    mutating func lost(_ loss: TraceBatch.Loss, of source: Int) { stories.lost(loss, of: source) }

    mutating func flush() { stories.flush() }

    mutating func end() { stories.end() }
}

/// DNS queries, written to an output in the end.
struct QueryWriter: ~Copyable, WritingConsumer {
    private var queries: QueryConsumer<OutputSink>

    init(_ queries: consuming QueryConsumer<OutputSink>) { self.queries = queries }

    var sink: OutputSink {
        _read { yield queries.sink }
        _modify { yield &queries.sink }
    }
    var shown: [UInt64] { queries.shown }
    var isContinuous: Bool { false }
    var isOver: Bool { queries.isOver }

    mutating func begin() { queries.begin() }

    mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        queries.consume(batch, events, of: source)
    }

    mutating func lost(_ loss: TraceBatch.Loss, of source: Int) { queries.lost(loss, of: source) }

    mutating func flush() { queries.flush() }

    mutating func end() { queries.end() }
}

/// Connections as lines, written to an output.
struct ConnectionWriter: ~Copyable, WritingConsumer {
    private var connections: ConnectionConsumer<OutputSink>

    init(_ connections: consuming ConnectionConsumer<OutputSink>) { self.connections = connections }

    var sink: OutputSink {
        _read { yield connections.sink }
        _modify { yield &connections.sink }
    }
    var shown: [UInt64] { connections.shown }
    var isContinuous: Bool { true }
    var isOver: Bool { connections.isOver }

    mutating func begin() { connections.begin() }

    mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        connections.consume(batch, events, of: source)
    }

    mutating func lost(_ loss: TraceBatch.Loss, of source: Int) { connections.lost(loss, of: source) }

    mutating func flush() { connections.flush() }

    mutating func end() { connections.end() }
}
