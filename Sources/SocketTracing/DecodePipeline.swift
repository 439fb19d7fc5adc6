internal import RingBuffer
internal import SocketEvents

/// Where sub-buffers come from: the kernel, or a file.
protocol PageSource: ~Copyable {
    /// Fills a slot of a stream with its next sub-buffers.
    /// - Returns: where they lie among the store's bytes, a whole number of sub-buffers; an empty range where there is
    ///   none for now, or none is left.
    mutating func fill(stream: Int, of store: borrowing PageStore) throws(TracingError) -> Range<Int>
}

/// Sub-buffers in, batches of trace items out. Live tracing and offline report share all of it.
struct DecodePipeline: ~Copyable {
    let store: PageStore
    var merge: RecordMerge
    var decoder: SocketDecoder
    private var batch = TraceBatch(capacity: Self.batchSize + 16)
    /// Streams that had nothing more when they were last asked.
    var dry: ContiguousArray<Bool>

    /// Enough that a batch is worth its calls, few enough that it stays in the cache.
    static var batchSize: Int { 128 }

    /// Bytes of a slot, large enough that a read is worth its system call; fewer where there are so many streams that
    /// they would take more than the sum.
    static var slotBytes: Int { 128 << 10 }
    static var memoryBytes: Int { 32 << 20 }

    /// - Parameter slotsEach: of a stream.
    init(layouts: [SubBufferLayout], slotsEach: Int = 1, decoder: consuming SocketDecoder) {
        let largest = layouts.reduce(4096) { max($0, $1.size) }
        let wanted = min(Self.slotBytes, Self.memoryBytes / max(1, layouts.count * slotsEach))
        store = PageStore(
            streams: layouts.count, slotsEach: slotsEach, slotSize: max(largest, wanted / largest * largest))
        merge = RecordMerge(layouts: layouts)
        self.decoder = decoder
        dry = ContiguousArray(repeating: true, count: layouts.count)
    }

    /// Arguments that nobody asks for.
    mutating func omit(_ arguments: Alias.Arguments) { decoder.omit(arguments) }

    var statistics: DecodeStatistics { decoder.statistics }

    /// Begins to count anew.
    mutating func forgetCounts() { decoder.forgetCounts() }

    /// Records that were read of each stream, of whatever event.
    var recordCounts: [UInt64] { dry.indices.map { decoder.recordCount(stream: $0) } }

    /// Of these, those that another buffer has, too.
    var repetitionCounts: [UInt64] { dry.indices.map { decoder.repetitionCount(stream: $0) } }

    /// The malformed sub-buffers of each stream.
    var pageFaults: [PageFaults] { dry.indices.map { merge.faults(stream: $0) } }

    /// Decodes what the source has, up to a time, and hands it over in batches.
    mutating func run<Source: PageSource & ~Copyable>(
        _ source: inout Source, until horizon: UInt64 = .max,
        deliver: (borrowing TraceBatch) throws(TracingError) -> Void
    ) throws(TracingError) {
        try begin(&source, until: horizon)
        // Out of `self` while it decodes, which changes all of that.
        var batch = TraceBatch()
        swap(&batch, &self.batch)
        defer { swap(&batch, &self.batch) }
        while try nextBatch(from: &source, into: &batch) { try deliver(batch) }
    }

    /// Begins a round: asks again the streams that had run dry.
    mutating func begin<Source: PageSource & ~Copyable>(
        _ source: inout Source, until horizon: UInt64 = .max
    ) throws(TracingError) {
        merge.setHorizon(horizon)
        for stream in dry.indices where dry[stream] { try feed(stream, from: &source) }
    }

    /// Passes over what the source has up to a time, unread: it was decoded before, from another file.
    mutating func skip<Source: PageSource & ~Copyable>(
        _ source: inout Source, until border: UInt64
    ) throws(TracingError) {
        // What that file had of later records is in this one, too.
        for stream in dry.indices {
            merge.close(stream: stream)
            dry[stream] = true
        }
        try begin(&source, until: border)
        while true {
            switch Self.step(&merge, store) {
            case .record, .loss: continue
            case .hungry(let stream): try feed(stream, from: &source)
            case .done: return
            }
        }
    }

    /// Whether records were read that lie beyond the horizon.
    var holdsBack: Bool { merge.holdsBack }

    /// Decodes the next batch of the round; false where nothing is left of it.
    /// - Parameter batch: holds it afterwards, and nothing else.
    mutating func nextBatch<Source: PageSource & ~Copyable>(
        from source: inout Source, into batch: inout TraceBatch, capacity: Int = DecodePipeline.batchSize
    ) throws(TracingError) -> Bool {
        batch.clear()
        while true {
            switch Self.decode(&decoder, &merge, store, into: &batch, capacity: capacity) {
            case .full: return true
            case .hungry(let stream): try feed(stream, from: &source)
            case .done: return !batch.isEmpty
            }
        }
    }

    /// The trace is over.
    mutating func finish() {
        decoder.finish(malformedPages: merge.malformedPages)
    }

    private mutating func feed<Source: PageSource & ~Copyable>(
        _ stream: Int, from source: inout Source
    ) throws(TracingError) {
        let region = try source.fill(stream: stream, of: store)
        dry[stream] = region.isEmpty
        if region.isEmpty {
            merge.close(stream: stream)
        } else {
            Self.feed(stream, region, of: store, to: &merge)
        }
    }

    // The span borrows the store alone, so it is taken where the other members are at hand as parameters.

    private static func decode(
        _ decoder: inout SocketDecoder, _ merge: inout RecordMerge, _ store: borrowing PageStore,
        into batch: inout TraceBatch, capacity: Int
    ) -> SocketDecoder.Stop {
        decoder.decode(&merge, in: store.bytes, into: &batch, capacity: capacity)
    }

    private static func step(_ merge: inout RecordMerge, _ store: borrowing PageStore) -> RecordMerge.Step {
        merge.next(in: store.bytes)
    }

    static func feed(
        _ stream: Int, _ region: Range<Int>, of store: borrowing PageStore, to merge: inout RecordMerge
    ) {
        merge.feed(stream: stream, region: region, in: store.bytes)
    }
}
