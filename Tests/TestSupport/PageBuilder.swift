package import RingBuffer

/// Writes one sub-buffer as kernel/trace/ring_buffer.c does, or as it never would.
///
/// Nothing is checked: what a test puts in is what the page holds, right or wrong.
package struct PageBuilder {
    /// What the commit word says of records lost before this page.
    package enum Loss: Equatable, Sendable {
        case none
        /// Lost, and the number is not stored.
        case uncounted
        /// Lost, with the number after the data.
        case counted(UInt64)
    }

    /// The geometry of the page.
    package let layout: SubBufferLayout
    /// The page's own time stamp.
    package var time: UInt64
    /// What was lost before it.
    package var loss = Loss.none
    /// Replaces the length in the commit word.
    package var claimedLength: Int?
    /// The bytes from the first record on.
    package private(set) var data: [UInt8] = []

    /// An empty page.
    package init(_ layout: SubBufferLayout = .page4K, time: UInt64 = 0) {
        self.layout = layout
        self.time = time
    }

    /// Bytes left for records.
    package var room: Int { layout.size - layout.dataOffset - data.count }

    /// A record in the form that the kernel would choose: small where the payload has 1 to 28 whole words.
    package mutating func record(after delta: UInt64, _ payload: [UInt8]) {
        guard payload.count.isMultiple(of: 4), (4...112).contains(payload.count) else {
            largeRecord(after: delta, payload)
            return
        }
        header(type: UInt32(payload.count / 4), delta: delta)
        data += payload
    }

    /// A record with its length in a word of its own.
    package mutating func largeRecord(after delta: UInt64, _ payload: [UInt8]) {
        header(type: 0, delta: delta)
        word(UInt32(payload.count + 4))
        data += payload
        data += Array(repeating: 0, count: -payload.count & 3)
    }

    /// A record that a filter took back: its bytes stay, and its time counts.
    package mutating func discarded(after delta: UInt64, length: Int) {
        header(type: 29, delta: delta)
        word(UInt32(length))
        data += Array(repeating: 0xdd, count: max(0, length - 4))
    }

    /// Padding up to the end of the page.
    package mutating func endPadding() {
        header(type: 29, delta: 0)
        while room > 0 { data.append(0) }
    }

    /// Adds to the time of what follows.
    package mutating func timeExtend(_ delta: UInt64) {
        header(type: 30, delta: delta)
        word(UInt32(truncatingIfNeeded: delta >> 27))
    }

    /// Sets the time of what follows.
    package mutating func absoluteTime(_ time: UInt64) {
        header(type: 31, delta: time)
        word(UInt32(truncatingIfNeeded: time >> 27))
    }

    /// The first word of a record, its upper bits of time cut off.
    package mutating func header(type: UInt32, delta: UInt64) {
        let delta = UInt32(truncatingIfNeeded: delta) & 0x7ff_ffff
        word(layout.byteOrder == .big ? type << 27 | delta : delta << 5 | type)
    }

    /// Any word, in the page's byte order.
    package mutating func word(_ value: UInt32) {
        data += layout.byteOrder.bytes(of: value)
    }

    /// The whole sub-buffer.
    package func build() -> [UInt8] {
        var commit = UInt64(claimedLength ?? data.count) & (1 << 27 - 1)
        var after: [UInt8] = []
        switch loss {
        case .none: break
        case .uncounted: commit |= 1 << 31
        case .counted(let count):
            commit |= 1 << 31 | 1 << 30
            after = long(count)
        }
        var page = layout.byteOrder.bytes(of: time)
        page += Array(repeating: 0, count: layout.commitOffset - page.count)
        page += long(commit)
        page += Array(repeating: 0, count: layout.dataOffset - page.count)
        page += data
        page += after
        page += Array(repeating: 0, count: max(0, layout.size - page.count))
        return Array(page.prefix(layout.size))
    }

    private func long(_ value: UInt64) -> [UInt8] {
        layout.commitWidth == 8
            ? layout.byteOrder.bytes(of: value)
            : layout.byteOrder.bytes(of: UInt32(truncatingIfNeeded: value))
    }
}

extension ByteOrder {
    /// An integer as a kernel of this byte order keeps it.
    package func bytes<Value: FixedWidthInteger>(of value: Value) -> [UInt8] {
        withUnsafeBytes(of: self == .big ? value.bigEndian : value.littleEndian) { Array($0) }
    }
}

extension SubBufferLayout {
    /// The layout that kernels have: commit word at 8, records right after it.
    package static func standard(
        size: Int = 4096, bits: Int = 64, byteOrder: ByteOrder = .little
    ) -> SubBufferLayout {
        let width = bits / 8
        guard
            let layout = SubBufferLayout(
                size: size, commitOffset: 8, commitWidth: width, dataOffset: 8 + width, byteOrder: byteOrder)
        else { preconditionFailure("no kernel has such a layout") }
        return layout
    }
}
