internal import ProbeContract
@testable import EventFormats
import RingBuffer
import SocketEvents
import Testing
import TraceTestSupport

/// Traces that no kernel wrote: nothing traps, nothing grows without bound.
@Suite struct HostileTraceTests {
    private static func field(_ name: String, _ offset: Int, _ size: Int, isDynamic: Bool = false) -> FormatField {
        FormatField(name: name, offset: offset, size: size, isSigned: false, isDynamic: isDynamic, isArray: false)
    }

    private static let common = [
        field("common_type", 0, 2), field("common_flags", 2, 1), field("common_pid", 4, 4),
    ]

    /// Decodes one page with a plan for each format.
    private func told(_ formats: [EventFormat], _ payloads: [[UInt8]]) -> ToldTrace {
        var page = PageBuilder()
        for payload in payloads { page.record(after: 1, payload) }
        let bytes = page.build()
        var merge = RecordMerge(layouts: [.page4K])
        merge.feed(stream: 0, region: 0..<bytes.count, in: bytes.span.bytes)
        var decoder = SocketDecoder(
            plans: EventPlanTable(formats: formats), cpus: [.max], byteOrder: .little, aliases: .all,
            scope: .wholeSystem())
        var batch = TraceBatch()
        while decoder.decode(&merge, in: bytes.span.bytes, into: &batch, capacity: 100) != .done {
            merge.close(stream: 0)
        }
        decoder.finish(malformedPages: merge.malformedPages)
        return ToldTrace(items: Array(batch.items), statistics: decoder.statistics)
    }

    @Test func `Records shorter than their format are counted and passed over`() {
        let format = EventFormat(
            system: "sockftrace_1", name: "sys_sendmsg_entry", id: 1,
            fields: Self.common + [Self.field("socket", 16, 8)])
        let told = told(
            [format],
            [[1, 0, 0, 0], Array(repeating: 0, count: 4), [1, 0] + Array(repeating: 0, count: 18)]
                + [[1, 0] + Array(repeating: 1, count: 22)])
        #expect(told.statistics.malformed == 2)
        #expect(told.statistics.records == 1)
        #expect(told.lines == ["sendmsg 101010101010101 ?"])
    }

    @Test func `Fields in impossible places are as good as absent`() {
        let fields = [
            Self.field("socket", -8, 8), Self.field("size", 65_534, 8), Self.field("state", 8, 3),
            Self.field("type", .max, 4), Self.field("family", 8, .max), Self.field("protocol", 8, 4, isDynamic: true),
            Self.field("flags_", 8, 0),
        ]
        let format = EventFormat(system: "sockftrace_1", name: "sys_sendmsg_entry", id: 1, fields: Self.common + fields)
        let event = told([format], [[1, 0] + Array(repeating: 1, count: 22)]).events.first
        #expect(event?.alias == .sendmsg)
        #expect(event?.socket == nil)
        #expect(event?.size == nil)
        #expect(event?.family == nil)
    }

    @Test func `An event without any fields belongs to nobody`() {
        let format = EventFormat(system: "sockftrace_1", name: "sys_sendmsg_entry", id: 1, fields: [])
        #expect(told([format], [Array(repeating: 0, count: 8)]).events == [])
        #expect(told([format], [[1, 0, 0, 0, 0, 0, 0, 0]]).events.first?.tid == 0)
    }

    @Test func `An id that is given twice keeps its first meaning`() {
        let fields = Self.common
        let formats = (0..<70_000).map { number in
            EventFormat(
                system: "sockftrace_1", name: number == 0 ? "close_call" : "sendmsg_entry__f\(number)", id: 5,
                fields: fields)
        }
        let told = told(formats, [[5, 0, 0, 0, 9, 0, 0, 0]])
        #expect(told.lines == ["close ?"])
    }

    @Test func `Every id may have an event, and more functions than fit a byte are kept apart`() {
        let formats = (0...UInt16.max).map { id in
            EventFormat(
                system: "sockftrace_1", name: (id % 2 == 0 ? "create_entry__f" : "create_return__f") + "\(id / 2)",
                id: id, fields: Self.common)
        }
        func record(_ id: Int) -> [UInt8] { ByteOrder.little.bytes(of: UInt16(id)) + [0, 0, 9, 0, 0, 0] }
        // The return of function 256 is not that of function 0.
        let told = told(formats, [record(0), record(513), record(1), record(65_534), record(65_535)])
        #expect(told.events.map(\.alias).prefix(2) == [.create, .createReturn])
        #expect(told.events.count { $0.alias == .createReturn } == 1)
    }

    @Test(arguments: [Int32.min, -1, .max])
    func `Any task number is a task`(tid: Int32) throws {
        var trace = TraceScript()
        trace.tid = tid
        trace.fork(tid, comm: "self")
        trace.rename([0xff, 0], of: tid)
        trace.pass(.sendmsg, .tcp, size: .min, .min)
        let event = try #require(try trace.told(.send).events.first)
        #expect(event.size == 0)
        #expect(event.tid == max(tid, 0))
    }

    @Test func `Task numbers that agree in their lower bits are as quick to find as others`() throws {
        var trace = TraceScript()
        for number in 1..<2_000 as Range<Int32> {
            trace.tid = number << 20 | 1
            trace.pass(.sysSendmsg, .tcp, size: 1, 1)
        }
        #expect(try trace.told(.send).events.count == 1_999)
    }

    @Test func `A return older than its entry has no duration`() throws {
        var trace = TraceScript()
        trace.time = 5_000
        trace.enter(.sendmsg, .tcp, size: 1)
        trace.time = 1_000
        trace.lose(1)
        trace.leave(.sendmsg, 1)
        var clean = TraceScript(cpus: 1)
        clean.time = 5_000
        clean.enter(.sendmsg, .tcp, size: 1)
        clean.setBack(to: 1_000)
        clean.leave(.sendmsg, 1)
        for event in try trace.told(.send).events + clean.told(.send).events {
            #expect(event.duration == nil)
        }
        #expect(try clean.told(.send).lines == ["send tcp 1 sendmsg"])
    }

    @Test func `Records of any content are decoded to their end`() throws {
        for seed in 0..<40 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var trace = TraceScript.random(records: 100, using: &random)
            let ids = trace.events.map(\.id)
            for _ in 0..<2_000 {
                trace.cpu = Int.random(in: 0...1, using: &random)
                trace.time += .random(in: 0...100, using: &random)
                var payload = random.bytes(4 * .random(in: 1...20, using: &random))
                let id = ids[Int.random(in: 0..<ids.count, using: &random)]
                payload.replaceSubrange(0..<2, with: ByteOrder.little.bytes(of: id))
                // Few tasks, so that frames meet.
                if payload.count >= 8 {
                    payload.replaceSubrange(4..<8, with: [UInt8.random(in: 0...3, using: &random), 0, 0, 0])
                }
                trace.write(payload)
            }
            let told = try trace.told(scope: TaskScope(processes: [1, 2], followsChildren: true))
            #expect(told.statistics.records > 1_000)
            _ = try trace.told()
        }
    }
}
