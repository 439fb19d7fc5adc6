import RingBuffer
import Testing
import TraceTestSupport

@Suite struct MalformedPageTests {
    /// A page with one good record, then what the body adds, then a page that is good.
    private func walk(
        _ body: (inout PageBuilder) -> Void
    ) -> (items: [WalkedItem], malformed: Int, faults: PageFaults) {
        var page = PageBuilder(time: 1)
        page.record(after: 0, [1, 1, 1, 1])
        body(&page)
        var next = PageBuilder(time: 2)
        next.record(after: 0, [2, 2, 2, 2])
        var cursor = RecordCursor(layout: .page4K)
        return (cursor.walk(page.build() + next.build()), cursor.malformedPages, cursor.faults)
    }

    private let cutShort: [WalkedItem] = [
        .record(time: 1, payload: [1, 1, 1, 1]), .loss(count: nil), .record(time: 2, payload: [2, 2, 2, 2]),
    ]

    @Test func `A page that claims more data than it can hold is a loss of unknown size`() {
        let walked = walk { $0.claimedLength = 4081 }
        #expect(walked.items == [.loss(count: nil), .record(time: 2, payload: [2, 2, 2, 2])])
        #expect(walked.malformed == 1)
    }

    @Test func `A record beyond the commit ends the page in a loss`() {
        let walked = walk {
            $0.record(after: 0, Array(repeating: 3, count: 40))
            $0.claimedLength = 8 + 40
        }
        #expect(walked.items == cutShort)
        #expect(walked.malformed == 1)
    }

    @Test(arguments: [0, 1, 3, 4, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff] as [UInt32])
    func `A large record of no, of negative or of giant length ends the page in a loss`(length: UInt32) {
        let walked = walk {
            $0.header(type: 0, delta: 5)
            $0.word(length)
            $0.word(0)
        }
        #expect(walked.items == cutShort)
        #expect(walked.malformed == 1)
    }

    @Test(arguments: [0, 3, 4096, 0x8000_0000, 0xffff_ffff] as [UInt32])
    func `A discarded record of no, of negative or of giant length ends the page in a loss`(length: UInt32) {
        let walked = walk {
            $0.header(type: 29, delta: 5)
            $0.word(length)
            $0.word(0)
        }
        #expect(walked.items == cutShort)
        #expect(walked.malformed == 1)
    }

    @Test(arguments: [0, 30, 31] as [UInt32])
    func `A record that lacks its second word ends the page in a loss`(type: UInt32) {
        let walked = walk { $0.header(type: type, delta: 5) }
        #expect(walked.items == cutShort)
    }

    @Test func `Each kind of fault is counted by itself, with the place of the first`() {
        func word(_ type: UInt32, _ second: UInt32?) -> PageFaults {
            walk {
                $0.header(type: type, delta: 5)
                if let second { $0.word(second) }
            }.faults
        }
        // Behind the page's header of 16 bytes and a record of 8.
        for (faults, kind, offset) in [
            (walk { $0.claimedLength = 4081 }.faults, PageFault.tooMuchData, 8),
            (word(1, nil), .recordTooLong, 24), (word(0, 4096), .recordTooLong, 24), (word(29, 64), .recordTooLong, 24),
            (word(0, 3), .impossibleLength, 24), (word(29, 0), .impossibleLength, 24), (word(30, nil), .headerCut, 24),
        ] {
            #expect(faults.count == 1 && faults[kind] == 1)
            #expect(faults.first?.fault == kind && faults.first?.offset == offset)
        }
    }

