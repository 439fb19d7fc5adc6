internal import EventOutput
internal import SocketEvents
internal import SocketTracing

/// A live trace whose events a consumer takes as they come.
struct LiveCapture<Consumer: WritingConsumer & ~Copyable>: ~Copyable, Capture where Consumer.Sink == OutputSink {
    private var trace: LiveTrace
    private var consumer: Consumer
    private let whenDone: (borrowing Consumer) -> Void

    /// Takes a trace whose probes are installed.
    /// - Parameter whenDone: called when the consumer has ended.
    init(
        _ trace: consuming LiveTrace, _ consumer: consuming Consumer,
        whenDone: @escaping (borrowing Consumer) -> Void = { _ in }
    ) {
        self.trace = trace
        self.consumer = consumer
        self.whenDone = whenDone
    }

    var isOver: Bool { consumer.isOver }
    var watchedOutput: Int32 { consumer.isContinuous ? consumer.sink.sink.descriptor : -1 }

    mutating func notice(_ wake: SignalWatch.Wake) {
        if consumer.isContinuous { consumer.sink.notice(wake) }
    }

    var disturbances: [Disturbance] { trace.disturbances }
    var hasNumbersOfProc: Bool { trace.hasNumbersOfProc }

    mutating func start() throws(TracingError) {
        try trace.start()
        consumer.begin()
        consumer.flush()
    }

    var waking: Waking {
        var waking = Waking.onAnyRecord(trace.buffers + [consumer.input])
        waking.deadline = consumer.nextFlush
        return waking
    }

    mutating func collect(_ signals: SignalWatch) throws(TracingError) -> Bool {
        let hasMore = try trace.drain(into: &consumer)
        consumer.flush()
        return hasMore
    }

    consuming func finish(_ signals: SignalWatch, after trouble: TracingError?) -> CaptureResult {
        let report = trace.stop(after: trouble, into: &consumer)
        consumer.end()
        whenDone(consumer)
        let end = consumer.sink.sink.end
        let name = consumer.sink.sink.name
        return CaptureResult(report: report, tally: consumer.tallies.first, outputEnd: end.map { ($0, name) })
    }

    consuming func abandon() -> [String] { trace.abandon() }
}
