/// Walks the records of one CPU's sub-buffers, in place and in order.
///
/// The bytes are passed to every call, so the cursor owns nothing: it is a few integers that say where it stands. Every
/// length is checked against the sub-buffer before it is used and every load against the span, so no content can lead
/// it outside. Documentation/trace/ring-buffer-design.rst and kernel/trace/ring_buffer.c describe the format.
@usableFromInline
package struct RecordCursor: Sendable {
    /// What `advance` found.
    @usableFromInline
    package enum Step: UInt8, Sendable {
        /// A data record; `time`, `payload` and `payloadLength` describe it.
        case record
        /// Records are missing before the next one; `lostCount` says how many, if that is known.
        case loss
        /// The region holds no further record.
        case end
    }

    /// Time stamp of the current record in units of the trace clock.
    @usableFromInline package var time: UInt64 = 0
    /// Where the current record's payload begins, in bytes from the start of the span.
    @usableFromInline package var payload = 0
    /// Bytes of the current record's payload, padding to four bytes included.
    @usableFromInline package var payloadLength = 0
    /// How many records the last `.loss` stands for; nil where the kernel does not say.
    @usableFromInline package private(set) var lostCount: UInt64?
    /// Sub-buffers that were malformed: the readable records before the fault were returned, and the rest is reported as a
    /// loss of unknown size.
    @usableFromInline package private(set) var faults = PageFaults()
    /// How many they were.
    @usableFromInline package var malformedPages: Int { faults.count }

    @usableFromInline let layout: SubBufferLayout
    @usableFromInline let swapped: Bool
    @usableFromInline var position = 0
    @usableFromInline var pageEnd = 0
    @usableFromInline var nextPage = 0
    @usableFromInline var regionEnd = 0
    @usableFromInline var pendingFault = false
    /// How far the kernel's own reader is behind `time`, in the units of it: it leaves out the times of discarded records
    /// (rb_update_read_stamp in kernel/trace/ring_buffer.c), which the writer counts.
    private var readerLag: UInt64 = 0
    /// Bytes of all sub-buffers before the one that is open.
    private var bytesBefore = 0
    private var hasOpened = false

    /// Begins before any sub-buffer.
    package init(layout: SubBufferLayout) {
        self.layout = layout
        swapped = layout.byteOrder != .host
    }

    /// Continues with other sub-buffers, those after the ones walked so far.
    /// - Parameter region: bytes from the start of the span; a trailing part of a sub-buffer is ignored.
    package mutating func enter(region: Range<Int>) {
        assert(region.lowerBound >= 0)
        position = 0
        pageEnd = 0
        nextPage = region.lowerBound
        regionEnd = region.upperBound
    }

    /// Steps to the next record or loss.
    @inlinable
    @inline(__always)
    package mutating func advance(in bytes: RawSpan) -> Step {
        swapped ? advance(in: bytes, SwappedByteOrder.self) : advance(in: bytes, HostByteOrder.self)
    }

    /// The same where the caller knows the byte order, which must be the layout's.
    @inlinable
    @inline(__always)
    package mutating func advance<Order: TraceByteOrder>(in bytes: RawSpan, _: Order.Type) -> Step {
        assert(Order.isSwapped == swapped)
        let isBigEndian = Order.isSwapped != (ByteOrder.host == .big)
        while true {
            guard position &+ 4 <= pageEnd else {
                switch openPage(in: bytes) {
                case .record: continue
                case let other: return other
                }
            }
            let raw = bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)
            let word = Order.isSwapped ? raw.byteSwapped : raw
            let typeLength = isBigEndian ? word >> 27 : word & 31
            let delta = isBigEndian ? word & 0x7ff_ffff : word >> 5
            // type_len 1...28: a data record of that many 32-bit words; nearly every record is one.
            if typeLength &- 1 < 28 {
                let length = Int(truncatingIfNeeded: typeLength) &* 4
                let next = position &+ 4 &+ length
                guard next <= pageEnd else {
                    abandonPage(.recordTooLong)
                    continue
                }
                accept(payloadAt: position &+ 4, length: length, next: next, delta: UInt64(delta))
                return .record
            }
            if special(typeLength: typeLength, delta: UInt64(delta), in: bytes) { return .record }
        }
    }

    @inlinable
    mutating func accept(payloadAt offset: Int, length: Int, next: Int, delta: UInt64) {
        time &+= delta
        payload = offset
        payloadLength = length
        position = next
    }
}

extension RecordCursor {
    @inlinable
    func load32(at offset: Int, in bytes: RawSpan) -> UInt32 {
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return swapped ? value.byteSwapped : value
    }

    @inlinable
    func load64(at offset: Int, in bytes: RawSpan) -> UInt64 {
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return swapped ? value.byteSwapped : value
    }

    /// The rest of this sub-buffer cannot be read.
    @usableFromInline
    mutating func abandonPage(_ fault: PageFault) {
        faults.note(fault, at: bytesBefore + position - (nextPage - layout.size))
        position = pageEnd
        pendingFault = true
    }

