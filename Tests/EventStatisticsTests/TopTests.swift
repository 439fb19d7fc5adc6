import EventOutput
import EventStatistics
import Foundation
import SocketEvents
import Testing

@Suite("A top")
struct TopTests {
    private func batch(_ events: [SocketEvent]) -> TraceBatch { TraceBatch(events.map { .plain($0) }) }

    /// Three processes over two seconds, the first of them twice.
    private func meter() -> TrafficMeter {
        var meter = TrafficMeter()
        let first = batch([
            message(pid: 1, comm: "nginx", size: 4000), message(.receive, pid: 1, comm: "nginx", size: 10),
        ])
        meter.add(first, 0..<first.eventCount)
        meter.turn(after: 1_000_000_000) { [1: 33, 2: 0][$0] }
        let second = batch([
            message(pid: 1, comm: "nginx", size: 1000, duration: 5000), message(pid: 1, comm: "nginx", size: -11),
            message(.receive, pid: 2, comm: "redis", size: 600) { ($0.family, $0.protocol) = (1, 0) },
            message(pid: 3, comm: "\u{1b}[2Jevil", size: 100) { ($0.family, $0.protocol) = (10, 6) },
        ])
        meter.add(second, 0..<second.eventCount)
        meter.turn(after: 2_000_000_000) { [1: 33, 2: 0][$0] }
        return meter
    }

    private func text(_ view: TopView, columns: Int, rows: Int = 24) -> String {
        var out = OutputBuffer()
        let meter = meter()
        TopScreen { $0 == 33 ? "www-data" : nil }
            .render(meter, view, clock: "18:04:59", columns: columns, rows: rows, into: &out)
        return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test("has rates of the last interval, and totals since the beginning")
    func golden() {
        #expect(
            text(TopView(), columns: 80) == """
                sockftrace top  18:04:59  by process, most bytes first  h: help
                sent 550 B/s, received 300 B/s, messages 2/s, failed 1, lost 0

                PROCESS                  SENT/s  RECV/s MSGS/s FAILED CONNS    SENT RECEIVED
                nginx/1                   500 B     0 B      1      1     0 5.00 kB     10 B
                redis/2                     0 B   300 B      1      0     0     0 B    600 B
                \\x1b[2Jevil/3              50 B     0 B      1      0     0   100 B      0 B

                """)
    }

