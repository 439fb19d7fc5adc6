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
            for payload in [8, 9, 15, 20] {
                let field = bytes[(payload + offset)..<(payload + offset + width)]
                for swapped in [false, true] {
                    let isBigEndian = swapped != (ByteOrder.host == .big)
                    let ordered = isBigEndian ? Array(field) : field.reversed()
                    var expected = ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                    if isSigned, ordered[0] > 127, width < 8 { expected |= UInt64.max << UInt64(8 * width) }
                    #expect(try load(plan, at: payload, swapped: swapped) == expected)
                }
            }
        }
    }

    @Test("at the very end of the bytes is read")
    func lastField() throws {
        let plan = try #require(FieldPlan(offset: 7, width: 1, isSigned: false))
        #expect(try load(plan, at: 40) == UInt64(bytes[47]))
    }

    @Test("that an event does not have is 0")
    func absent() throws {
        #expect(try load(.absent, at: 8) == 0)
    }

    @Test("is read from no payload that leaves its bytes, has no eight before it or is too short for a record")
    func payloadsOutside() {
        for (offset, count) in [
            (7, 8), (0, 8), (-1, 8), (8, 41), (48, 1), (49, 1), (.max, 1), (8, .max), (8, 0), (8, -1), (45, 3),
        ] {
            let isThere = isPayload(offset, count)
            #expect(!isThere, "\(count) bytes at \(offset)")
        }
        #expect(isPayload(8, 40))
        #expect(isPayload(44, 4))
    }

    private func isPayload(_ offset: Int, _ count: Int) -> Bool {
        if RecordPayload(at: offset, count: count, in: bytes.span.bytes) == nil { return false }
        return true
    }

    private func load(_ plan: FieldPlan, at payload: Int, swapped: Bool = false) throws -> UInt64 {
        let span = bytes.span.bytes
        guard let payload = RecordPayload(at: payload, count: bytes.count - payload, in: span) else {
            throw NoPayload()
        }
        return plan.load(from: payload, swapped: swapped)
    }
}

/// The bytes that a test meant to read are none that a record may have.
struct NoPayload: Error {}
