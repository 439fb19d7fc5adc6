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

/// A consumer of events that writes to an output.
protocol WritingConsumer: EventConsumer, ~Copyable {
    var sink: OutputSink { get set }
    /// Events that it took, of each source.
    var shown: [UInt64] { get }
    /// It writes while events come, so that the end of its output is worth noticing.
    var isContinuous: Bool { get }
}
