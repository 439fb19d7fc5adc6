/// Memory for the sub-buffers of all streams: one slot a stream, reused for as long as the trace runs.
struct PageStore: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer
    let slotSize: Int

    /// - Parameter slotSize: bytes a stream, a whole number of sub-buffers.
    init(streams: Int, slotSize: Int) {
        memory = .allocate(byteCount: max(1, streams) * slotSize, alignment: 4096)
        self.slotSize = slotSize
    }

    deinit {
        memory.deallocate()
    }

    /// All slots.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            _overrideLifetime(UnsafeRawBufferPointer(memory).bytes, borrowing: self)
        }
    }

    /// The slot of a stream, to be filled.
    func slot(_ stream: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[stream * slotSize..<(stream + 1) * slotSize])
    }

    /// Where the first `count` bytes of a stream's slot lie among all bytes.
    func region(_ stream: Int, count: Int) -> Range<Int> {
        stream * slotSize..<stream * slotSize + count
    }
}
