internal import Glibc
internal import SocketTracing

/// A recording that goes to standard output as it is made.
struct StreamingCapture: ~Copyable, Capture {
    private var recording: StreamedRecording
    private let output: StreamOutput

    /// Takes a recording whose probes are installed, and that writes to the output.
    init(_ recording: consuming StreamedRecording, _ output: StreamOutput) {
        self.recording = recording
        self.output = output
    }

    var isOver: Bool { recording.isAbandoned || output.sink.end != nil }
    var watchedOutput: Int32 { output.sink.descriptor }
    mutating func notice(_ wake: SignalWatch.Wake) { output.sink.notice(wake) }

    var disturbances: [Disturbance] { recording.disturbances }
    var hasNumbersOfProc: Bool { recording.hasNumbersOfProc }
    var waking: Waking { .onAnyRecord(recording.buffers) }

    mutating func start() throws(TracingError) { try recording.start() }

    mutating func collect(_ signals: SignalWatch) throws(TracingError) -> Bool { try recording.move() }

    consuming func abandon() -> [String] { recording.abandon() }

    consuming func finish(_ signals: SignalWatch, after trouble: TracingError?) -> CaptureResult {
        let output = output
        let report = recording.stop(after: trouble)
        return CaptureResult(report: report, outputEnd: output.sink.end.map { ($0, output.sink.name) })
    }
}

/// Standard output for a recording, which no terminal can show.
final class StreamOutput {
    fileprivate(set) var sink: EventSink
    private let signals: SignalWatch

    init(_ signals: SignalWatch) throws(CommandFailure) {
        guard isatty(STDOUT_FILENO) == 0 else {
            throw CommandFailure(
                """
                cannot record to a terminal: what is written is not text
                Fix: sockftrace record -o - | sockftrace report -, or > FILE; or sockftrace trace, which writes text
                """)
        }
        sink = try EventSink()
        self.signals = signals
    }

    /// Writes all bytes; false where nobody takes them any more.
    func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { sink.write($0, signals) }
        return sink.end == nil
    }
}
