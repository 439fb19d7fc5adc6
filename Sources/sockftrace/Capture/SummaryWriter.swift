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
    /// Events that passed the filters.
    private(set) var shown: UInt64 = 0

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
    mutating func add(_ items: ContiguousArray<TraceItem>) {
        for index in items.indices {
            guard case .event(let event) = items[index], passesAll || accepts(event) else { continue }
            shown += 1
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

    private mutating func accepts(_ event: SocketEvent) -> Bool {
        filter.accepts(event) && owners?.includes(event.pid ?? event.tid) != false
    }

    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout EventSink, _ signals: SignalWatch?) {
        buffer.withUnsafeBytes { sink.write($0, signals) }
    }
}
