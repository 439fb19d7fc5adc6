import EventOutput
import SocketEvents
import Testing

@testable import EventStatistics

@Suite("Stories of sockets")
struct StoryTests {
    private func message(_ alias: Alias, _ time: UInt64, socket: UInt64, bytes: Int64) -> TraceItem {
        socketEvent(alias, time, socket: socket) { ($0.event.size, $0.event.success) = (bytes, bytes >= 0) }
    }

    /// What is told of events, and what when they have ended.
    private func stories(
        _ items: [TraceItem], seesAll: Bool = true, steps: Int = 40, sockets: Int = 100
    ) -> [SocketStory] {
        var tracker = StoryTracker(seesAll: seesAll, stepLimit: steps, socketLimit: sockets)
        let batch = TraceBatch(items)
        var told: [SocketStory] = []
        for index in 0..<batch.eventCount { tracker.take(batch, index) { told.append($0) } }
        tracker.endAll(as: .open) { told.append($0) }
        #expect(tracker.openCount == 0)
        return told
    }

    private let client = [
        socketEvent(.createReturn, 1_000_000, socket: 3) {
            ($0.event.err, $0.event.duration) = (0, 250_000)
            $0.details?.local = nil
            $0.details?.remote = nil
        },
        socketEvent(.connected, 5_000_000, socket: 3) { ($0.event.err, $0.event.duration) = (0, 3_000_000) },
        socketEvent(.send, 6_000_000, socket: 3) { ($0.event.size, $0.event.duration) = (77, 40_000) },
        socketEvent(.receive, 6_100_000, socket: 3) { ($0.event.size, $0.event.success) = (-11, false) },
        socketEvent(.receive, 9_100_000, socket: 3) { ($0.event.size, $0.event.duration) = (200, 2_000_000) },
        socketEvent(.close, 9_500_000, socket: 3) {
            $0.event.success = nil
            $0.details?.remote = nil
        },
    ]

    @Test("A client's socket is created, connects, sends, receives, fails once and is closed")
    func whole() throws {
        let story = try #require(stories(client).first)
        #expect(story.birth == .created && story.direction == .outgoing && story.end == .closed)
        #expect(story.connectLatency == 3_000_000)
        #expect(story.sent == .init(bytes: 77, messages: 1) && story.received == .init(bytes: 200, messages: 1))
        #expect(story.failed == 1 && story.errorCounts == [.init(number: 11, count: 1)])
        #expect(story.steps.first.map(\.step.alias) == [.createReturn, .connected, .send, .receive, .receive, .close])
        // A sock that is over has forgotten its peer; the story has not.
        #expect(story.details.remote == .ipv4(10, 0, 0, 9, port: 80))
    }

