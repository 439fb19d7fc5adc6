internal import EventOutput
internal import SocketEvents
internal import SocketTracing

/// What `trace` and `record` have in common: something is installed in the kernel, yields for a while, and is taken out
/// again.
protocol Capture: ~Copyable {
    /// Begins. What this process starts from then on is captured from its first instruction.
    mutating func start() throws(TracingError)
    /// The command runs, as this process.
    mutating func note(command: Int32) throws(TracingError)
    /// Takes what the kernel has.
    /// - Returns: whether there is more to take soon, which no buffer will tell.
    mutating func collect(_ signals: SignalWatch) throws(TracingError) -> Bool
    /// What it is to be woken by when there is no more.
    var waking: Waking { get }
    /// Takes the rest and leaves the kernel as it was found, whatever becomes of the rest.
    /// - Parameter trouble: what ended it, where that was an error; the result's report has it.
    consuming func finish(_ signals: SignalWatch, after trouble: TracingError?) -> CaptureResult
    /// Leaves the kernel as it was found; nothing is shown or written.
    /// - Returns: what could not be removed, and why.
    consuming func abandon() -> [String]
    /// What somebody else did to it, as far as it was noticed.
    var disturbances: [Disturbance] { get }
    /// Whether processes have the numbers that /proc tells here.
    var hasNumbersOfProc: Bool { get }
    /// Nothing more can be written, so there is no use in going on.
    var isOver: Bool { get }
    /// The descriptor whose end is worth noticing; -1 for none.
    var watchedOutput: Int32 { get }
    /// Takes note of what a wait told of that descriptor.
    mutating func notice(_ wake: SignalWatch.Wake)
}

extension Capture where Self: ~Copyable {
    mutating func note(command: Int32) throws(TracingError) {}
    var isOver: Bool { false }
    var watchedOutput: Int32 { -1 }
    mutating func notice(_ wake: SignalWatch.Wake) {}
}

extension LiveTrace {
    /// Passes on what the kernel has.
    /// - Returns: whether records were held back: see `drain(deliver:)`.
    mutating func drain(into consumer: inout some EventConsumer & ~Copyable) throws(TracingError) -> Bool {
        try drain { batch throws(TracingError) in consumer.take(batch) }
    }

    /// Passes on the rest and leaves the kernel as it was found.
    consuming func stop(
        after trouble: TracingError?, into consumer: inout some EventConsumer & ~Copyable
    ) -> TraceReport {
        stop(after: trouble) { batch throws(TracingError) in consumer.take(batch) }
    }
}

/// What a capture came to.
struct CaptureResult {
    var report: TraceReport
    /// What was made of the events that passed the filters, where events are decoded.
    var tally: Tally?
    /// What became of the output and what that is called, where it ended before the events did.
    var outputEnd: (reason: EventSink.End, name: String)?
    /// What became of an export, for the user; nil where none was to be made.
    var export: Result<String, CommandFailure>?
}
