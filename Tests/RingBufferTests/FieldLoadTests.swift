import RingBuffer
import Testing

@Suite("A field in the midst of a sub-buffer")
struct FieldLoadTests {
    /// Bytes with and without the sign bit, in every combination of neighbours.
    private let bytes: [UInt8] = (0..<48).map { UInt8(truncatingIfNeeded: $0 &* 0x9d &+ 0x71) }

    @Test("is read as a loop over its bytes reads it", arguments: [1, 2, 4, 8], [false, true])
    func isReadLikeALoop(width: Int, isSigned: Bool) throws {
        for offset in 0..<16 {
            let plan = try #require(FieldPlan(offset: offset, width: width, isSigned: isSigned))
            for payload in [0, 3, 8, 20] {
                let field = bytes[(payload + offset)..<(payload + offset + width)]
                for swapped in [false, true] {
                    let isBigEndian = swapped != (ByteOrder.host == .big)
                    let ordered = isBigEndian ? Array(field) : field.reversed()
                    var expected = ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                    if isSigned, ordered[0] > 127, width < 8 { expected |= UInt64.max << UInt64(8 * width) }
                    #expect(plan.load(at: payload, in: bytes.span.bytes, swapped: swapped) == expected)
                }
            }
        }
    }

    @Test("at the very end of the bytes is read")
    func lastField() throws {
        let plan = try #require(FieldPlan(offset: 7, width: 1, isSigned: false))
        #expect(plan.load(at: 40, in: bytes.span.bytes, swapped: false) == UInt64(bytes[47]))
    }

    @Test("that an event does not have is 0")
    func absent() {
        #expect(FieldPlan.absent.load(at: 8, in: bytes.span.bytes, swapped: false) == 0)
    }
}
