internal import EventOutput
internal import EventStatistics
internal import SocketEvents

/// The output as a consumer of events writes to it.
struct OutputSink: ~Copyable, ByteSink {
    private(set) var sink: EventSink
    private let signals: SignalWatch?

    /// - Parameter signals: nil where a signal may end the process in the middle of a write.
    init(_ sink: consuming EventSink, _ signals: SignalWatch? = nil) {
        self.sink = sink
        self.signals = signals
    }

    var hasEnded: Bool { sink.end != nil }

    mutating func write(_ bytes: borrowing OutputBuffer) {
        bytes.withUnsafeBytes { sink.write($0, signals) }
    }

    mutating func notice(_ wake: SignalWatch.Wake) { sink.notice(wake) }
}
