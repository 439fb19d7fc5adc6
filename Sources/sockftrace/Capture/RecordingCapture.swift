internal import SocketTracing

/// A recording to a trace.dat.
struct RecordingCapture: ~Copyable, Capture {
    private var recording: Recording
    private let isCompressed: Bool

    /// What takes seconds to compress, bytes.
    private static let worthTelling: UInt64 = 256 << 20

    /// Takes a recording whose probes are installed.
    /// - Parameter isCompressed: whether it will be, at the end.
    init(_ recording: consuming Recording, isCompressed: Bool) {
        self.recording = recording
        self.isCompressed = isCompressed
    }

    var disturbances: [Disturbance] { recording.disturbances }
    var hasNumbersOfProc: Bool { recording.hasNumbersOfProc }

    mutating func start() throws(TracingError) {
        try recording.start()
    }

    mutating func note(command: Int32) throws(TracingError) {
        try recording.noteCommand(command)
    }

    mutating func collect(_ signals: SignalWatch) throws(TracingError) {
        try recording.move()
    }

    consuming func abandon() -> [String] { recording.abandon() }

    consuming func finish(_ signals: SignalWatch, after trouble: TracingError?) -> CaptureResult {
        if recording.byteCount >= Self.worthTelling, isCompressed, Terminal.hasReader {
            Messages.say("compressing \(recording.byteCount >> 20) MiB; Ctrl-C leaves the file as it is")
        }
        // Whoever asked for the end once has asked for that of the recording.
        let requests = signals.stopRequests.count
        return CaptureResult(
            report: recording.stop(after: trouble) {
                _ = signals.wait(milliseconds: 0, output: -1)
                return signals.stopRequests.count == requests
            })
    }
}
