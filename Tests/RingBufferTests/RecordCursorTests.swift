import RingBuffer
import Testing
import TraceTestSupport

/// The layouts that kernels have: word sizes, byte orders, and sub-buffers of several pages.
let layouts: [SubBufferLayout] = [
    .standard(), .standard(size: 8192), .standard(size: 65536), .standard(bits: 32),
    .standard(byteOrder: .big), .standard(size: 65536, byteOrder: .big), .standard(bits: 32, byteOrder: .big),
]

@Suite struct RecordCursorTests {
    @Test(arguments: layouts)
    func `Each record's time is the page's and all deltas up to it`(layout: SubBufferLayout) {
        var page = PageBuilder(layout, time: 1_000)
        page.record(after: 0, [1, 2, 3, 4])
        page.record(after: 5, Array(repeating: 7, count: 112))
        page.record(after: 10, Array(repeating: 8, count: 116))
        page.timeExtend(3 << 27 | 9)
        page.record(after: 2, [9, 9, 9, 9])
        #expect(
            RecordCursor.walk(page.build(), layout: layout) == [
                .record(time: 1_000, payload: [1, 2, 3, 4]),
                .record(time: 1_005, payload: Array(repeating: 7, count: 112)),
                .record(time: 1_015, payload: Array(repeating: 8, count: 116)),
                .record(time: 1_026 + 3 << 27, payload: [9, 9, 9, 9]),
            ])
    }

    @Test func `A large record is padded to whole words, and the padding is part of its payload`() {
        var page = PageBuilder(time: 7)
        page.largeRecord(after: 1, [1, 2, 3, 4, 5])
        page.record(after: 1, [6, 6, 6, 6])
        #expect(
            RecordCursor.walk(page.build(), layout: .page4K) == [
                .record(time: 8, payload: [1, 2, 3, 4, 5, 0, 0, 0]), .record(time: 9, payload: [6, 6, 6, 6]),
            ])
    }

    @Test func `A discarded record is passed over and its time counts`() {
        var page = PageBuilder(time: 100)
        page.discarded(after: 30, length: 40)
        page.record(after: 1, [1, 1, 1, 1])
        page.discarded(after: 5, length: 4)
        page.record(after: 1, [2, 2, 2, 2])
        #expect(
            RecordCursor.walk(page.build(), layout: .page4K) == [
                .record(time: 131, payload: [1, 1, 1, 1]), .record(time: 137, payload: [2, 2, 2, 2]),
            ])
    }

    @Test func `The rest of a page that the kernel handed out in parts goes on at the true time`() {
        var first = PageBuilder(time: 100)
        first.discarded(after: 30, length: 40)
        first.record(after: 1, [1, 1, 1, 1])
        // The kernel's reader did not count the 30.
        var second = PageBuilder(time: 101)
        second.record(after: 5, [2, 2, 2, 2])
        second.discarded(after: 4, length: 4)
        var third = PageBuilder(time: 106)
        third.record(after: 1, [3, 3, 3, 3])
        third.absoluteTime(200)
        var fourth = PageBuilder(time: 200)
        fourth.record(after: 2, [4, 4, 4, 4])
        var cursor = RecordCursor(layout: .page4K)
        #expect(cursor.walk(first.build() + second.build()).map(\.time) == [131, 136])
        #expect(cursor.walk(third.build() + fourth.build()).map(\.time) == [141, 202])
    }

    @Test func `A page of its own begins at its own time, whatever was discarded before`() {
        var first = PageBuilder(time: 100)
        first.record(after: 1, [1, 1, 1, 1])
        first.discarded(after: 30, length: 40)
        var second = PageBuilder(time: 150)
        second.record(after: 0, [2, 2, 2, 2])
        #expect(RecordCursor.walk(first.build() + second.build(), layout: .page4K).map(\.time) == [101, 150])
    }

    @Test func `Padding without a time ends the page`() {
        var page = PageBuilder(time: 1)
        page.record(after: 0, [1, 1, 1, 1])
        page.endPadding()
        var next = PageBuilder(time: 2)
        next.record(after: 0, [2, 2, 2, 2])
        #expect(
            RecordCursor.walk(page.build() + next.build(), layout: .page4K) == [
                .record(time: 1, payload: [1, 1, 1, 1]), .record(time: 2, payload: [2, 2, 2, 2]),
            ])
    }

    @Test func `Padding of one word ends a page that has no room for a second`() {
        var page = PageBuilder(time: 1)
        page.record(after: 0, [1, 1, 1, 1])
        page.header(type: 29, delta: 0)
        var cursor = RecordCursor(layout: .page4K)
        #expect(cursor.walk(page.build()) == [.record(time: 1, payload: [1, 1, 1, 1])])
        #expect(cursor.malformedPages == 0)
    }

    @Test func `Bytes beyond the commit are not looked at`() {
        var page = PageBuilder(time: 1)
        page.record(after: 0, [1, 1, 1, 1])
        page.record(after: 0, [2, 2, 2, 2])
        page.claimedLength = 8
        #expect(RecordCursor.walk(page.build(), layout: .page4K) == [.record(time: 1, payload: [1, 1, 1, 1])])
    }

    // MARK: Absolute time

    @Test func `An absolute stamp takes its upper five bits from the time so far`() {
        let epoch: UInt64 = 0x1800_0000_0000_0000
        var page = PageBuilder(time: epoch + 5)
        page.absoluteTime(epoch + 1_000)
        page.record(after: 1, [1, 1, 1, 1])
        #expect(RecordCursor.walk(page.build(), layout: .page4K).map(\.time) == [epoch + 1_001])
    }

    @Test func `An absolute stamp whose 59 bits have wrapped carries into the upper five`() {
        let epoch: UInt64 = 0x0fff_ffff_ffff_fff0
        var page = PageBuilder(time: epoch)
        page.absoluteTime(epoch + 0x20)
        page.record(after: 0, [1, 1, 1, 1])
        #expect(RecordCursor.walk(page.build(), layout: .page4K).map(\.time) == [epoch + 0x20])
    }

    @Test func `A clock below 59 bits may be set back by an absolute stamp`() {
        var page = PageBuilder(time: 1_000)
        page.absoluteTime(900)
        page.record(after: 1, [1, 1, 1, 1])
        #expect(RecordCursor.walk(page.build(), layout: .page4K).map(\.time) == [901])
    }

    // MARK: Losses

    @Test(arguments: layouts)
    func `A loss and its number come before the page's first record`(layout: SubBufferLayout) {
        var page = PageBuilder(layout, time: 50)
        page.loss = .counted(312)
        page.record(after: 0, [1, 1, 1, 1])
        #expect(
            RecordCursor.walk(page.build(), layout: layout)
                == [.loss(count: 312), .record(time: 50, payload: [1, 1, 1, 1])])
    }

    @Test func `A loss that the kernel did not count is told without a number`() {
        var page = PageBuilder(time: 50)
        page.loss = .uncounted
        page.record(after: 0, [1, 1, 1, 1])
        #expect(
            RecordCursor.walk(page.build(), layout: .page4K)
                == [.loss(count: nil), .record(time: 50, payload: [1, 1, 1, 1])])
    }

    @Test func `A number that the page has no room for is not made up`() {
        var page = PageBuilder(time: 50)
        page.loss = .counted(7)
        page.largeRecord(after: 0, Array(repeating: 1, count: page.room - 8))
        #expect(page.room == 0)
        #expect(RecordCursor.walk(page.build(), layout: .page4K).first == .loss(count: nil))
    }

    @Test(arguments: layouts)
    func `A loss is told although a time extend leads the page`(layout: SubBufferLayout) {
        var page = PageBuilder(layout, time: 50)
        page.loss = .counted(9)
        page.timeExtend(1 << 30)
        page.record(after: 0, [1, 1, 1, 1])
        #expect(
            RecordCursor.walk(page.build(), layout: layout)
                == [.loss(count: 9), .record(time: 50 + 1 << 30, payload: [1, 1, 1, 1])])
    }

    @Test func `A loss on a page without records is told`() {
        var page = PageBuilder(time: 50)
        page.loss = .counted(2)
        #expect(RecordCursor.walk(page.build(), layout: .page4K) == [.loss(count: 2)])
    }

    // MARK: Regions

    @Test func `An empty page holds nothing and does not turn time back`() {
        var first = PageBuilder(time: 50)
        first.record(after: 0, [1, 1, 1, 1])
        var cursor = RecordCursor(layout: .page4K)
        #expect(cursor.walk(first.build() + PageBuilder(time: 0).build()).count == 1)
        #expect(cursor.time == 50)
    }

    @Test func `A part of a sub-buffer at the end of a region is left alone`() {
        var page = PageBuilder(time: 50)
        page.record(after: 0, [1, 1, 1, 1])
        let bytes = page.build() + page.build().prefix(4095)
        #expect(RecordCursor.walk(bytes, layout: .page4K).count == 1)
        #expect(RecordCursor.walk(Array(page.build().prefix(100)), layout: .page4K) == [])
        #expect(RecordCursor.walk([], layout: .page4K) == [])
    }

    @Test func `A region that the bytes do not hold is left alone`() {
        var page = PageBuilder(time: 50)
        page.record(after: 0, [1, 1, 1, 1])
        var cursor = RecordCursor(layout: .page4K)
        #expect(cursor.walk(page.build(), region: 4096..<8192) == [])
        #expect(cursor.walk(page.build(), region: 0..<8192) == [])
    }

    @Test func `Entering the next region goes on where the last one ended`() {
        var first = PageBuilder(time: 50)
        first.record(after: 0, [1, 1, 1, 1])
        var second = PageBuilder(time: 60)
        second.record(after: 1, [2, 2, 2, 2])
        let bytes = first.build() + second.build()
        var cursor = RecordCursor(layout: .page4K)
        #expect(cursor.walk(bytes, region: 4096..<8192).map(\.time) == [61])
        #expect(cursor.walk(bytes, region: 0..<4096).map(\.time) == [50])
    }
}
