/// Memory for the sub-buffers of all streams: a slot a stream, reused for as long as the trace runs; two where the next
/// sub-buffers are read while those at hand are decoded.
struct PageStore: ~Copyable {
    let memory: PageMemory
    private let slotsEach: Int

    /// - Parameter slotSize: bytes a slot, a whole number of sub-buffers.
    init(streams: Int, slotsEach: Int = 1, slotSize: Int) {
        memory = PageMemory(slots: max(1, streams) * slotsEach, slotSize: slotSize)
        self.slotsEach = slotsEach
    }

    /// All slots.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            _overrideLifetime(memory.bytes, borrowing: self)
        }
    }

    /// The number of a stream's slot among all.
    func slot(of stream: Int, turn: Int = 0) -> Int { stream * slotsEach + turn }
}

/// The slots of a store, which live on for as long as somebody may still write to one.
///
/// Sendable, though what it points to is not guarded: a slot belongs to who fills it until that one says that it is full,
/// and to who decodes it until that one asks for more.
final class PageMemory: @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer
    private let slotSize: Int

    init(slots: Int, slotSize: Int) {
        memory = .allocate(byteCount: slots * slotSize, alignment: 4096)
        self.slotSize = slotSize
    }

    deinit {
        memory.deallocate()
    }

    var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            _overrideLifetime(UnsafeRawBufferPointer(memory).bytes, borrowing: self)
        }
    }

    /// A slot, to be filled.
    func room(_ slot: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[slot * slotSize..<(slot + 1) * slotSize])
    }

    /// Where the first `count` bytes of a slot lie among all bytes.
    func region(_ slot: Int, count: Int) -> Range<Int> {
        slot * slotSize..<slot * slotSize + count
    }
}