    @Test func `A fault's place counts from the first sub-buffer of the stream, whatever it is fed with`() {
        var broken = PageBuilder(time: 1)
        broken.claimedLength = 5_000
        let good = PageBuilder(time: 1).build()
        for pagesAtOnce in 1...4 as ClosedRange<Int> {
            let bytes = good + good + broken.build() + broken.build()
            var cursor = RecordCursor(layout: .page4K)
            for page in stride(from: 0, to: 4, by: pagesAtOnce) {
                _ = cursor.walk(bytes, region: page * 4096..<min(page + pagesAtOnce, 4) * 4096)
            }
            #expect(cursor.faults[.tooMuchData] == 2 && cursor.malformedPages == 2)
            #expect(cursor.faults.first?.offset == 2 * 4096 + 8)
        }
    }

    @Test func `Fewer than four bytes at the end of the data are passed over`() {
        let walked = walk { $0.claimedLength = 8 + 3 }
        #expect(walked.items == [cutShort[0], cutShort[2]])
        #expect(walked.malformed == 0)
    }

    @Test func `The loss after a fault at the end of a region is told in that region`() {
        var page = PageBuilder(time: 1)
        page.header(type: 0, delta: 1)
        page.word(0)
        var cursor = RecordCursor(layout: .page4K)
        #expect(cursor.walk(page.build()) == [.loss(count: nil)])
        #expect(cursor.walk(PageBuilder().build()) == [])
    }

    @Test func `Times that add up to more than 64 bits wrap`() {
        var page = PageBuilder(time: .max)
        page.record(after: 2, [1, 1, 1, 1])
        page.timeExtend((1 << 59) - 1)
        page.record(after: 1, [1, 1, 1, 1])
        #expect(RecordCursor.walk(page.build(), layout: .page4K).map(\.time) == [1, (1 << 59) + 1])
    }

    @Test(arguments: layouts)
    func `Garbage is walked to its end without leaving the span`(layout: SubBufferLayout) {
        var random = SeededGenerator(seed: 0xbad)
        for _ in 0..<(layout.size > 8192 ? 40 : 400) {
            var bytes = random.bytes(layout.size * 2)
            for page in [0, layout.size] {
                // Half of the pages claim a length that can be, so that the walk gets to the records.
                guard Bool.random(using: &random) else { continue }
                let length = UInt32.random(in: 0...UInt32(layout.size - layout.dataOffset), using: &random)
                let flags: UInt32 = UInt32.random(in: 0...3, using: &random) << 30
                let commit: [UInt8] =
                    layout.commitWidth == 4
                    ? layout.byteOrder.bytes(of: length | flags)
                    : layout.byteOrder.bytes(of: UInt64(length | flags))
                bytes.replaceSubrange(page + 8..<page + 8 + commit.count, with: commit)
            }
            let items = RecordCursor.walk(bytes, layout: layout)
            #expect(items.count <= 2 * layout.size / 4)
        }
    }

    @Test func `A region that ends anywhere in garbage is walked to its end`() {
        var random = SeededGenerator(seed: 4)
        let bytes = random.bytes(3 * 4096)
        var cursor = RecordCursor(layout: .page4K)
        for _ in 0..<500 {
            let start = Int.random(in: 0...bytes.count, using: &random)
            let end = Int.random(in: start...bytes.count, using: &random)
            #expect(cursor.walk(bytes, region: start..<end).count <= bytes.count / 4)
        }
    }

    @Test func `Layouts that contradict themselves are refused`() {
        func layout(size: Int = 4096, commit: Int = 8, width: Int = 8, data: Int = 16) -> SubBufferLayout? {
            SubBufferLayout(
                size: size, commitOffset: commit, commitWidth: width, dataOffset: data, byteOrder: .little)
        }
        #expect(layout() != nil)
        #expect(layout(size: 16) == nil)
        #expect(layout(size: -1) == nil)
        #expect(layout(size: 4097) == nil)
        #expect(layout(size: .max) == nil)
        #expect(layout(size: 1 << 28) == nil)
        #expect(layout(commit: 4) == nil)
        #expect(layout(commit: .max) == nil)
        #expect(layout(width: 2) == nil)
        #expect(layout(data: 12) == nil)
        #expect(layout(data: .max) == nil)
    }
}
