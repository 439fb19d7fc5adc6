internal import EventOutput

/// Writes a message of Protocol Buffers, field by field, as the encoding's documentation has it. A message within another
/// is written to a buffer of its own first, since its length comes before it.
struct ProtoMessage: ~Copyable {
    private(set) var out = OutputBuffer(capacity: 512)

    init() {}

    mutating func clear() { out.clear() }

    mutating func number(_ field: UInt64, _ value: UInt64) {
        append(varint: field << 3)
        append(varint: value)
    }

    /// A number that may be negative, as `int32` and `int64` have it.
    mutating func number(_ field: UInt64, signed value: Int64) { number(field, UInt64(bitPattern: value)) }

    mutating func fixed(_ field: UInt64, _ value: UInt64) {
        append(varint: field << 3 | 1)
        for byte in 0..<8 { out.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))) }
    }

    mutating func text(_ field: UInt64, _ text: StaticString) {
        append(varint: field << 3 | 2)
        append(varint: UInt64(text.utf8CodeUnitCount))
        out.append(text)
    }

    mutating func text(_ field: UInt64, _ text: String) {
        append(varint: field << 3 | 2)
        append(varint: UInt64(text.utf8.count))
        for byte in text.utf8 { out.append(byte) }
    }

    mutating func message(_ field: UInt64, _ inner: borrowing ProtoMessage) {
        append(varint: field << 3 | 2)
        append(varint: UInt64(inner.out.count))
        out.append(contentsOf: inner.out)
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(truncatingIfNeeded: rest))
    }
}
