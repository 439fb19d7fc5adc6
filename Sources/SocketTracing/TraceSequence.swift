public import SocketEvents
public import SystemPackage

/// The events of a live trace or of a recording, for `for try await`.
///
///     for try await item in TraceSequence.live() {
///         if case .event(let event) = item { print(event.alias.name, event.size ?? -1) }
///     }
///
/// Iterating begins the trace; leaving the loop, by `break`, an error or cancellation of the task, ends it and takes all
/// probes out of the kernel again. Each iteration is a trace of its own.
public struct TraceSequence: AsyncSequence, Sendable {
    /// Events, and losses between them.
    public typealias Element = TraceItem
    /// A ``TracingError``; of a recording also that the task was cancelled.
    public typealias Failure = any Error

    private enum Origin: Sendable {
        case live(TraceOptions)
        case file(FilePath, ReplayOptions)
    }

    private let origin: Origin

    /// What happens on the running kernel, until the task is cancelled; what was recorded by then is still handed out. Needs
    /// root.
    public static func live(_ options: TraceOptions = TraceOptions()) -> TraceSequence {
        TraceSequence(origin: .live(options))
    }

    /// What a trace.dat holds; needs no privileges.
    public static func replay(_ path: FilePath, options: ReplayOptions = ReplayOptions()) -> TraceSequence {
        TraceSequence(origin: .file(path, options))
    }

    /// Begins the trace, or opens the recording, when the first item is asked for.
    public func makeAsyncIterator() -> Iterator {
        switch origin {
        case .live(let options): Iterator(source: LiveBatches(options))
        case .file(let path, let options): Iterator(source: FileBatches(path, options))
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
    private var replay: Replay?
    private var batch = TraceBatch()

    init(_ path: FilePath, _ options: ReplayOptions) {
        self.path = path
        self.options = options
    }

    func nextBatch() async throws -> ContiguousArray<TraceItem>? {
        if replay == nil { replay = try Replay(path: path, options: options) }
        try Task.checkCancellation()
        return try replay?.read(into: &batch) == true ? batch.items : nil
    }
}

private final class LiveBatches: BatchSource {
    private let options: TraceOptions
    private var trace: LiveTrace?
    private var hasEnded = false

    /// How long to leave an idle kernel alone: short enough to seem immediate, long enough to cost nothing.
    private static let tick = Duration.milliseconds(50)

    init(_ options: TraceOptions) {
        self.options = options
    }

    func nextBatch() async throws -> ContiguousArray<TraceItem>? {
        if trace == nil, !hasEnded {
            trace = try LiveTrace(options)
            try trace?.start()
        }
        while !Task.isCancelled, !hasEnded {
            var items: ContiguousArray<TraceItem> = []
            try trace?.drain { items.append(contentsOf: $0.items) }
            if !items.isEmpty { return items }
            try? await Task.sleep(for: Self.tick)
        }
        hasEnded = true
        guard var ending = trace.take() else { return nil }
        var rest: ContiguousArray<TraceItem> = []
        _ = try ending.stop { rest.append(contentsOf: $0.items) }
        return rest.isEmpty ? nil : rest
    }
}
