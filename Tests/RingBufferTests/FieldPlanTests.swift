import RingBuffer
import Testing
import TraceTestSupport

@Suite struct FieldPlanTests {
    /// Eight bytes of what comes before a record, and its payload.
    private let bytes: [UInt8] =
        Array(repeating: 0xa5, count: 8) + [0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0x78, 0x56, 0x34]

    private func load(_ offset: Int, _ width: Int, signed: Bool = false, swapped: Bool = false) throws -> UInt64 {
        let plan = try #require(FieldPlan(offset: offset, width: width, isSigned: signed))
        #expect(plan.isPresent)
        #expect(plan.end == offset + width)
        // The bytes above are those of a little-endian kernel.
        let span = bytes.span.bytes
        guard let payload = RecordPayload(at: 8, count: 10, in: span) else { throw NoPayload() }
        return plan.load(from: payload, swapped: swapped != (ByteOrder.host == .big))
    }

    @Test func `Unsigned fields of every width are widened with zeros`() throws {
        #expect(try load(0, 1) == 0xff)
        #expect(try load(0, 2) == 0xfeff)
        #expect(try load(0, 4) == 0xfcfd_feff)
        #expect(try load(0, 8) == 0x78f9_fafb_fcfd_feff)
    }

    @Test func `Signed fields of every width are widened with their sign`() throws {
        #expect(try load(0, 1, signed: true) == UInt64.max)
        #expect(try load(0, 2, signed: true) == 0xffff_ffff_ffff_feff)
        #expect(try load(0, 4, signed: true) == 0xffff_ffff_fcfd_feff)
        #expect(try load(7, 1, signed: true) == 0x78)
        #expect(try load(7, 2, signed: true) == 0x5678)
        #expect(try load(0, 8, signed: true) == 0x78f9_fafb_fcfd_feff)
    }

    @Test func `Fields of the other byte order are swapped before they are widened`() throws {
        #expect(try load(0, 1, swapped: true) == 0xff)
        #expect(try load(0, 2, swapped: true) == 0xfffe)
        #expect(try load(0, 4, swapped: true) == 0xfffe_fdfc)
        #expect(try load(0, 8, swapped: true) == 0xfffe_fdfc_fbfa_f978)
        #expect(try load(7, 2, signed: true, swapped: true) == 0x7856)
    }

    @Test func `Fields need no alignment`() throws {
        #expect(try load(1, 8) == 0x5678_f9fa_fbfc_fdfe)
        #expect(try load(1, 4) == 0xfbfc_fdfe)
    }

    @Test func `A field that an event lacks is zero wherever it is looked for`() throws {
        #expect(!FieldPlan.absent.isPresent)
        #expect(FieldPlan.absent.end == 0)
        let span = bytes.span.bytes
        guard let payload = RecordPayload(at: 10, count: 8, in: span) else { throw NoPayload() }
        #expect(FieldPlan.absent.load(from: payload, swapped: false) == 0)
    }

    @Test func `Fields that no load can read are refused`() {
        for width in [-1, 0, 3, 5, 16, .max] {
            #expect(FieldPlan(offset: 0, width: width, isSigned: false) == nil)
        }
        for offset in [-1, 65528, 65536, .max, .min] {
            #expect(FieldPlan(offset: offset, width: 8, isSigned: false) == nil)
        }
        #expect(FieldPlan(offset: 65527, width: 8, isSigned: false) != nil)
    }
}
