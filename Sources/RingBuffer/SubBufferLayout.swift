/// The geometry of a sub-buffer ("page") as the traced kernel states it in `events/header_page`.
///
/// A sub-buffer is a header (time stamp, then the commit word) followed by records (struct buffer_data_page in
/// kernel/trace/ring_buffer.c). Its size is a page, or larger since `buffer_subbuf_size_kb` exists.
@usableFromInline
package struct SubBufferLayout: Sendable, Equatable {
    /// Bytes of a whole sub-buffer, header included.
    @usableFromInline package let size: Int
    /// Bytes from the start of the sub-buffer to the commit word; the time stamp (8 bytes) is at 0.
    @usableFromInline package let commitOffset: Int
    /// Bytes of the commit word: the kernel's `long`, 8 or 4.
    @usableFromInline package let commitWidth: Int
    /// Bytes from the start of the sub-buffer to its first record.
    @usableFromInline package let dataOffset: Int
    /// Of the machine that wrote it.
    @usableFromInline package let byteOrder: ByteOrder

    /// Nil where the numbers contradict each other: a header that does not fit, an impossible word size.
    package init?(size: Int, commitOffset: Int, commitWidth: Int, dataOffset: Int, byteOrder: ByteOrder) {
        guard commitWidth == 4 || commitWidth == 8,
            commitOffset >= 8, commitOffset <= 64,
            dataOffset >= commitOffset + commitWidth, dataOffset <= 128,
            size > dataOffset, size <= SubBufferLayout.largestSize, size.isMultiple(of: 4)
        else { return nil }
        self.size = size
        self.commitOffset = commitOffset
        self.commitWidth = commitWidth
        self.dataOffset = dataOffset
        self.byteOrder = byteOrder
    }

    /// The largest sub-buffer a kernel makes: MAX_ORDER pages of 64 KiB stay below 128 MiB, the width of the commit
    /// word's length field.
    @usableFromInline package static let largestSize = 1 << 27

    /// The layout of a 64-bit kernel of this machine's byte order with sub-buffers of one 4 KiB page.
    @usableFromInline package static let page4K = SubBufferLayout(
        uncheckedSize: 4096, commitOffset: 8, commitWidth: 8, dataOffset: 16, byteOrder: .host)

    private init(uncheckedSize: Int, commitOffset: Int, commitWidth: Int, dataOffset: Int, byteOrder: ByteOrder) {
        self.size = uncheckedSize
        self.commitOffset = commitOffset
        self.commitWidth = commitWidth
        self.dataOffset = dataOffset
        self.byteOrder = byteOrder
    }
}

/// The bits of the commit word (RB_MISSED_MASK and friends in kernel/trace/ring_buffer.c).
@usableFromInline
enum CommitWord {
    /// The length of the data; user space agrees on 27 bits.
    @usableFromInline static let lengthMask: UInt64 = (1 << 27) - 1
    /// The number of lost records is stored right after the data.
    @usableFromInline static let missedStored: UInt64 = 1 << 30
    /// Records were lost between the previous sub-buffer and this one.
    @usableFromInline static let missedEvents: UInt64 = 1 << 31
}
