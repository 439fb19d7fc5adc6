import RingBuffer
import Testing
import TraceTestSupport

/// What a merge hands out, and from which stream.
struct MergedItem: Equatable, CustomStringConvertible {
    var stream: Int
    var item: WalkedItem

    var description: String {
        switch item {
        case .record(let time, _): "\(stream)@\(time)"
        case .loss: "\(stream):loss"
        }
    }
}

/// The sub-buffers of several streams, laid out in one span as a page store would have them.
struct Streams {
    var layout = SubBufferLayout.page4K
    private(set) var bytes: [UInt8] = []
    private(set) var regions: [Range<Int>] = []

    init(_ streams: [[PageBuilder]]) {
        for pages in streams {
            let start = bytes.count
            for page in pages { bytes += page.build() }
            regions.append(start..<bytes.count)
        }
    }

    /// Streams with a page for each list of times.
    init(times: [[[UInt64]]]) {
        self.init(
            times.map { stream in
                stream.map { times in
                    var page = PageBuilder(time: times.first ?? 0)
                    for (before, time) in zip([times.first ?? 0] + times, times) {
                        page.record(after: time - before, [1, 1, 1, 1])
                    }
                    return page
                }
            })
    }

    func merge() -> RecordMerge {
        RecordMerge(layouts: Array(repeating: layout, count: regions.count))
    }

    /// Merges everything, each stream in regions of so many pages.
    func merged(pages: Int) -> [MergedItem] {
        var merge = merge()
        var fed = regions.map(\.lowerBound)
        var items: [MergedItem] = []
        while let stream = advance(&merge, into: &items) {
            let end = min(fed[stream] + pages * layout.size, regions[stream].upperBound)
            if fed[stream] < end {
                merge.feed(stream: stream, region: fed[stream]..<end, in: bytes.span.bytes)
                fed[stream] = end
            } else {
                merge.close(stream: stream)
            }
        }
        return items
    }

    /// Merges until a stream is hungry, which is returned, or all is done.
    func advance(_ merge: inout RecordMerge, into items: inout [MergedItem]) -> Int? {
        while true {
            switch merge.next(in: bytes.span.bytes) {
            case .record:
                let (start, length) = (merge.current.payload, merge.current.payloadLength)
                items.append(
                    MergedItem(
                        stream: merge.stream,
                        item: .record(time: merge.current.time, payload: Array(bytes[start..<start + length]))))
            case .loss:
                items.append(MergedItem(stream: merge.stream, item: .loss(count: merge.current.lostCount)))
            case .hungry(let stream): return stream
            case .done: return nil
            }
        }
    }

    /// What a merge should give: the oldest head of all each time, the lower stream first among equals; a loss is as
    /// old as the record before it.
    func expected() -> [MergedItem] {
        var queues = regions.map { region in
            var last: UInt64 = 0
            return RecordCursor.walk(Array(bytes[region]), layout: layout).map { item in
                last = item.time ?? last
                return (age: last, item: item)
            }[...]
        }
        var items: [MergedItem] = []
        while true {
            let heads = queues.indices.compactMap { index in queues[index].first.map { ($0.age, index) } }
            guard let oldest = heads.min(by: { $0 < $1 }) else { return items }
            items.append(MergedItem(stream: oldest.1, item: queues[oldest.1].removeFirst().item))
        }
    }
}

