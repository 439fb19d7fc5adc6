/// How to read one integer field of a record: where it lies, how wide it is, whether it is signed.
///
/// Compiled once from an event's format; reading it is a load and a switch over the width.
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
    /// - Parameters:
    ///   - payload: where the record's payload begins in `bytes`; the caller has checked that it holds `end` bytes.
    ///   - swapped: the trace's byte order is not this machine's.
    @inlinable
    public func load(at payload: Int, in bytes: RawSpan, swapped: Bool) -> UInt64 {
        let place = payload &+ Int(offset)
        switch width {
        case 8:
            let value = bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
            return swapped ? value.byteSwapped : value
        case 4:
            let raw = bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt32.self)
            let value = swapped ? raw.byteSwapped : raw
            return isSigned ? UInt64(bitPattern: Int64(Int32(bitPattern: value))) : UInt64(value)
        case 2:
            let raw = bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt16.self)
            let value = swapped ? raw.byteSwapped : raw
            return isSigned ? UInt64(bitPattern: Int64(Int16(bitPattern: value))) : UInt64(value)
        case 1:
            let value = bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self)
            return isSigned ? UInt64(bitPattern: Int64(Int8(bitPattern: value))) : UInt64(value)
        default:
            return 0
        }
    }
}
