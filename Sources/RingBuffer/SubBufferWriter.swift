/// Packs records into sub-buffers as the kernel does: what a `RecordCursor` reads of them are the same records, with the same
/// times and the same losses between them.
///
/// Of this machine's byte order alone. Times are differences from one record to the next, so a record that is left out makes
/// the next difference larger: one that 27 bits do not hold gets a time extend before it.
package struct SubBufferWriter: Sendable {
    private let layout: SubBufferLayout
    /// Sub-buffers one behind the other, of which the last may be open.
    private var bytes: [UInt8] = []
    /// Where the next record goes; nil where no sub-buffer is open.
    private var position: Int?
    /// Where data of the open sub-buffer must end.
    private var limit = 0
    /// Time of the last record.
    private var time: UInt64 = 0
    /// Time of the open sub-buffer's first record.
    package private(set) var openedAt: UInt64 = 0
    /// Records are missing before the next one.
    private var loss: Loss?
    /// The same of the open sub-buffer.
    private var openLoss: Loss?

    private struct Loss: Sendable {
        /// Nil where nobody knows how many.
        var count: UInt64?
    }

    /// Writes nothing yet.
    package init(layout: SubBufferLayout) {
        assert(layout.byteOrder == .host)
        self.layout = layout
    }

    // MARK: Records

    /// Adds a record.
    /// - Parameters:
    ///   - time: as the trace clock had it.
    ///   - payload: a whole number of 32-bit words, one at least.
    package mutating func add(time recorded: UInt64, _ payload: UnsafeRawBufferPointer) {
        assert(payload.count.isMultiple(of: 4) && payload.count >= 4)
        let size = Self.headerSize(payload.count) + payload.count
        var place = place(for: recorded, size)
        var delta = recorded &- time
        if delta > Self.largestDelta {
            putTimeExtend(delta, at: place)
            (place, delta) = (place + 8, 0)
        }
        put(header: payload.count, delta: UInt32(truncatingIfNeeded: delta), at: place)
        place += Self.headerSize(payload.count)
        bytes.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[place...]).copyMemory(from: payload) }
        position = place + payload.count
        time = recorded
    }

    /// Records are missing before the next one.
    package mutating func lose(_ count: UInt64?) {
        // An earlier one without a record behind it is in a sub-buffer of its own.
        finish()
        loss = Loss(count: count)
    }

    /// Ends the open sub-buffer, full or not.
    package mutating func close() {
        guard let end = position else { return }
        let start = bytes.count - layout.size
        var commit = UInt64(end - start - layout.dataOffset)
        if let openLoss {
            commit |= CommitWord.missedEvents
            if let count = openLoss.count {
                commit |= CommitWord.missedStored
                putWord(count, at: end)
            }
        }
        putWord(commit, at: start + layout.commitOffset)
        (position, openLoss) = (nil, nil)
    }

    /// Ends all: also with a loss behind which there are no records.
    package mutating func finish() {
        close()
        guard loss != nil else { return }
        open(at: time)
        close()
    }

    // MARK: Sub-buffers

    /// Whether a sub-buffer is open, with a record in it.
    package var isOpen: Bool { position != nil }

    /// Bytes of the sub-buffers that are closed.
    package var closedBytes: Int { bytes.count - (isOpen ? layout.size : 0) }

    /// Hands over the closed sub-buffers, and forgets them where that went well.
    package mutating func take<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let count = closedBytes
        guard count > 0 else { return }
        var failure: Failure?
        bytes.withUnsafeBytes { all in
            do throws(Failure) { try body(UnsafeRawBufferPointer(rebasing: all[..<count])) } catch { failure = error }
        }
        if let failure { throw failure }
        bytes.removeFirst(count)
        position = position.map { $0 - count }
        limit -= count
    }

    /// Where a record goes: in a new sub-buffer where it finds no room in the open one, or is older than the last.
    private mutating func place(for recorded: UInt64, _ size: Int) -> Int {
        if let position, loss == nil, recorded >= time, recorded - time <= Self.largestExtend {
            let extend = recorded - time > Self.largestDelta ? 8 : 0
            if position + extend + size <= limit { return position }
        }
        close()
        let first = open(at: recorded)
        if first + size > limit {
            // No room for the number besides: the kernel leaves it out, too.
            openLoss?.count = nil
            limit = bytes.count
        }
        return first
    }

    @discardableResult
    private mutating func open(at recorded: UInt64) -> Int {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: layout.size))
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: recorded, toByteOffset: start, as: UInt64.self) }
        (openLoss, loss) = (loss, nil)
        (time, openedAt) = (recorded, recorded)
        // The number of missing records is behind the data.
        limit = start + layout.size - (openLoss?.count == nil ? 0 : layout.commitWidth)
        position = start + layout.dataOffset
        return start + layout.dataOffset
    }

    // MARK: Bytes

    /// 27 bits, and those of a time extend.
    private static var largestDelta: UInt64 { 1 << 27 - 1 }
    private static var largestExtend: UInt64 { 1 << 59 - 1 }
    /// 28 words: of larger records the length has a word of its own.
    private static var largestSmall: Int { 112 }

    private static func headerSize(_ payload: Int) -> Int { payload <= largestSmall ? 4 : 8 }

    private mutating func put(header payload: Int, delta: UInt32, at place: Int) {
        guard payload > Self.largestSmall else {
            return putHeader(type: UInt32(payload / 4), delta, at: place)
        }
        putHeader(type: RecordType.largeData, delta, at: place)
        put32(UInt32(payload + 4), at: place + 4)
    }

    private mutating func putTimeExtend(_ delta: UInt64, at place: Int) {
        putHeader(type: RecordType.timeExtend, UInt32(delta & Self.largestDelta), at: place)
        put32(UInt32(delta >> 27), at: place + 4)
    }

    private mutating func putHeader(type: UInt32, _ delta: UInt32, at place: Int) {
        put32(ByteOrder.host == .big ? type << 27 | delta : type | delta << 5, at: place)
    }

    private mutating func put32(_ value: UInt32, at place: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: place, as: UInt32.self) }
    }

    /// As wide as the commit word.
    private mutating func putWord(_ value: UInt64, at place: Int) {
        guard layout.commitWidth == 8 else { return put32(UInt32(truncatingIfNeeded: value), at: place) }
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: place, as: UInt64.self) }
    }
}
