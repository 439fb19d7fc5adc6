internal import RingBuffer
internal import SocketEvents

/// Leaves out of a recording the messages of which no event passes its filters: it decodes what is recorded, as a live trace
/// does, and hands on sub-buffers without their records.
///
/// What a reader gets of the rest is what it would get of the whole: see `RecordSieve`.
struct RecordDiscarder: ~Copyable {
    private var pipeline: DecodePipeline
    private var sieve: RecordSieve
    private var held: HeldPages
    private var selector: EventSelector
    private let asksForNames: Bool
    private var batch = TraceBatch(capacity: 8)
    /// The time up to which is decoded; nil between two rounds.
    private var round: UInt64?
    private var reached: UInt64 = 0

    /// Records decoded between two looks at what is decided.
    static let turn = 4096

    /// - Parameters:
    ///   - decoder: tells of all aliases that count.
    ///   - filter: which of the events are wanted.
    ///   - first: sub-buffers of each stream that come before those that are read.
    init(
        _ decoder: consuming SocketDecoder, layouts: [SubBufferLayout], filter: EventFilter, first: [[UInt8]] = [],
        patience: HeldPages.Patience = HeldPages.Patience()
    ) {
        var selection = EventSelection()
        var filter = filter
        // Which groups there were is known at the end: what is kept for that is left to who reads it.
        filter.cgroups = []
        selection.filter = filter
        selector = EventSelector(selection, isLive: true)
        // A reader may know them from the names that the file has of its end.
        asksForNames = !filter.comms.isEmpty
        sieve = RecordSieve(streams: layouts.count)
        held = HeldPages(layouts: layouts, first: first, patience: patience)
        pipeline = DecodePipeline(layouts: layouts, decoder: decoder)
    }

    /// Decodes some of what the source has, up to a time.
    /// - Parameter horizon: counts where the last round is over.
    /// - Returns: whether the round is over.
    mutating func sift<Source: PageSource & ~Copyable>(
        _ source: inout Source, until horizon: UInt64
    ) throws(TracingError) -> Bool {
        if round == nil {
            round = horizon
            try pipeline.beginSifting(&source, until: horizon, holding: &held)
        }
        var selector = self.selector
        defer { self.selector = selector }
        let asksForNames = asksForNames
        let isOver = try pipeline.sift(
            &source, through: &sieve, holding: &held, count: Self.turn, into: &batch
        ) { batch in
            if asksForNames, Self.hasNameless(batch) { return true }
            selector.apply(to: &batch)
            return batch.eventCount > 0
        }
        if isOver {
            reached = max(reached, round ?? 0)
            round = nil
        }
        held.settle(&sieve, reached: reached)
        return isOver
    }

    private static func hasNameless(_ batch: borrowing TraceBatch) -> Bool {
        for index in 0..<batch.eventCount where batch[index].comm == nil { return true }
        return false
    }

    /// Records were read that lie beyond the time up to which was decoded.
    var holdsBack: Bool { pipeline.holdsBack }

    /// Decides what is undecided: nothing more will come.
    mutating func finish() {
        sieve.finish()
        held.finish(&sieve)
    }

    /// Copies the sub-buffers that are read from here on.
    mutating func share() { held.share() }

    /// What was copied since.
    mutating func takeShared() -> [[UInt8]] { held.takeShared() }

    /// Ends sub-buffers that are not full, for somebody who waits for their records.
    /// - Returns: the time before which all records were handed over, once `take` is done.
    mutating func close() -> UInt64 {
        held.close()
        return held.horizon(reached)
    }

    /// Hands over sub-buffers that are full or closed.
    mutating func take(
        _ body: (_ stream: Int, UnsafeRawBufferPointer) throws(TracingError) -> Void
    ) throws(TracingError) {
        try held.take(body)
    }

    /// Records that were left out, and those that were not, of each stream.
    var counts: [(dropped: UInt64, kept: UInt64)] { held.counts }
    /// Bytes of sub-buffers that are held.
    var heldBytes: Int { held.byteCount }
}

extension DecodePipeline {
    fileprivate mutating func beginSifting<Source: PageSource & ~Copyable>(
        _ source: inout Source, until horizon: UInt64, holding held: inout HeldPages
    ) throws(TracingError) {
        merge.setHorizon(horizon)
        for stream in dry.indices where dry[stream] { try feed(stream, from: &source, holding: &held) }
    }

    /// Decodes so many records of the round.
    /// - Returns: whether nothing is left of it.
    fileprivate mutating func sift<Source: PageSource & ~Copyable>(
        _ source: inout Source, through sieve: inout RecordSieve, holding held: inout HeldPages, count: Int,
        into batch: inout TraceBatch, passes: (inout TraceBatch) -> Bool
    ) throws(TracingError) -> Bool {
        while true {
            switch Self.sift(&decoder, &merge, store, through: &sieve, count: count, into: &batch, passes: passes) {
            case .full: return false
            case .hungry(let stream): try feed(stream, from: &source, holding: &held)
            case .done: return true
            }
        }
    }

    private static func sift(
        _ decoder: inout SocketDecoder, _ merge: inout RecordMerge, _ store: borrowing PageStore,
        through sieve: inout RecordSieve, count: Int, into batch: inout TraceBatch, passes: (inout TraceBatch) -> Bool
    ) -> SocketDecoder.Stop {
        decoder.sift(&merge, in: store.bytes, through: &sieve, count: count, into: &batch, passes: passes)
    }

    private mutating func feed<Source: PageSource & ~Copyable>(
        _ stream: Int, from source: inout Source, holding held: inout HeldPages
    ) throws(TracingError) {
        var region = held.fill(stream: stream, of: store) ?? 0..<0
        if region.isEmpty { region = try source.fill(stream: stream, of: store) }
        dry[stream] = region.isEmpty
        guard !region.isEmpty else { return merge.close(stream: stream) }
        store.bytes.withUnsafeBytes { held.add(UnsafeRawBufferPointer(rebasing: $0[region]), stream: stream) }
        Self.feed(stream, region, of: store, to: &merge)
    }
}
