internal import EventOutput
internal import SocketEvents
internal import SocketNames
internal import SocketTracing
internal import SystemPackage

/// One file of a report or summary: its events in time order, as far as they are wanted.
final class ReportInput {
    /// As the user wrote it.
    let name: String
    let facts: RecordingInfo
    let flagNames: SocketFlagNames?
    let filter: EventFilter
    private let passesAll: Bool
    /// To be set before the first batch is taken.
    var window = EventWindow()
    private var replay: Replay
    private var batch: ContiguousArray<TraceItem> = []
    private var position = 0

    /// - Parameter filter: nil for what the recorder was asked to show.
    init(_ path: String, _ options: ReplayOptions, filter: EventFilter?) throws(TracingError) {
        replay =
            path == "-"
            ? try Replay(descriptor: .standardInput, name: "standard input", options: options)
            : try Replay(path: FilePath(path), options: options)
        name = path == "-" ? "standard input" : path
        facts = replay.facts
        flagNames = replay.flagNames
        self.filter = filter ?? FilterArguments.filter(noted: options.wholeSystem ? [] : replay.notedFilters)
        passesAll = self.filter.isEmpty
    }

    /// Arguments that are not shown; the filter may ask for them.
    func omit(_ arguments: Alias.Arguments) {
        if passesAll { replay.omit(arguments) }
    }

    /// When the recording began, in nanoseconds of its trace clock; 0 where there is no record at all.
    func beginning() throws(TracingError) -> UInt64 { try replay.beginning() ?? 0 }

    /// Nothing is left out but what the filter does not accept, so that batches can be taken as they are.
    var isWhole: Bool { window.isEverything }

    /// Reads the next batch, filtered or not; false at the end of the recording.
    func read(into batch: inout TraceBatch, count: Int = 128) throws(TracingError) -> Bool {
        try replay.read(into: &batch, count: count)
    }

    /// The items that are wanted and were not taken; false at the end of the recording.
    func hasMore() throws(TracingError) -> Bool {
        while position == batch.count {
            guard let next = try replay.nextBatch() else { return false }
            batch = window.part(of: next)
            if !passesAll { batch.removeAll { !accepts($0) } }
            position = 0
        }
        return true
    }

    private func accepts(_ item: TraceItem) -> Bool {
        guard case .event(let event) = item else { return true }
        return filter.accepts(event)
    }

    /// The time of the next item; 0 for a loss, which has none and stands before whatever follows.
    var nextTime: UInt64 {
        guard case .event(let event) = batch[position] else { return 0 }
        return event.time
    }

    /// Takes the next item. There must be one.
    func take() -> TraceItem {
        defer { position += 1 }
        return batch[position]
    }

    /// Takes what is left of the current batch.
    func takeBatch() -> ContiguousArray<TraceItem> {
        defer { position = batch.count }
        return position == 0 ? batch : ContiguousArray(batch[position...])
    }

    var progress: (done: UInt64, total: UInt64) { replay.progress }
    var damage: [String] { replay.damage }
    var closingReport: TraceReport { replay.closingReport }
}
