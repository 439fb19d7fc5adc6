internal import SocketTracing

/// A live trace of which a summary is written in the end.
struct SummaryCapture: ~Copyable, Capture {
    private var trace: LiveTrace
    private var writer: SummaryWriter

    /// Takes a trace whose probes are installed.
    init(_ trace: consuming LiveTrace, _ writer: consuming SummaryWriter) {
        self.trace = trace
        self.writer = writer
    }

    var isOver: Bool { false }
    var watchedOutput: Int32 { -1 }

    mutating func notice(_ wake: SignalWatch.Wake) {}

    var disturbances: [Disturbance] { trace.disturbances }
    var hasNumbersOfProc: Bool { trace.hasNumbersOfProc }

    mutating func start() throws(TracingError) {
        try trace.start()
    }

    mutating func collect(_ signals: SignalWatch) throws(TracingError) {
        try Self.drain(&trace, into: &writer)
    }

    consuming func finish(_ signals: SignalWatch, after trouble: TracingError?) -> CaptureResult {
        var writer = writer
        writer.beginBatch()
        let report = Self.stop(trace, after: trouble, into: &writer)
        writer.write(signals)
        return CaptureResult(
            report: report, shown: writer.shown, outputEnd: writer.sinkEnd.map { ($0, writer.sinkName) })
    }

    consuming func abandon() -> [String] { trace.abandon() }

    // The trace lends its items to a closure that counts: both are at hand as parameters.

    private static func drain(_ trace: inout LiveTrace, into writer: inout SummaryWriter) throws(TracingError) {
        writer.beginBatch()
        try trace.drain { items throws(TracingError) in writer.add(items) }
    }

    private static func stop(
        _ trace: consuming LiveTrace, after trouble: TracingError?, into writer: inout SummaryWriter
    ) -> TraceReport {
        trace.stop(after: trouble) { items throws(TracingError) in writer.add(items) }
    }
}
