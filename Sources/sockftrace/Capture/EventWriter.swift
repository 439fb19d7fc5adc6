internal import EventOutput
internal import SocketEvents

/// Filters events, renders them, and writes them out.
struct EventWriter: ~Copyable {
    /// What other threads may do as well.
    let rendering: EventRendering
    private var owners: UserFilter?
    private var sink: EventSink
    private var buffer = OutputBuffer()
    private var hasHeader = false
    /// Events that passed the filters.
    private(set) var shown: UInt64 = 0

    /// - Parameter owners: where only the processes of some users are wanted.
    init(
        _ sink: consuming EventSink, renderer: EventRenderer, filter: EventFilter = EventFilter(),
        owners: UserFilter? = nil
    ) {
        self.sink = sink
        rendering = EventRendering(renderer, filter)
        self.owners = owners
    }

    /// Why nothing more can be written; nil as long as it can.
    var sinkEnd: EventSink.End? { sink.end }
    var sinkName: String { sink.name }
    var descriptor: Int32 { sink.descriptor }

    mutating func notice(_ wake: SignalWatch.Wake) { sink.notice(wake) }

    /// Writes what stands above the first event, once.
    mutating func writeHeader(_ signals: SignalWatch?) {
        guard !hasHeader else { return }
        hasHeader = true
        rendering.renderer.header(into: &buffer)
        flush(signals)
    }

    /// What is known of processes may have changed since the last call.
    mutating func beginBatch() { owners?.beginBatch() }

    /// Writes a batch, all of it at once; nothing where the sink has ended.
    mutating func write(_ batch: borrowing TraceBatch, _ signals: SignalWatch?) {
        guard sink.end == nil else { return }
        if owners == nil {
            shown += rendering.render(batch, into: &buffer)
        } else {
            batch.visit { event in
                guard accepts(event) else { return }
                shown += 1
                rendering.renderer.render(event, into: &buffer)
            } lost: { loss in
                rendering.renderer.renderLost(cpu: loss.cpu, count: loss.count, into: &buffer)
            }
        }
        flush(signals)
    }

    private mutating func accepts(_ event: borrowing SocketEvent) -> Bool {
        guard rendering.filter.accepts(event) else { return false }
        let (process, thread) = (event.pid, event.tid)
        return owners?.includes(process ?? thread) != false
    }

    private mutating func flush(_ signals: SignalWatch?) {
        Self.write(buffer, to: &sink, signals)
        buffer.clear()
    }

    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout EventSink, _ signals: SignalWatch?) {
        buffer.withUnsafeBytes { sink.write($0, signals) }
    }
}
