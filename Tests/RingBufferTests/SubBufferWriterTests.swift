import RingBuffer
import Testing
import TraceTestSupport

@Suite("Sub-buffers that are packed anew")
struct SubBufferWriterTests {
    static let layouts = [
        SubBufferLayout.page4K,
        SubBufferLayout(size: 4096, commitOffset: 8, commitWidth: 4, dataOffset: 12, byteOrder: .host),
        SubBufferLayout(size: 16384, commitOffset: 8, commitWidth: 8, dataOffset: 16, byteOrder: .host),
    ].compactMap { $0 }

    /// Packs what a walk came upon.
    private func pack(_ items: [WalkedItem], _ layout: SubBufferLayout) -> [UInt8] {
        var writer = SubBufferWriter(layout: layout)
        for item in items {
            switch item {
            case .record(let time, let payload): payload.withUnsafeBytes { writer.add(time: time, $0) }
            case .loss(let count): writer.lose(count)
            }
        }
        writer.finish()
        #expect(!writer.isOpen && writer.closedBytes.isMultiple(of: layout.size))
        var bytes: [UInt8] = []
        writer.take { bytes += $0 }
        #expect(writer.closedBytes == 0)
        return bytes
    }

    /// Pages as no kernel writes them so close to each other: short and long records and distances, absolute times, records that
    /// were taken back, padding, losses.
    private func pages(_ layout: SubBufferLayout, _ random: inout SeededGenerator) -> [UInt8] {
        var (bytes, time): ([UInt8], UInt64) = ([], 1 << 40)
        for _ in 0..<30 {
            time += .random(in: 1...1 << 30, using: &random)
            var page = PageBuilder(layout, time: time)
            switch UInt8.random(in: 0..<6, using: &random) {
            case 0: page.loss = .uncounted
            case 1: page.loss = .counted(.random(in: 1...99, using: &random))
            default: break
            }
            var isFirst = true
            while page.room > 1400 {
                let kind = UInt8.random(in: 0..<40, using: &random)
                if !isFirst, kind == 0 {
                    let delta = UInt64.random(in: 1 << 27...1 << 34, using: &random)
                    page.timeExtend(delta)
                    time += delta
                } else if !isFirst, kind == 1 {
                    time += .random(in: 0...1 << 36, using: &random)
                    page.absoluteTime(time)
                } else if !isFirst, kind == 2 {
                    page.discarded(after: 3, length: 24)
                    time += 3
                }
                let words = Int.random(in: 1...(kind < 4 ? 250 : 28), using: &random)
                let payload = random.bytes(words * 4)
                let delta = isFirst ? 0 : UInt64.random(in: 0..<1 << 20, using: &random)
                if kind == 5 { page.largeRecord(after: delta, payload) } else { page.record(after: delta, payload) }
                time += delta
                isFirst = false
            }
            if Bool.random(using: &random) { page.endPadding() }
            bytes += page.build()
        }
        return bytes
    }

    @Test("The same records come out, with their times and the losses between them", arguments: layouts)
    func same(_ layout: SubBufferLayout) {
        for seed in 0..<5 {
            var random = SeededGenerator(seed: UInt64(seed))
            let items = RecordCursor.walk(pages(layout, &random), layout: layout)
            #expect(items.count > 500)
            #expect(RecordCursor.walk(pack(items, layout), layout: layout) == items)
        }
    }

    @Test("What is left is what it was among the others, and takes less room", arguments: layouts)
    func part(_ layout: SubBufferLayout) {
        for seed in 0..<5 {
            var random = SeededGenerator(seed: UInt64(seed))
            let bytes = pages(layout, &random)
            let items = RecordCursor.walk(bytes, layout: layout).filter { item in
                if case .record = item { UInt8.random(in: 0..<5, using: &random) == 0 } else { true }
            }
            let packed = pack(items, layout)
            // Each loss begins a sub-buffer.
            #expect(packed.count < bytes.count * 3 / 4)
            #expect(RecordCursor.walk(packed, layout: layout) == items)
        }
    }

    @Test("libtraceevent's kbuffer reads the same", arguments: layouts)
    func reference(_ layout: SubBufferLayout) {
        var random = SeededGenerator(seed: 7)
        let items = RecordCursor.walk(pages(layout, &random), layout: layout)
        let packed = pack(items, layout)
        let read = stride(from: 0, to: packed.count, by: layout.size).flatMap {
            referenceWalk(Array(packed[$0..<$0 + layout.size]), layout: layout)
        }
        #expect(read == items.filter { $0.time != nil })
    }

    @Test("A time that goes back begins a sub-buffer, and a long wait a time extend")
    func times() {
        let layout = SubBufferLayout.page4K
        let payload: [UInt8] = [1, 2, 3, 4]
        let times: [UInt64] = [5, 5, 1 << 27, 1 << 28, 1 << 28 + 1 << 27 - 1, 1 << 50, 1 << 49, .max - 1, 3]
        let items = times.map { WalkedItem.record(time: $0, payload: payload) }
        let packed = pack(items, layout)
        #expect(RecordCursor.walk(packed, layout: layout) == items)
        #expect(packed.count == 4 * layout.size)
    }

    @Test("A record that fills a sub-buffer leaves no room for the number of records lost before it")
    func fullPage() {
        let layout = SubBufferLayout.page4K
        let payload = [UInt8](repeating: 7, count: layout.size - layout.dataOffset - 8)
        let items: [WalkedItem] = [.loss(count: 5), .record(time: 9, payload: payload)]
        let uncounted: [WalkedItem] = [.loss(count: nil), .record(time: 9, payload: payload)]
        #expect(RecordCursor.walk(pack(items, layout), layout: layout) == uncounted)
        let shorter = Array(payload.dropFirst(8))
        let fitting: [WalkedItem] = [.loss(count: 5), .record(time: 9, payload: shorter)]
        #expect(RecordCursor.walk(pack(fitting, layout), layout: layout) == fitting)
    }

    @Test("A loss at the very end is told")
    func lossAtEnd() {
        let items: [WalkedItem] = [.record(time: 9, payload: [1, 0, 0, 0]), .loss(count: 2)]
        #expect(RecordCursor.walk(pack(items, .page4K), layout: .page4K) == items)
    }
}
