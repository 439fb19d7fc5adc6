import RingBuffer
import Testing
import TraceTestSupport

/// Thousands of random pages, read by ours and by libtraceevent's kbuffer.
@Suite struct ReferenceTests {
    @Test(arguments: layouts)
    func `Well-formed pages are read as kbuffer reads them`(layout: SubBufferLayout) {
        var random = SeededGenerator(seed: UInt64(layout.size + layout.commitWidth))
        for number in 0..<(layout.size > 8192 ? 60 : 600) {
            let page = Self.page(layout, &random).build()
            let (ours, theirs) = (RecordCursor.walk(page, layout: layout), referenceWalk(page, layout: layout))
            let difference = zip(ours, theirs).enumerated().first { $0.element.0 != $0.element.1 }
            #expect(difference == nil && ours.count == theirs.count, "page \(number)")
        }
    }

    /// A page as the kernel might have written it, of every kind of record. The padding without a time that ends a
    /// page is left out: kernels commit only what lies before it, and kbuffer would run into it.
    static func page(_ layout: SubBufferLayout, _ random: inout SeededGenerator) -> PageBuilder {
        var page = PageBuilder(layout, time: .random(in: 0..<1 << 50, using: &random))
        let fill = Int.random(in: 0...layout.size - layout.dataOffset, using: &random)
        while page.data.count < fill {
            var next = page
            let delta = UInt64.random(in: 0..<1 << 20, using: &random)
            switch UInt8.random(in: 0..<10, using: &random) {
            case 0: next.timeExtend(.random(in: 0..<1 << 40, using: &random))
            // Below 2^59 in all: kbuffer does not know how stamps wrap.
            case 1: next.absoluteTime(.random(in: 0..<1 << 58, using: &random))
            case 2: next.discarded(after: delta + 1, length: 4 * .random(in: 1...20, using: &random))
            case 3: next.largeRecord(after: delta, random.bytes(.random(in: 4...200, using: &random)))
            default: next.record(after: delta, random.bytes(4 * .random(in: 1...28, using: &random)))
            }
            if next.room < 0 { break }
            page = next
        }
        return page
    }
}