    @Test("Text says who, between whom, each step with the time since the one before, and the totals")
    func text() {
        let renderer = StoryRenderer(isJSON: false, width: 80, time: .clock, wallClock: nil)
        var out = OutputBuffer()
        renderer.header(into: &out)
        for story in stories(client) { renderer.render(story, file: nil, into: &out) }
        #expect(
            out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == """
                         TIME   AFTER EVENT           BYTES LATENCY NOTE
                curl/7 TCP 10.0.0.2:51234 -> 10.0.0.9:80 created
                     0.001000       - create             ok  250 us
                     0.005000 4.00 ms connect            ok 3.00 ms
                     0.006000 1.00 ms send               77 40.0 us
                     0.006100  100 us receive        EAGAIN       -
                     0.009100 3.00 ms receive           200 2.00 ms
                     0.009500  400 us close               -       -
                  sent 77 B in 1 message, received 200 B in 1 message, failed 1: EAGAIN=1,
                    closed after 8.50 ms


                """)
    }

    @Test("No line is wider than the terminal", arguments: [40, 80, 120, 200])
    func widths(width: Int) {
        let renderer = StoryRenderer(isJSON: false, width: width, time: .clock, wallClock: nil)
        var out = OutputBuffer()
        renderer.header(into: &out)
        let hostile = socketEvent(.send, 7, socket: 9) {
            $0.event.comm = TaskName("\u{1b}[2J\u{1b}[31mred".utf8)
            $0.event.size = 9
            $0.details?.local = SocketAddress(.path, Array(("/run/" + String(repeating: "long\u{1b}", count: 16)).utf8))
        }
        for story in stories(client + [hostile]) { renderer.render(story, file: "a\nb.dat", into: &out) }
        let text = out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(!text.contains("\u{1b}"))
        for line in text.split(separator: "\n") { #expect(line.unicodeScalars.count <= width, "\(line)") }
    }

    @Test("JSON has the same, and null for what is not known")
    func json() {
        let renderer = StoryRenderer(isJSON: true, width: nil, time: .clock, wallClock: 5)
        var out = OutputBuffer()
        let short = [client[2], client[3], client[5]]
        for story in stories(short) { renderer.render(story, file: nil, into: &out) }
        #expect(
            out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == """
                {"name":"socket","time":9500000,"wall":9500005,"begin":6000000,"pid":7,"comm":"curl","inode":null,\
                "family_name":"INET","protocol_name":"TCP","type_name":"STREAM","local_address":"10.0.0.2",\
                "local_port":51234,"remote_address":"10.0.0.9","remote_port":80,"remote_inode":null,"birth":"older",\
                "direction":null,"connect_latency":null,"backlog_wait":null,"sent_bytes":77,"sent_messages":1,\
                "received_bytes":0,"received_messages":0,"accepted":0,"failed":1,"errors":{"EAGAIN":1},"end":"closed",\
                "steps":[{"name":"socket.send","time":6000000,"after":null,"bytes":77,"duration":40000,"success":1},\
                {"name":"socket.receive","time":6100000,"after":100000,"bytes":0,"duration":null,"success":0,"errno":11,\
                "error":"EAGAIN"},{"name":"socket.close","time":9500000,"after":3400000}],"left_out":0}

                """)
    }

    @Test("An accept is a step of who listened and the birth of the new socket; one that fails is the listener's alone")
    func accepts() throws {
        let listener = socketEvent(.listenReturn, 1, socket: 1) {
            $0.details?.inode = 500
            $0.details?.remote = nil
        }
        let accepted = socketEvent(.acceptReturn, 2, socket: 2) {
            $0.details?.inode = 501
            $0.details?.rawListener = 500
            $0.details?.known.insert(.listener)
        }
        let nobody = socketEvent(.acceptReturn, 3, socket: 0) {
            ($0.event.err, $0.event.success) = (-11, false)
            $0.details?.local = nil
            $0.details?.remote = nil
            $0.details?.rawListener = 500
            $0.details?.known.insert(.listener)
        }
        for items in [[listener, accepted, nobody], [nobody, accepted, listener]] {
            let told = stories(items)
            #expect(told.count == 2)
            let who = try #require(told.first { $0.details.inode == 500 })
            let new = try #require(told.first { $0.details.inode == 501 })
            #expect(who.accepted == 1 && who.failed == 1 && who.stepCount == 3)
            #expect(new.birth == .accepted && new.direction == .incoming && new.stepCount == 1)
        }
    }

    @Test("Of many steps the first and the latest are shown, and all are counted", arguments: [2, 3, 10, 41])
    func manySteps(limit: Int) throws {
        let items = (1...100).map { message(.send, UInt64($0), socket: 1, bytes: Int64($0)) }
        let story = try #require(stories(items, steps: limit).first)
        let (first, latest) = story.steps
        #expect(first.map(\.step.number) == (1...limit / 2).map { Int64($0) })
        #expect(latest.map(\.step.number) == (100 - (limit - limit / 2) + 1...100).map { Int64($0) })
        #expect(story.leftOut == UInt64(100 - limit) && story.sent == .init(bytes: 5050, messages: 100))
    }

    @Test("Of too many open sockets the quietest are told early, and no event is lost of any")
    func manySockets() {
        let items = (0..<3000).map { number in
            message(.send, UInt64(number), socket: UInt64(number * number % 97 + 1), bytes: 1)
        }
        let told = stories(items, sockets: 16)
        #expect(told.map(\.sent.bytes).reduce(0, +) == 3000)
        #expect(told.contains { $0.end == .interrupted })
        // What comes after an interruption is not said to be older than the trace.
        #expect(told.filter { $0.begin > 100 }.allSatisfy { $0.birth == .unknown })
    }

    @Test("Where not everything is looked at, nothing is said of what was not seen")
    func limited() {
        let told = stories([message(.send, 1, socket: 1, bytes: 1)], seesAll: false)
        #expect(told.map(\.birth) == [.unknown] && told.map(\.end) == [.unknown])
    }

    @Test("Each datagram has a peer of its own, which is none of the socket's")
    func datagrams() throws {
        let items = [1, 2].map { number in
            socketEvent(.send, number, socket: 1) {
                ($0.event.protocol, $0.event.type, $0.event.size) = (17, 2, 5)
                $0.details?.remote = .ipv4(10, 0, 0, UInt8(number), port: 53)
            }
        }
        let story = try #require(stories(items).first)
        #expect(story.details.remote == nil)
        #expect(story.steps.first.map(\.peer) == [.ipv4(10, 0, 0, 1, port: 53), .ipv4(10, 0, 0, 2, port: 53)])
    }

    @Test("Without serial numbers a socket is known by its address until it is closed; without that, it is counted")
    func addresses() {
        func plain(_ alias: Alias, _ socket: UInt64?) -> TraceItem {
            var event = SocketEvent(alias: alias, time: 1, cpu: 0, tid: 7)
            (event.type, event.socket, event.size, event.success) = (1, socket, 1, true)
            return .plain(event)
        }
        let place: UInt64 = 0xffff_8e85_4042_c340
        let told = stories([plain(.send, place), plain(.close, place), plain(.send, place), plain(.send, nil)])
        #expect(told.map(\.stepCount) == [2, 1])
    }
}
