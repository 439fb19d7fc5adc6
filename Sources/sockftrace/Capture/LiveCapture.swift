internal import SocketTracing

/// A live trace whose events are written as they come.
struct LiveCapture: ~Copyable, Capture {
    private var trace: LiveTrace
    private var writer: EventWriter

    /// Takes a trace whose probes are installed.
    init(_ trace: consuming LiveTrace, _ writer: consuming EventWriter) {
        self.trace = trace
        self.writer = writer
    }

    var isOver: Bool { writer.sinkEnd != nil }
    var watchedOutput: Int32 { writer.descriptor }

    mutating func notice(_ wake: SignalWatch.Wake) { writer.notice(wake) }

    var disturbances: [Disturbance] { trace.disturbances }
    var hasNumbersOfProc: Bool { trace.hasNumbersOfProc }

    mutating func start() throws(TracingError) {
        try trace.start()
    }

    mutating func collect(_ signals: SignalWatch) throws(TracingError) {
        writer.writeHeader(signals)
        try Self.drain(&trace, into: &writer, signals)
    }

    consuming func finish(_ signals: SignalWatch, after trouble: TracingError?) -> CaptureResult {
        var writer = writer
        writer.beginBatch()
        let report = Self.stop(trace, after: trouble, into: &writer, signals)
        return CaptureResult(
            report: report, shown: writer.shown, outputEnd: writer.sinkEnd.map { ($0, writer.sinkName) })
    }

    consuming func abandon() -> [String] { trace.abandon() }

    // The trace lends its items to a closure that writes: both are at hand as parameters.

    private static func drain(
        _ trace: inout LiveTrace, into writer: inout EventWriter, _ signals: SignalWatch
    ) throws(TracingError) {
        writer.beginBatch()
        try trace.drain { items throws(TracingError) in writer.write(items, signals) }
    }

    private static func stop(
        _ trace: consuming LiveTrace, after trouble: TracingError?, into writer: inout EventWriter,
        _ signals: SignalWatch
    ) -> TraceReport {
        trace.stop(after: trouble) { items throws(TracingError) in writer.write(items, signals) }
    }
}
