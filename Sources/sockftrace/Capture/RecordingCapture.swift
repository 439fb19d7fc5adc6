internal import SocketTracing

/// A recording to a trace.dat.
struct RecordingCapture: ~Copyable, Capture {
    private var recording: Recording

    /// Takes a recording whose probes are installed.
    init(_ recording: consuming Recording) {
        self.recording = recording
    }

    var isOver: Bool { false }
    var watchedOutput: Int32 { -1 }

    mutating func notice(_ wake: SignalWatch.Wake) {}

    mutating func start() throws(TracingError) {
        try recording.start()
    }

    mutating func collect(_ signals: SignalWatch) throws(TracingError) {
        try recording.move()
    }

    consuming func finish(_ signals: SignalWatch, after trouble: TracingError?) throws(TracingError) -> CaptureResult {
        CaptureResult(report: recording.stop(after: trouble))
    }
}
