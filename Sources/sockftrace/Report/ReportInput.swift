internal import SocketEvents
internal import SocketNames
internal import SocketTracing
internal import SystemPackage

/// One file of a report or summary: its events in time order, as far as they are wanted.
final class ReportInput {
    /// As the user wrote it.
    let path: String
    /// As messages call it.
    let name: String
    let facts: RecordingInfo
    let flagNames: SocketFlagNames?
    /// Its events can say between whom they were.
    let tellsEndpoints: Bool
    /// What its events can say of whose their sockets are.
    let shownFields: Set<OptionalField>
    private var replay: Replay
    private var batch = TraceBatch()
    /// What was not taken yet of the batch.
    private var rest = TraceBatch().whole

    /// What asks for the end of a file that may still be recorded.
    private let signals: SignalWatch?

    convenience init(_ path: String, _ options: ReplayOptions) throws(TracingError) {
        if path == "-" {
            self.init(
                try Replay(descriptor: .standardInput, name: "standard input", options: options), path,
                name: "standard input")
        } else {
            self.init(try Replay(path: FilePath(path), options: options), path, name: path)
        }
    }

    /// A file that may still be recorded.
    /// - Parameter signals: ask for the end.
    convenience init(_ path: String, _ options: ReplayOptions, following signals: SignalWatch) throws {
        let replay = try Replay.following(FilePath(path), options: options) {
            _ = signals.wait(milliseconds: Self.followingPause)
            return !signals.stopRequested
        }
        guard let replay else { throw Interruption(signal: signals.stopRequests.first?.number ?? 2) }
        self.init(replay, path, name: path, following: signals)
    }

    /// Between two looks whether a file has grown: less than its recorder takes to write more.
    private static let followingPause: Int32 = 100

    private init(
        _ replay: consuming Replay, _ path: String, name: String, following signals: SignalWatch? = nil
    ) {
        self.path = path
        self.name = name
        self.signals = signals
        facts = replay.facts
        flagNames = replay.flagNames
        (tellsEndpoints, shownFields) = (replay.tellsEndpoints, replay.shownFields)
        self.replay = replay
    }

    /// Whether the end of following was asked for.
    var isEndWanted: Bool { signals?.isStopRequested ?? false }

    /// The part that is wanted, in the file's own time; to be set before the first batch is taken.
    var window: TimeWindow {
        get { replay.window }
        set { replay.window = newValue }
    }

    /// Arguments that are not shown.
    func omit(_ arguments: Alias.Arguments) { replay.omit(arguments) }

    /// When the recording began, in nanoseconds of its trace clock; 0 where there is no record at all.
    func beginning() throws(TracingError) -> UInt64 { try replay.beginning() ?? 0 }

    /// Reads the next batch; false at the end of the recording.
    func read(into batch: inout TraceBatch, count: Int) throws(TracingError) -> Bool {
        try replay.read(into: &batch, count: count)
    }

    /// Whether there are items that were not taken; false at the end of the recording.
    func hasMore() throws(TracingError) -> Bool {
        while rest.isEmpty {
            guard try replay.read(into: &batch) else { return false }
            rest = batch.whole
        }
        return true
    }

    /// The time of the next item; 0 for a loss, which has none and stands before whatever follows.
    var nextTime: UInt64 {
        if let loss = rest.losses.first, batch.loss(at: loss).position <= rest.events.lowerBound { return 0 }
        return batch[rest.events.lowerBound].time
    }

    /// Takes the items of the current batch up to a time.
    /// - Parameter offset: nanoseconds from the file's own time to that of the limit.
    func take(
        until limit: UInt64 = .max, offset: UInt64 = 0, _ deliver: (borrowing TraceBatch, TraceBatch.Part) -> Void
    ) {
        func isIn(_ time: UInt64) -> Bool { (time == 0 ? 0 : time &+ offset) <= limit }
        var (event, loss) = (rest.events.lowerBound, rest.losses.lowerBound)
        while true {
            while loss < rest.losses.upperBound, batch.loss(at: loss).position <= event { loss += 1 }
            guard event < rest.events.upperBound, isIn(batch[event].time) else { break }
            event += 1
        }
        let part = TraceBatch.Part(
            events: rest.events.lowerBound..<event, losses: rest.losses.lowerBound..<loss)
        rest = TraceBatch.Part(events: event..<rest.events.upperBound, losses: loss..<rest.losses.upperBound)
        deliver(batch, part)
    }

    /// It is read while it is recorded: what came is to be shown at once.
    var isStream: Bool { replay.isStream }
    var progress: (done: UInt64, total: UInt64) { replay.progress }
    var damage: [String] { replay.damage }
    var closingReport: TraceReport { replay.closingReport }
}
