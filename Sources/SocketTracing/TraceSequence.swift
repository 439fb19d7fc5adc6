public import SocketEvents
public import SystemPackage
internal import TraceFS

/// The events of a live trace or of a recording, for `for try await`.
///
///     for try await item in TraceSequence.live() {
///         if case .event(let event) = item { print(event.alias.name, event.size ?? -1) }
///     }
///
/// Iterating begins the trace; leaving the loop, by `break`, an error or cancellation of the task, ends it and takes all
/// probes out of the kernel again. Each iteration is a trace of its own. What it came to, with its losses, what went
/// wrong, and what could not be removed, is handed to `whenEnded`, however it ended.
public struct TraceSequence: AsyncSequence, Sendable {
    /// A ``TracingError``; of a recording also that the task was cancelled.
    public typealias Failure = any Error

    private enum Origin: Sendable {
        case live(TraceOptions)
        case file(FilePath, ReplayOptions)
    }

    private let origin: Origin
    private let whenEnded: WhenEnded

    /// Takes the closing report of an iteration that began.
    public typealias WhenEnded = @Sendable (TraceReport) -> Void

    /// What happens on the running kernel, until the task is cancelled; what was recorded by then is still handed out. Needs
    /// root.
    public static func live(
        _ options: TraceOptions = TraceOptions(), whenEnded: @escaping WhenEnded = { _ in }
    ) -> TraceSequence {
        TraceSequence(origin: .live(options), whenEnded: whenEnded)
    }

    /// What a trace.dat holds; needs no privileges.
    public static func replay(
        _ path: FilePath, options: ReplayOptions = ReplayOptions(), whenEnded: @escaping WhenEnded = { _ in }
    ) -> TraceSequence {
        TraceSequence(origin: .file(path, options), whenEnded: whenEnded)
    }

    /// Begins the trace, or opens the recording, when the first item is asked for.
    public func makeAsyncIterator() -> Iterator {
        switch origin {
        case .live(let options): Iterator(source: LiveBatches(options, whenEnded))
        case .file(let path, let options): Iterator(source: FileBatches(path, options, whenEnded))
        }
    }

    /// Hands out the items of one batch after the other.
    public struct Iterator: AsyncIteratorProtocol {
        private let source: any BatchSource
        private var batch: ContiguousArray<TraceItem> = []
        private var position = 0

        fileprivate init(source: any BatchSource) {
            self.source = source
        }

        /// The next item; nil at the end.
        public mutating func next() async throws -> TraceItem? {
            while position == batch.count {
                guard let next = try await source.nextBatch() else { return nil }
                batch = next
                position = 0
            }
            defer { position += 1 }
            return batch[position]
        }
    }
}

/// Where an iterator's batches come from; nil at the end.
private protocol BatchSource: AnyObject {
    func nextBatch() async throws -> ContiguousArray<TraceItem>?
}

private final class FileBatches: BatchSource {
    private let path: FilePath
    private let options: ReplayOptions
    private let whenEnded: TraceSequence.WhenEnded
    private var replay: Replay?
    private var batch = TraceBatch()
    private var hasEnded = false

    init(_ path: FilePath, _ options: ReplayOptions, _ whenEnded: @escaping TraceSequence.WhenEnded) {
        self.path = path
        self.options = options
        self.whenEnded = whenEnded
    }

    /// The loop was left before the end.
    deinit { end() }

    func nextBatch() async throws -> ContiguousArray<TraceItem>? {
        guard !hasEnded else { return nil }
        do {
            if replay == nil { replay = try Replay(path: path, options: options) }
            try Task.checkCancellation()
            if try replay?.read(into: &batch) == true { return batch.items }
        } catch {
            end(error as? TracingError)
            throw error
        }
        end()
        return nil
    }

    private func end(_ trouble: TracingError? = nil) {
        hasEnded = true
        guard let replay = replay.take() else { return }
        var report = replay.closingReport
        report.trouble = trouble
        whenEnded(report)
    }
}

private final class LiveBatches: BatchSource {
    private let options: TraceOptions
    private let whenEnded: TraceSequence.WhenEnded
    private var trace: LiveTrace?
    private var hasEnded = false

    /// How long to leave an idle kernel alone: short enough to seem immediate, long enough to cost nothing.
    private static let tick = Duration.milliseconds(50)

    init(_ options: TraceOptions, _ whenEnded: @escaping TraceSequence.WhenEnded) {
        self.options = options
        self.whenEnded = whenEnded
    }

    /// The loop was left before the end: nobody takes the rest.
    deinit {
        end { _ in }
    }

    func nextBatch() async throws -> ContiguousArray<TraceItem>? {
        do {
            if trace == nil, !hasEnded {
                var options = options
                options.cancellation = SetupCancellation { Task.isCancelled }
                trace = try LiveTrace(options)
                try trace?.start()
            }
            while !Task.isCancelled, !hasEnded {
                var items: ContiguousArray<TraceItem> = []
                try trace?.drain { items.append(contentsOf: $0.items) }
                if !items.isEmpty { return items }
                try? await Task.sleep(for: Self.tick)
            }
        } catch TracingError.traceFS(let error) where error.kind == .interrupted {
            // The task was cancelled before there was a trace.
            hasEnded = true
            return nil
        } catch {
            end(after: error) { _ in }
            throw error
        }
        var rest: ContiguousArray<TraceItem> = []
        if let trouble = end({ rest.append(contentsOf: $0.items) }) {
            guard !rest.isEmpty else { throw trouble }
        }
        return rest.isEmpty ? nil : rest
    }

    /// - Returns: what went wrong.
    @discardableResult
    private func end(
        after trouble: TracingError? = nil, _ deliver: (borrowing TraceBatch) throws(TracingError) -> Void
    ) -> TracingError? {
        hasEnded = true
        guard let trace = trace.take() else { return nil }
        let report = trace.stop(after: trouble, deliver: deliver)
        whenEnded(report)
        return report.trouble
    }
}
