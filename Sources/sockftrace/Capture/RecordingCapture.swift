internal import SocketTracing

/// A recording to a trace.dat.
struct RecordingCapture: ~Copyable, Capture {
    private var recording: Recording
    private let isCompressed: Bool
    private var isTriggered = false
    private var isWoken = false

    /// What takes seconds to compress, bytes.
    private static let worthTelling: UInt64 = 256 << 20

    /// Between two looks while somebody follows the file, nanoseconds: each may take a sub-buffer a CPU that is hardly filled.
    private static let followedTick: UInt64 = 250_000_000

    /// Takes a recording whose probes are installed.
    /// - Parameter isCompressed: whether it will be, at the end.
    init(_ recording: consuming Recording, isCompressed: Bool) {
        self.recording = recording
        self.isCompressed = isCompressed
    }

    var isOver: Bool { isTriggered || recording.isFull || recording.isTriggered }

    mutating func notice(_ wake: SignalWatch.Wake) { isWoken = wake.hasRecords }

    var disturbances: [Disturbance] { recording.disturbances }
    var hasNumbersOfProc: Bool { recording.hasNumbersOfProc }

    mutating func start() throws(TracingError) {
        try recording.start()
    }

    mutating func note(command: Int32) throws(TracingError) {
        try recording.noteCommand(command)
    }

    var waking: Waking {
        if recording.isFollowed { return Waking(buffers: recording.buffers, delay: Self.followedTick) }
        var waking = recording.wakesLate ? Waking(buffers: recording.buffers) : .onAnyRecord(recording.buffers)
        waking.deadline = recording.nextLook
        return waking
    }

    mutating func collect(_ signals: SignalWatch) throws(TracingError) -> Bool {
        isTriggered = signals.takeTrigger()
        guard !isTriggered else { return false }
        defer { isWoken = false }
        return try recording.move(isWoken: isWoken)
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
