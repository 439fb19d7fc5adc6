/// The payload of one record, held against its span once, so that loads from it need no further check.
///
/// This is the one place of the decode core that reads by pointer. A load by `RawSpan` holds both its ends against the
/// span: four instructions and two branches for each of the twenty fields of a pair of records, a tenth of the time
/// that decoding takes.
///
/// Bound: `init` takes only bytes that lie in the span and have eight more before them, and the payload cannot outlive
/// the span. `FieldPlan.load` reads the eight bytes that end with its field; the field ends at `count` at most, which is
/// for the caller to see to, and at 1 at least, so they begin at -7 or later.
@usableFromInline
package struct RecordPayload: ~Escapable {
    @usableFromInline let start: UnsafeRawPointer
    /// Bytes.
    @usableFromInline package let count: Int

    /// Nil where the bytes do not lie in the span, where there are too few for a record's head, or where fewer than eight
    /// are before them; no record of a sub-buffer is there, since they follow a header of twelve bytes or more.
    @inlinable
    @inline(__always)
    @_lifetime(copy bytes)
    package init?(at offset: Int, count: Int, in bytes: RawSpan) {
        // With `offset` above zero the difference cannot overflow.
        guard offset >= 8, count >= 4, count <= bytes.byteCount &- offset,
            let base = bytes.withUnsafeBytes({ $0.baseAddress })
        else { return nil }
        start = base + offset
        self.count = count
    }

    /// The bytes from `offset` on, in this machine's order. They begin at -8 or later and end at `count` or earlier.
    @inlinable
    @inline(__always)
    package func load<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value {
        assert(offset >= -8 && offset + MemoryLayout<Value>.size <= count)
        return start.loadUnaligned(fromByteOffset: offset, as: type)
    }
}
