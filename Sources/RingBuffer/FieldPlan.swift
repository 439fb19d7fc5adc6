/// How to read one integer field of a record: where it lies, how wide it is, whether it is signed.
///
/// Compiled once from an event's format; reading it is a load and a shift.
public struct FieldPlan: Sendable, Equatable {
    /// Bytes from the start of the payload.
    public let offset: UInt16
    /// Bytes: 1, 2, 4 or 8; 0 means that the event has no such field.
    public let width: UInt8
    public let isSigned: Bool

    /// The plan of a field that an event does not have.
    public static let absent = FieldPlan(unchecked: 0, width: 0, isSigned: false)

    /// Nil where the width is none that a load has, or where the field lies beyond what a record can hold.
    public init?(offset: Int, width: Int, isSigned: Bool) {
        guard [1, 2, 4, 8].contains(width), (0...Int(UInt16.max) - width).contains(offset) else { return nil }
        self.init(unchecked: UInt16(offset), width: UInt8(width), isSigned: isSigned)
    }

    private init(unchecked offset: UInt16, width: UInt8, isSigned: Bool) {
        self.offset = offset
        self.width = width
        self.isSigned = isSigned
    }

    @inlinable
    public var isPresent: Bool { width != 0 }

    /// Bytes a payload must have for this field to be there.
    @inlinable
    public var end: Int { Int(offset) + Int(width) }

    /// The field's value, sign-extended if it is signed; 0 for an absent field.
    ///
    /// Whatever the width, it is one load of the eight bytes that end with the field, and one shift. There are eight,
    /// and they lie in the span, since every record is behind its sub-buffer's header.
    /// - Parameters:
    ///   - payload: where the record's payload begins in `bytes`; the caller has checked that it holds `end` bytes.
    ///   - swapped: the trace's byte order is not this machine's.
    @inlinable
    @inline(__always)
    public func load(at payload: Int, in bytes: RawSpan, swapped: Bool) -> UInt64 {
        let place = payload &+ Int(offset) &+ Int(width) &- 8
        guard width != 0 else { return 0 }
        guard place >= 0 else { return loadBytes(at: payload, in: bytes, swapped: swapped) }
        let raw = bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
        let shift = 64 &- UInt64(width) &* 8
        // The field is the upper end of a little-endian word, the lower end of a big-endian one.
        let isBigEndian = swapped != (ByteOrder.host == .big)
        let word = isBigEndian ? UInt64(bigEndian: raw) &<< shift : UInt64(littleEndian: raw)
        return isSigned ? UInt64(bitPattern: Int64(bitPattern: word) &>> Int64(bitPattern: shift)) : word &>> shift
    }

    /// The same, byte by byte, where the span begins fewer than eight bytes before the field's end.
    @usableFromInline
    func loadBytes(at payload: Int, in bytes: RawSpan, swapped: Bool) -> UInt64 {
        let isBigEndian = swapped != (ByteOrder.host == .big)
        var value: UInt64 = 0
        for index in 0..<Int(width) {
            let place = payload + Int(offset) + (isBigEndian ? index : Int(width) - 1 - index)
            value = value << 8 | UInt64(bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self))
        }
        let shift = 64 - UInt64(width) * 8
        return isSigned ? UInt64(bitPattern: Int64(bitPattern: value << shift) >> Int64(shift)) : value
    }
}