    @Test("fits the terminal, and is as it was", arguments: [40, 80, 120, 200])
    func widths(columns: Int) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../fixtures/golden")
        let golden = folder.appending(path: "top-\(columns).txt")
        var view = TopView()
        var screens = text(view, columns: columns)
        for key in ["g", "g", "g", "h"] {
            for byte in key.utf8 { view.press(byte) }
            screens += text(view, columns: columns)
        }
        for line in screens.split(separator: "\n") { #expect(line.unicodeScalars.count <= columns, "\(line)") }
        if ProcessInfo.processInfo.environment["SOCKFTRACE_RENEW"] != nil {
            try screens.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(try screens == String(contentsOf: golden, encoding: .utf8))
    }

    @Test("counts connections that are made or accepted, and sorts by them")
    func connections() {
        var meter = TrafficMeter()
        let events = batch([
            message(pid: 1, comm: "nginx", size: 4000),
            message(.acceptReturn, pid: 2, comm: "sshd", size: nil) { $0.success = true },
            message(.acceptReturn, pid: 2, comm: "sshd", size: nil) { ($0.err, $0.success) = (-11, false) },
            message(.connected, pid: 2, comm: "sshd", size: nil) { $0.success = true },
        ])
        meter.add(events, 0..<events.eventCount)
        meter.turn(after: 1_000_000_000)
        let lines = meter.lines(.process, by: .connections)
        #expect(lines.map(\.now.key.pid) == [2, 1])
        #expect(lines.map(\.now.other.connections) == [2, 0] && lines.map(\.now.failed) == [1, 0])
        #expect(meter.all.total.connections == 2 && meter.all.now.messages == 1)
    }

    @Test(
        "groups by each of what there is, and the sums are the same",
        arguments: TopGrouping.allCases)
    func groupings(grouping: TopGrouping) {
        let meter = meter()
        for order in TopOrder.allCases {
            let lines = meter.lines(grouping, by: order)
            #expect(lines.map(\.now.messages).reduce(0, +) == 4)
            #expect(lines.map(\.now.failed).reduce(0, +) == 1)
            #expect(lines.map(\.total.sent).reduce(0, +) == 5100)
            #expect(lines.map(\.total.received).reduce(0, +) == 610)
            #expect(lines.map(\.total.messages).reduce(0, +) == 6)
        }
        let groups = [
            TopGrouping.process: 3, .connection: 3, .peer: 1, .user: 3, .cgroup: 1, .protocol: 2, .family: 3, .error: 2,
        ]
        #expect(meter.lines(grouping, by: .bytes).count == groups[grouping])
        #expect(meter.all.total.bytes == 5710 && meter.tally.parts.map(\.number) == [6, 0, 0])
    }

    @Test("no line is wider than the screen, none more than it has rows", arguments: [40, 80, 120, 200])
    func size(columns: Int) {
        var view = TopView()
        for grouping in TopGrouping.allCases {
            view.grouping = grouping
            let lines = text(view, columns: columns, rows: 6).split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 7)
            for line in lines { #expect(line.unicodeScalars.count <= columns || columns < 80, "\(line)") }
            #expect(!lines.joined().unicodeScalars.contains { $0.value == 0x1b })
        }
    }

    @Test("keys change the view, and nothing else")
    func keys() {
        var view = TopView()
        func press(_ keys: String) { for byte in keys.utf8 { view.press(byte) } }
        press("g")
        #expect(view.grouping == .connection)
        press("ggggggg")
        #expect(view.grouping == .process)
        press("ss")
        #expect(view.order == .received)
        press("/ngq\u{7f}\r")
        #expect(view.filter == "ng" && !view.isTyping && !view.isOver)
        #expect(text(view, columns: 80).contains("nginx") && !text(view, columns: 80).contains("redis"))
        press("/x\u{1b}")
        #expect(view.filter.isEmpty && !view.isTyping)
        press(" ")
        #expect(view.isPaused && text(view, columns: 80).contains("PAUSED"))
        press("ph")
        #expect(!view.isPaused && view.isHelp && text(view, columns: 80).contains("Esc removes it"))
        press("g")
        #expect(!view.isHelp && view.grouping == .process)
        press("kkjj")
        #expect(view.offset == 2)
        press("\u{1}\u{7f}Z")
        press("q")
        #expect(view.isOver)
    }

    /// A connection of a process to a port of a peer.
    private func sent(_ bytes: Int64, pid: Int32, from port: UInt16, to peer: UInt8) -> TraceItem {
        var details = EventDetails()
        details.local = .ipv4(10, 0, 0, 1, port: port)
        details.remote = .ipv4(10, 0, 0, peer, port: 443)
        return .event(TracedEvent(message(pid: pid, comm: "curl", size: bytes), details))
    }

    @Test("has a line for each connection of a process, with both ends and their ports")
    func byConnection() {
        var meter = TrafficMeter()
        let events = TraceBatch([sent(1000, pid: 7, from: 5001, to: 2), sent(10, pid: 7, from: 5002, to: 2)])
        meter.add(events, 0..<events.eventCount)
        meter.turn(after: 1_000_000_000)
        #expect(meter.lines(.peer, by: .bytes).count == 1)
        var out = OutputBuffer()
        var view = TopView()
        view.grouping = .connection
        TopScreen { _ in nil }.render(meter, view, clock: "", columns: 80, rows: 24, into: &out)
        let lines = out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
        #expect(
            lines.dropFirst(2).map(String.init) == [
                "PROCESS LOCAL         REMOTE       PROTO  SENT/s  RECV/s MSGS/s FAILED CONNS",
                "curl/7  10.0.0.1:5001 10.0.0.2:443 TCP   1.00 kB     0 B      1      0     0",
                "curl/7  10.0.0.1:5002 10.0.0.2:443 TCP      10 B     0 B      1      0     0",
            ])
        out.clear()
        TopJSON { _ in nil }.render(meter, view, time: 1, wall: 2, into: &out)
        let json = out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(
            json.contains(
                #"{"pid":7,"comm":"curl","protocol":6,"protocol_name":"TCP","local_address":"10.0.0.1","local_port":5001,"#
                    + #""remote_address":"10.0.0.2","remote_port":443,"sent":{"messages":1,"bytes":1000,"#))
    }

    @Test("A hundred thousand short connections leave the totals of processes right, and no more lines than are of use")
    func manyConnections() {
        var meter = TrafficMeter()
        for turn in 0..<50 {
            let events = TraceBatch(
                (0..<2000).map { sent(3, pid: Int32($0 % 2), from: UInt16($0), to: UInt8(turn)) })
            meter.add(events, 0..<events.eventCount)
            meter.turn(after: 1_000_000_000)
        }
        #expect(meter.lines(.process, by: .total).map(\.total.sent) == [150_000, 150_000])
        #expect(meter.lines(.peer, by: .total).map(\.total.sent) == Array(repeating: 6000, count: 50))
        let connections = meter.lines(.connection, by: .total)
        #expect(connections.count < 20_000 && connections.map(\.total.sent).reduce(0, +) == 300_000)
    }

    @Test("5,000 processes fit a screen, the busiest of them")
    func many() {
        var meter = TrafficMeter()
        let events = batch((1...5000).map { message(pid: Int32($0), comm: "p\($0)", size: Int64($0)) })
        meter.add(events, 0..<events.eventCount)
        meter.turn(after: 1_000_000_000)
        var out = OutputBuffer()
        TopScreen { _ in nil }.render(meter, TopView(), clock: "", columns: 80, rows: 24, into: &out)
        let lines = out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
        #expect(lines.count == 23)
        #expect(lines[3].hasPrefix("p5000/5000") && lines[22].hasPrefix("p4981/4981"))
    }

    @Test("Python reads a snapshot as JSON, and finds the same numbers")
    func json() throws {
        let meter = meter()
        var out = OutputBuffer()
        for grouping in TopGrouping.allCases {
            var view = TopView()
            view.grouping = grouping
            TopJSON { $0 == 33 ? "www\"data" : nil }.render(meter, view, time: 5, wall: 1_600_000_000, into: &out)
        }
        let text = out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(text.split(separator: "\n").count == TopGrouping.allCases.count)
        #expect(
            text.hasPrefix(#"{"time":5,"wall":1600000000,"interval":2000000000,"lost":0,"all":{"sent":{"messages":3,"#))
        #expect(text.contains(#"{"pid":1,"comm":"nginx","sent":{"messages":2,"bytes":1000,"failed":1,"#))
        #expect(text.contains(#"{"uid":33,"user":"www\"data","#) && text.contains(#"\u001b[2Jevil"#))
        #expect(text.contains(#""errors":{"EAGAIN":1},"total":{"sent_bytes":5000,"#))
    }
}
