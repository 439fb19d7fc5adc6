internal import RingBuffer
internal import SocketEvents

/// Sub-buffers that were read and decoded, until it is known which of their records are kept; these come out of it packed into
/// new sub-buffers.
struct HeldPages: ~Copyable {
    private var streams: [HeldStream]
    /// Bytes of sub-buffers that are held.
    private(set) var byteCount = 0

    /// How long and how much is held back for the sake of operations that have not ended, in nanoseconds of the trace clock
    /// and in bytes: a thread that sleeps in recv(2) for hours is not waited for.
    struct Patience {
        var time: UInt64 = 1_000_000_000
        var bytes = 16 << 20
        /// How long records wait for their sub-buffer to be full, for should this process be killed they are gone.
        var openTime: UInt64 = 5_000_000_000
    }

    private let patience: Patience
    /// Sub-buffers of each stream that come before those that are read, and how much of them was taken.
    private var first: [(bytes: [UInt8], taken: Int)]
    /// Copies of what is read that another file is to have, too; nil where none is.
    private var shared: [[UInt8]]?

    init(layouts: [SubBufferLayout], first: [[UInt8]], patience: Patience) {
        streams = layouts.map { HeldStream(layout: $0) }
        self.first = first.map { ($0, 0) }
        self.patience = patience
    }

    /// Takes a copy of sub-buffers as they are read.
    mutating func add(_ pages: UnsafeRawBufferPointer, stream: Int) {
        guard !pages.isEmpty else { return }
        streams[stream].add(PageCopy(pages))
        shared?[stream].append(contentsOf: pages)
        byteCount += pages.count
    }

    /// Fills a slot with sub-buffers that come before those that are read; nil where there are no more of these.
    mutating func fill(stream: Int, of store: borrowing PageStore) -> Range<Int>? {
        guard first.indices.contains(stream), first[stream].taken < first[stream].bytes.count else { return nil }
        let slot = store.slot(of: stream)
        let room = store.memory.room(slot)
        let rest = first[stream].taken..<first[stream].bytes.count
        let part = rest.prefix(room.count)
        first[stream].bytes.withUnsafeBytes { room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[part])) }
        first[stream].taken += part.count
        if part.count == rest.count { first[stream] = ([], 0) }
        return store.memory.region(slot, count: part.count)
    }

    /// Copies what is read from here on.
    mutating func share() { shared = streams.map { _ in [] } }

    /// What was copied since.
    mutating func takeShared() -> [[UInt8]] {
        defer { shared = nil }
        return shared ?? []
    }

    /// Packs what is decided.
    /// - Parameter reached: the time up to which everything was decoded.
    mutating func settle(_ sieve: inout RecordSieve, reached: UInt64) {
        for index in streams.indices {
            let oldest = reached > patience.time ? reached - patience.time : 0
            byteCount -= streams[index].settle(
                &sieve, stream: index, waitingSince: byteCount > patience.bytes ? .max : oldest)
            guard streams[index].packed.isOpen, reached > patience.openTime else { continue }
            if streams[index].packed.openedAt < reached - patience.openTime { streams[index].packed.close() }
        }
    }

    /// Packs the rest; the sieve has finished.
    mutating func finish(_ sieve: inout RecordSieve) {
        for index in streams.indices {
            byteCount -= streams[index].settle(&sieve, stream: index, waitingSince: .max)
            streams[index].packed.finish()
        }
    }

    /// Ends sub-buffers that are not full, too.
    mutating func close() {
        for index in streams.indices { streams[index].packed.close() }
    }

    /// Every record of an earlier time is packed.
    /// - Parameter reached: the time up to which everything was decoded.
    func horizon(_ reached: UInt64) -> UInt64 {
        streams.reduce(reached) { min($0, $1.waitingTime ?? .max) }
    }

    /// Hands over the sub-buffers of each stream that are full or closed.
    mutating func take(
        _ body: (_ stream: Int, UnsafeRawBufferPointer) throws(TracingError) -> Void
    ) throws(TracingError) {
        for index in streams.indices {
            try streams[index].packed.take { (bytes) throws(TracingError) in try body(index, bytes) }
        }
    }

    /// Records that were left out, and those that were not, of each stream.
    var counts: [(dropped: UInt64, kept: UInt64)] { streams.map { ($0.dropped, $0.kept) } }
}

/// Those of one CPU.
private struct HeldStream {
    private var copies: ContiguousArray<PageCopy> = []
    private var cursor: RecordCursor
    /// The cursor stands at a record that is not decided.
    private var isWaiting = false
    var packed: SubBufferWriter
    var dropped: UInt64 = 0
    var kept: UInt64 = 0

    init(layout: SubBufferLayout) {
        cursor = RecordCursor(layout: layout)
        packed = SubBufferWriter(layout: layout)
    }

    /// The time of the first record that is not decided.
    var waitingTime: UInt64? { isWaiting ? cursor.time : nil }

    mutating func add(_ copy: PageCopy) {
        copies.append(copy)
        if copies.count == 1 { cursor.enter(region: 0..<copy.bytes.count) }
    }

    /// Packs the records at the front that are decided.
    /// - Parameter limit: what was recorded earlier is not waited for any longer.
    /// - Returns: bytes of sub-buffers that are done with.
    mutating func settle(_ sieve: inout RecordSieve, stream: Int, waitingSince limit: UInt64) -> Int {
        var done = 0
        var finished = 0
        defer { copies.removeFirst(finished) }
        while finished < copies.count {
            let bytes = copies[finished].bytes
            if isWaiting || find(in: bytes) {
                guard decide(&sieve, stream: stream, in: bytes, waitingSince: limit) else { break }
                isWaiting = false
            } else {
                done += bytes.count
                finished += 1
                if finished < copies.count { cursor.enter(region: 0..<copies[finished].bytes.count) }
            }
        }
        return done
    }

    /// Steps to the next record.
    private mutating func find(in bytes: UnsafeRawBufferPointer) -> Bool {
        while true {
            switch cursor.advance(in: bytes.bytes) {
            case .record:
                isWaiting = true
                return true
            case .loss: packed.lose(cursor.lostCount)
            case .end: return false
            }
        }
    }

    /// - Returns: false where it is not known yet what becomes of the record.
    private mutating func decide(
        _ sieve: inout RecordSieve, stream: Int, in bytes: UnsafeRawBufferPointer, waitingSince limit: UInt64
    ) -> Bool {
        // It is later than what was decoded.
        guard var verdict = sieve.verdict(stream: stream) else { return false }
        if verdict == .undecided {
            guard cursor.time < limit else { return false }
            sieve.keepUndecided(stream: stream)
            verdict = .keep
        }
        sieve.take(stream: stream)
        guard verdict == .keep else {
            dropped += 1
            return true
        }
        kept += 1
        let payload = cursor.payload..<(cursor.payload + cursor.payloadLength)
        packed.add(time: cursor.time, UnsafeRawBufferPointer(rebasing: bytes[payload]))
        return true
    }
}

/// A copy of sub-buffers that were read at once.
private final class PageCopy {
    private let memory: UnsafeMutableRawBufferPointer

    init(_ pages: UnsafeRawBufferPointer) {
        memory = .allocate(byteCount: pages.count, alignment: 8)
        memory.copyMemory(from: pages)
    }

    deinit { memory.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }
}
