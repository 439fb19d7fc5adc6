/// How to read one integer field of a record: where it lies, how wide it is, whether it is signed.
///
/// Compiled once from an event's format; reading it is a load and a shift.
@usableFromInline
package struct FieldPlan: Sendable, Equatable, BitwiseCopyable {
    /// Bytes from the start of the payload to the eight that end with the field; negative where it lies at the front.
    @usableFromInline let word: Int32
    /// Bits of those eight that belong to other fields.
    @usableFromInline let shift: UInt8
    /// Bytes: 1, 2, 4 or 8; 0 means that the event has no such field.
    @usableFromInline package let width: UInt8
    /// Whether its sign is to be extended.
    @usableFromInline package let isSigned: Bool

    /// The plan of a field that an event does not have.
    @usableFromInline package static let absent = FieldPlan(unchecked: 0, width: 0, isSigned: false)

    /// Nil where the width is none that a load has, or where the field lies beyond what a record can hold.
    package init?(offset: Int, width: Int, isSigned: Bool) {
        guard [1, 2, 4, 8].contains(width), (0...Int(UInt16.max) - width).contains(offset) else { return nil }
        self.init(unchecked: Int32(offset), width: UInt8(width), isSigned: isSigned)
    }

    private init(unchecked offset: Int32, width: UInt8, isSigned: Bool) {
        word = offset + Int32(width) - 8
        shift = 64 - width * 8
        self.width = width
        self.isSigned = isSigned
    }

    /// Whether the event has such a field.
    @inlinable
    package var isPresent: Bool { width != 0 }

    /// Bytes from the start of the payload.
    @inlinable
    package var offset: Int { end - Int(width) }

    /// Bytes a payload must have for this field to be there.
    @inlinable
    package var end: Int { Int(word) + 8 }

    /// The field's value, sign-extended if it is signed; 0 for an absent field.
    ///
    /// Whatever the width, it is one load of the eight bytes that end with the field, and one shift.
    /// - Parameters:
    ///   - payload: holds `end` bytes, as the caller has checked.
    ///   - swapped: the trace's byte order is not this machine's.
    @inlinable
    @inline(__always)
    package func load(from payload: RecordPayload, swapped: Bool) -> UInt64 {
        guard width != 0 else { return 0 }
        let raw = payload.load(at: Int(word), as: UInt64.self)
        let shift = UInt64(shift)
        // The field is the upper end of a little-endian word, the lower end of a big-endian one.
        let isBigEndian = swapped != (ByteOrder.host == .big)
        let word = isBigEndian ? UInt64(bigEndian: raw) &<< shift : UInt64(littleEndian: raw)
        return isSigned ? UInt64(bitPattern: Int64(bitPattern: word) &>> Int64(bitPattern: shift)) : word &>> shift
    }
}
