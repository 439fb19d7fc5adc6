internal import BasicContainers
internal import EventOutput
internal import EventStatistics
internal import SocketEvents
internal import SocketTracing

/// Filters events, counts them, and writes the summary in the end.
struct SummaryWriter: ~Copyable {
    private var counting: EventCounting
    private let format: OutputFormat
    private var owners: UserFilter?
    private var sink: EventSink
    /// Messages that passed the filters.
    var shown: UInt64 { counting.summary.messageCount }

    /// - Parameter owners: where only the processes of some users are wanted.
    init(
        _ sink: consuming EventSink, _ options: SummaryOptions, format: OutputFormat, filter: EventFilter,
        owners: UserFilter? = nil
    ) {
        self.sink = sink
        counting = EventCounting(options, filter)
        self.format = format
        self.owners = owners
    }

    /// Why nothing more can be written; nil as long as it can.
    var sinkEnd: EventSink.End? { sink.end }
    var sinkName: String { sink.name }

    /// What is known of processes may have changed since the last call.
    mutating func beginBatch() { owners?.beginBatch() }

    /// Counts a batch.
    mutating func add(_ batch: borrowing TraceBatch) {
        if owners == nil {
            counting.add(batch)
        } else {
            batch.visit { event in
                let (process, thread) = (event.pid, event.tid)
                if owners?.includes(process ?? thread) != false { counting.add(event) }
            } lost: { _ in
            }
        }
    }

    /// Counts items.
    mutating func add(_ items: ContiguousArray<TraceItem>) {
        for item in items {
            guard case .event(let event) = item else { continue }
            counting.add(event)
        }
    }

    /// Writes the summary.
    mutating func write(_ signals: SignalWatch?) {
        var buffer = OutputBuffer()
        SummaryRenderer(format: format, dimensions: counting.summary.options.dimensions)
            .render(counting.summary.rows, into: &buffer)
        Self.write(buffer, to: &sink, signals)
        if let top = counting.summary.options.top, counting.summary.groupCount > top {
            Messages.say("the first \(top) of \(counting.summary.groupCount) lines are shown")
        }
    }

    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout EventSink, _ signals: SignalWatch?) {
        buffer.withUnsafeBytes { sink.write($0, signals) }
    }
}