    /// Opens the next sub-buffer. `.record` means: opened, go on.
    @usableFromInline
    mutating func openPage(in bytes: RawSpan) -> Step {
        if pendingFault {
            pendingFault = false
            lostCount = nil
            return .loss
        }
        guard nextPage <= regionEnd &- layout.size, regionEnd <= bytes.byteCount else { return .end }
        let page = nextPage
        // The first of a region follows the last of the one before.
        if hasOpened { bytesBefore += layout.size }
        hasOpened = true
        nextPage += layout.size

        let commit =
            layout.commitWidth == 8
            ? load64(at: page + layout.commitOffset, in: bytes)
            : UInt64(load32(at: page + layout.commitOffset, in: bytes))
        let length = Int(commit & CommitWord.lengthMask)
        guard length <= layout.size - layout.dataOffset else {
            faults.note(.tooMuchData, at: bytesBefore + layout.commitOffset)
            lostCount = nil
            return .loss
        }
        // A sub-buffer that was never written has a zero time stamp and no data: do not let it turn time back.
        if length > 0 { begin(at: load64(at: page, in: bytes)) }
        position = page + layout.dataOffset
        pageEnd = position + length
        guard commit & CommitWord.missedEvents != 0 else { return .record }
        // libtraceevent's kbuffer forgets this flag when a time extend leads the page; hence it is read here.
        lostCount = storedLossCount(commit: commit, after: pageEnd, page: page, in: bytes)
        return .loss
    }

    /// Sets the time that the deltas of a page begin at.
    ///
    /// The rest of a sub-buffer that was read in parts has the time of the kernel's reader, which is wrong after a
    /// discarded record. No other page can begin there: it was written later than all before.
    private mutating func begin(at stamp: UInt64) {
        if readerLag > 0, stamp == time &- readerLag { return }
        time = stamp
        readerLag = 0
    }

    /// The number of lost records that the kernel left after the data, if there was room for it.
    private func storedLossCount(commit: UInt64, after dataEnd: Int, page: Int, in bytes: RawSpan) -> UInt64? {
        guard commit & CommitWord.missedStored != 0, dataEnd + layout.commitWidth <= page + layout.size else {
            return nil
        }
        return layout.commitWidth == 8 ? load64(at: dataEnd, in: bytes) : UInt64(load32(at: dataEnd, in: bytes))
    }

    /// Handles the rare record kinds; true when it found a data record.
    @usableFromInline
    mutating func special(typeLength: UInt32, delta: UInt64, in bytes: RawSpan) -> Bool {
        guard position + 8 <= pageEnd else {
            // A time_delta of zero in padding ends the page and needs no second word.
            if typeLength == RecordType.padding, delta == 0 { position = pageEnd } else { abandonPage(.headerCut) }
            return false
        }
        let second = load32(at: position + 4, in: bytes)
        switch typeLength {
        case RecordType.largeData:
            // The second word is the length, itself included; the record is padded to four bytes.
            let length = Int(second) - 4
            let next = position + 8 + (length + 3) & ~3
            guard length >= 4, next <= pageEnd else {
                abandonPage(length < 4 ? .impossibleLength : .recordTooLong)
                return false
            }
            accept(payloadAt: position + 8, length: next - position - 8, next: next, delta: delta)
            return true
        case RecordType.padding:
            guard delta != 0 else {
                position = pageEnd
                return false
            }
            // A discarded record: its time counts, as kbuffer and perfetto have it.
            time &+= delta
            readerLag &+= delta
            let next = position + 4 + Int(second)
            guard second >= 4, next <= pageEnd else {
                abandonPage(second < 4 ? .impossibleLength : .recordTooLong)
                return false
            }
            position = next
        case RecordType.timeExtend:
            time &+= UInt64(second) << 27 + delta
            position += 8
        default:
            time = absoluteTime(low59: UInt64(second) << 27 + delta)
            readerLag = 0
            position += 8
        }
        return false
    }

    /// An absolute stamp holds 59 bits; the upper five come from the time so far, one up if the lower part wrapped
    /// (rb_fix_abs_ts in kernel/trace/ring_buffer.c).
    private func absoluteTime(low59: UInt64) -> UInt64 {
        let upper: UInt64 = 0xf800_0000_0000_0000
        let whole = low59 & ~upper | time & upper
        return whole < time && time & upper != 0 ? whole &+ (1 << 59) : whole
    }
}

/// Values of `type_len` that are no length (enum ring_buffer_type in include/linux/ring_buffer.h).
@usableFromInline
enum RecordType {
    @usableFromInline static let largeData: UInt32 = 0
    @usableFromInline static let padding: UInt32 = 29
    @usableFromInline static let timeExtend: UInt32 = 30
    @usableFromInline static let timeStamp: UInt32 = 31
}
