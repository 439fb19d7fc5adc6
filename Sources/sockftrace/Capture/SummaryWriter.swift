internal import EventOutput
internal import EventSummary
internal import SocketAliases

/// Filters events, counts them, and writes the summary in the end.
struct SummaryWriter: ~Copyable {
    private var summary: EventSummary
    private let format: OutputFormat
    private let filter: EventFilter
    private let passesAll: Bool
    private var owners: ProcessOwners?
    private var sink: EventSink
    /// Messages that passed the filters.
    var shown: UInt64 { summary.messageCount }

    /// - Parameter owners: where only the processes of some users are wanted.
    init(
        _ sink: consuming EventSink, _ options: SummaryOptions, format: OutputFormat, filter: EventFilter,
        owners: ProcessOwners? = nil
    ) {
        self.sink = sink
        summary = EventSummary(options: options)
        self.format = format
        self.filter = filter
        self.owners = owners
        passesAll = filter.isEmpty && owners == nil
    }

    /// Why nothing more can be written; nil as long as it can.
    var sinkEnd: EventSink.End? { sink.end }
    var sinkName: String { sink.name }

    /// What is known of processes may have changed since the last call.
    mutating func beginBatch() { owners?.beginBatch() }

    /// Counts a batch.
    mutating func add(_ batch: borrowing TraceBatch) {
        if passesAll {
            summary.add(batch)
        } else {
            batch.visit { event in
                guard accepts(event) else { return }
                summary.add(event)
            } lost: { _ in
            }
        }
    }

    /// Counts items.
    mutating func add(_ items: ContiguousArray<TraceItem>) {
        for item in items {
            guard case .event(let event) = item, passesAll || accepts(event) else { continue }
            summary.add(event)
        }
    }

    /// Writes the summary.
    mutating func write(_ signals: SignalWatch?) {
        var buffer = OutputBuffer()
        SummaryRenderer(format: format, dimensions: summary.options.dimensions).render(summary.rows, into: &buffer)
        Self.write(buffer, to: &sink, signals)
        if let top = summary.options.top, summary.groupCount > top {
            Messages.say("the first \(top) of \(summary.groupCount) lines are shown")
        }
    }

    private mutating func accepts(_ event: borrowing SocketEvent) -> Bool {
        guard filter.accepts(event) else { return false }
        let (process, thread) = (event.pid, event.tid)
        return owners?.includes(process ?? thread) != false
    }

    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout EventSink, _ signals: SignalWatch?) {
        buffer.withUnsafeBytes { sink.write($0, signals) }
    }
}
