/// A thread's name as the kernel keeps it: at most 15 bytes of any value but NUL (TASK_COMM_LEN in
/// include/linux/sched.h). Held inline so that an event owns no memory. It may hold escape sequences: renderers escape.
public struct TaskName: Sendable, Hashable {
    @usableFromInline var low: UInt64
    @usableFromInline var high: UInt64

    /// The kernel's TASK_COMM_LEN, terminating NUL included.
    package static let capacity = 16

    /// The empty name.
    @inlinable
    init() { (low, high) = (0, 0) }

    /// From bytes; what follows a NUL or the 15th byte is dropped.
    public init(_ bytes: some Sequence<UInt8>) {
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.prefix(Self.capacity - 1).enumerated() {
            if byte == 0 { break }
            if index < 8 {
                words.0 |= UInt64(byte) << (8 * index)
            } else {
                words.1 |= UInt64(byte) << (8 * (index - 8))
            }
        }
        (low, high) = words
    }

    /// From the 16 bytes of a record's `comm` field, as two little-endian words; bytes after the first NUL are
    /// ignored.
    @inlinable
    package init(low: UInt64, high: UInt64) {
        let lowLength = TaskName.length(of: low)
        self.low = TaskName.keep(lowLength, of: low)
        self.high = lowLength < 8 ? 0 : TaskName.keep(min(7, TaskName.length(of: high)), of: high)
    }

    /// Number of bytes.
    @inlinable
    public var count: Int {
        let lowLength = TaskName.length(of: low)
        return lowLength < 8 ? lowLength : 8 + TaskName.length(of: high)
    }

    /// The bytes as two little-endian words, zero from the end of the name on.
    @inlinable
    package var words: (low: UInt64, high: UInt64) { (low, high) }

    /// The byte at a position below `count`.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: index < 8 ? low >> (8 * UInt64(index)) : high >> (8 * UInt64(index - 8)))
    }

    /// Bytes before the first NUL of a little-endian word: the classic test for a zero byte, without a loop.
    @inlinable
    static func length(of word: UInt64) -> Int {
        let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
        return zeros == 0 ? 8 : zeros.trailingZeroBitCount / 8
    }

    @inlinable
    static func keep(_ count: Int, of word: UInt64) -> UInt64 {
        count >= 8 ? word : word & ((1 << UInt64(8 * count)) &- 1)
    }
}

extension TaskName: CustomStringConvertible {
    /// The name, with U+FFFD for what is not UTF-8.
    public var description: String {
        String(decoding: (0..<count).map { self[$0] }, as: UTF8.self)
    }
}