@Suite struct RecordMergeTests {
    @Test func `Records of all streams come in the order of their times`() {
        let streams = Streams(times: [[[10, 40, 50]], [[20, 30, 60]], [[5, 70]]])
        #expect(
            streams.merged(pages: 1).map(\.description)
                == ["2@5", "0@10", "1@20", "1@30", "0@40", "0@50", "1@60", "2@70"])
    }

    @Test(arguments: [1, 2, 7])
    func `Of equal times the lower stream comes first whatever the sizes of the regions`(pages: Int) {
        let streams = Streams(times: [[[5], [7], [7, 9]], [[7, 7], [7]], [[7], [7, 8]], [[5, 7]]])
        #expect(
            streams.merged(pages: pages).map(\.description) == [
                "0@5", "3@5", "0@7", "0@7", "1@7", "1@7", "1@7", "2@7", "2@7", "3@7", "2@8", "0@9",
            ])
    }

    @Test(arguments: [1, 2, 7])
    func `A loss is told right after the last record before it`(pages: Int) {
        var first = PageBuilder(time: 10)
        first.record(after: 0, [1, 1, 1, 1])
        var second = PageBuilder(time: 90)
        second.loss = .counted(4)
        second.record(after: 0, [2, 2, 2, 2])
        var other = PageBuilder(time: 20)
        other.record(after: 0, [3, 3, 3, 3])
        let streams = Streams([[first, second], [other]])
        #expect(streams.merged(pages: pages).map(\.description) == ["0@10", "0:loss", "1@20", "0@90"])
    }

    @Test(arguments: [1, 2, 7])
    func `A loss is no later for a time extend that closes the page before it`(pages: Int) {
        var first = PageBuilder(time: 10)
        first.record(after: 0, [1, 1, 1, 1])
        first.timeExtend(80)
        var second = PageBuilder(time: 90)
        second.loss = .uncounted
        var third = PageBuilder(time: 95)
        third.loss = .uncounted
        third.record(after: 0, [2, 2, 2, 2])
        var other = PageBuilder(time: 20)
        other.record(after: 0, [3, 3, 3, 3])
        let streams = Streams([[first, second, third], [other]])
        #expect(streams.merged(pages: pages).map(\.description) == ["0@10", "0:loss", "0:loss", "1@20", "0@95"])
    }

    @Test func `A loss before the first record of all comes first`() {
        var page = PageBuilder(time: 90)
        page.loss = .uncounted
        page.record(after: 0, [2, 2, 2, 2])
        var other = PageBuilder(time: 20)
        other.record(after: 0, [3, 3, 3, 3])
        #expect(Streams([[other], [page]]).merged(pages: 1).map(\.description) == ["1:loss", "0@20", "1@90"])
    }

    @Test func `A stream that has run dry holds the others up until it is fed or closed`() {
        let streams = Streams(times: [[[10], [30]], [[20, 40]]])
        var merge = streams.merge()
        var items: [MergedItem] = []
        #expect(streams.advance(&merge, into: &items) == 0)
        merge.feed(stream: 0, region: 0..<4096, in: streams.bytes.span.bytes)
        #expect(streams.advance(&merge, into: &items) == 1)
        merge.feed(stream: 1, region: streams.regions[1], in: streams.bytes.span.bytes)
        #expect(streams.advance(&merge, into: &items) == 0)
        #expect(items.map(\.description) == ["0@10"])
        merge.close(stream: 0)
        #expect(streams.advance(&merge, into: &items) == 1)
        #expect(items.map(\.description) == ["0@10", "1@20", "1@40"])
        // A closed stream may be fed again, be it too late for its records' proper places.
        merge.feed(stream: 0, region: 4096..<8192, in: streams.bytes.span.bytes)
        merge.close(stream: 1)
        #expect(streams.advance(&merge, into: &items) == 0)
        merge.close(stream: 0)
        #expect(streams.advance(&merge, into: &items) == nil)
        #expect(items.map(\.description) == ["0@10", "1@20", "1@40", "0@30"])
    }

    @Test func `Records beyond the horizon are held back until it moves`() {
        let streams = Streams(times: [[[10, 30, 50]], [[20, 40, 60]]])
        var merge = streams.merge()
        var items: [MergedItem] = []
        for index in streams.regions.indices {
            merge.feed(stream: index, region: streams.regions[index], in: streams.bytes.span.bytes)
        }
        merge.setHorizon(5)
        #expect(streams.advance(&merge, into: &items) == nil)
        #expect(items.isEmpty)
        merge.setHorizon(30)
        #expect(streams.advance(&merge, into: &items) == nil)
        #expect(items.map(\.description) == ["0@10", "1@20", "0@30"])
        merge.setHorizon(45)
        #expect(streams.advance(&merge, into: &items) == nil)
        #expect(items.map(\.description) == ["0@10", "1@20", "0@30", "1@40"])
        merge.setHorizon(.max)
        #expect(streams.advance(&merge, into: &items) == 0)
        merge.close(stream: 0)
        #expect(streams.advance(&merge, into: &items) == 1)
        merge.close(stream: 1)
        #expect(streams.advance(&merge, into: &items) == nil)
        #expect(items.map(\.description) == ["0@10", "1@20", "0@30", "1@40", "0@50", "1@60"])
    }

    @Test func `Streams that stay empty have no part in it`() {
        #expect(Streams(times: [[], [[1]], [[]], [[2]], []]).merged(pages: 1).map(\.description) == ["1@1", "3@2"])
        #expect(Streams(times: [[], []]).merged(pages: 1) == [])
        #expect(Streams(times: []).merged(pages: 1) == [])
    }

    @Test func `One stream keeps its own order even where time runs backwards`() {
        let streams = Streams(times: [[[10, 20], [5, 15], [15]]])
        #expect(streams.merged(pages: 1).map(\.description) == ["0@10", "0@20", "0@5", "0@15", "0@15"])
        #expect(streams.merged(pages: 3) == streams.merged(pages: 1))
    }

    @Test func `The last time that there is belongs to the order like any other`() {
        let last = UInt64.max
        let streams = Streams(times: [[[last]], [[last - 1, last]], [[last]]])
        #expect(
            streams.merged(pages: 1).map(\.description) == ["1@\(last - 1)", "0@\(last)", "1@\(last)", "2@\(last)"])
    }

    @Test func `Malformed sub-buffers are counted over all streams while one of them runs`() {
        var broken = PageBuilder(time: 1)
        broken.claimedLength = 5_000
        let streams = Streams([[broken, broken], [broken], []])
        var merge = streams.merge()
        for index in streams.regions.indices {
            merge.feed(stream: index, region: streams.regions[index], in: streams.bytes.span.bytes)
        }
        merge.close(stream: 2)
        var items: [MergedItem] = []
        while let stream = streams.advance(&merge, into: &items) { merge.close(stream: stream) }
        #expect(items.count == 3)
        #expect(merge.malformedPages == 3)
    }

    @Test(arguments: [1, 2, 3, 200])
    func `Random streams are merged alike in regions of 1, 2 and 7 pages`(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        for _ in 0..<(count > 100 ? 2 : 40) {
            let streams = Streams((0..<count).map { _ in Self.stream(&random) })
            let expected = streams.expected()
            for pages in [1, 2, 7] {
                let merged = streams.merged(pages: pages)
                let difference = zip(merged, expected).first { $0 != $1 }
                #expect(difference == nil && merged.count == expected.count)
            }
        }
    }

    /// Sub-buffers with few records, so that there are many ties, losses and faults.
    private static func stream(_ random: inout SeededGenerator) -> [PageBuilder] {
        var time: UInt64 = 0
        return (0..<Int.random(in: 0...9, using: &random)).map { _ in
            time += .random(in: 0...3, using: &random)
            var page = PageBuilder(time: time)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let delta = UInt64.random(in: 0...2, using: &random)
                time += delta
                page.record(after: delta, random.bytes(4))
            }
            switch UInt8.random(in: 0..<8, using: &random) {
            case 0: page.loss = .uncounted
            case 1: page.loss = .counted(.random(in: 1...9, using: &random))
            case 2:
                page.timeExtend(5)
                time += 5
            case 3: page.header(type: 0, delta: 0)
            case 4: page.claimedLength = 1 << 20
            default: break
            }
            return page
        }
    }
}
