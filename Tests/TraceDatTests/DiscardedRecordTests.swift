import RingBuffer
import Testing

@testable import TraceDat

/// Pages of a kernel that handed them out in parts, with records discarded between.
@Suite struct DiscardedRecordTests {
    /// The records of `timer:hrtimer_expire_entry` say when the timer was looked at, just before they were written.
    @Test func `No record of a page read in parts is earlier than the time that is in it`() throws {
        let pages = try contents(of: RecordedPages.fixtures + "/pages-7.2-x86_64-discards/cpu0.pages")
        var cursor = RecordCursor(layout: .page4K)
        var records = 0
        var parts = 0
        var last: UInt64 = 0
        for start in stride(from: 0, to: pages.count, by: 4096) {
            // The kernel's stamp of a part is early: what is to be put right is there.
            let stamp = pages.span.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
            if stamp < last { parts += 1 }
            cursor.enter(region: start..<(start + 4096))
            while case .record = cursor.advance(in: pages.span.bytes) {
                let now = pages.span.bytes.unsafeLoadUnaligned(fromByteOffset: cursor.payload + 16, as: UInt64.self)
                #expect(cursor.time >= now && cursor.time < now + 10_000_000, "record \(records)")
                records += 1
                last = cursor.time
            }
        }
        #expect(parts == 3)
        #expect(records > 300)
    }
}
