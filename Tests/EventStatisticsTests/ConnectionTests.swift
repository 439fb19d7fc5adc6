import EventOutput
import SocketEvents
import Testing

@testable import EventStatistics

@Suite("Connections")
struct ConnectionTests {
    private static let here = SocketAddress.ipv4(10, 0, 0, 2, port: 51234)
    private static let there = SocketAddress.ipv4(10, 0, 0, 9, port: 80)

    private func message(_ alias: Alias, _ time: UInt64, socket: UInt64, bytes: Int64) -> TraceItem {
        socketEvent(alias, time, socket: socket) { $0.event.size = bytes }
    }

    private func connected(_ time: UInt64, socket: UInt64, after latency: UInt64, error: Int32 = 0) -> TraceItem {
        socketEvent(.connected, time, socket: socket) {
            ($0.event.duration, $0.event.err, $0.event.success) = (latency, error, error == 0)
        }
    }

    /// What the tracker makes of events, and what is open after them.
    private func connections(_ items: [TraceItem]) -> (ended: [Connection], open: [Connection]) {
        var tracker = ConnectionTracker()
        let batch = TraceBatch(items)
        var ended: [Connection] = []
        for index in 0..<batch.eventCount {
            if let connection = tracker.take(batch, index) { ended.append(connection) }
        }
        return (ended, tracker.endAll(as: .open))
    }

    @Test("A connection has what it moved, and lives from its outcome to its close")
    func whole() throws {
        let (ended, open) = connections([
            connected(1_000, socket: 3, after: 400), message(.send, 1_100, socket: 3, bytes: 77),
            message(.receive, 1_500, socket: 3, bytes: 200), message(.receive, 1_600, socket: 3, bytes: 0),
            socketEvent(.close, 2_000, socket: 3),
        ])
        let connection = try #require(ended.first)
        #expect(ended.count == 1 && open.isEmpty)
        #expect(connection.direction == .outgoing && connection.end == .closed)
        #expect(connection.connectLatency == 400 && connection.lived == 1_000)
        #expect(connection.sent == .init(bytes: 77, messages: 1))
        // A receive that returns 0 is the end of the stream and no message.
        #expect(connection.received == .init(bytes: 200, messages: 1))
    }

    @Test(
        "An attempt that fails is told at once, with the reason",
        arguments: [(Int32(-111), Connection.End.refused), (-110, .timedOut), (-101, .failed)])
    func failed(error: Int32, end: Connection.End) throws {
        let (ended, open) = connections([connected(900, socket: 1, after: 300, error: error)])
        let connection = try #require(ended.first)
        #expect(connection.end == end && connection.errorNumber == -error && connection.lived == nil)
        #expect(open.isEmpty)
    }

    @Test("The close of a socket whose attempt failed is no other connection, even where its peer is still known")
    func failedAndClosed() {
        let attempts = [connected(900, socket: 1, after: 300, error: -111), socketEvent(.close, 950, socket: 1)]
        #expect(connections(attempts).ended.map(\.end) == [.refused])
        let again = [
            connected(900, socket: 1, after: 300, error: -111), connected(990, socket: 1, after: 10),
            message(.send, 995, socket: 1, bytes: 7), socketEvent(.close, 999, socket: 1),
        ]
        #expect(connections(again).ended.map(\.end) == [.refused, .closed])
        #expect(connections(again).ended.map(\.sent.bytes) == [0, 7])
    }

    @Test("An attempt of which nobody knows an error was given up")
    func givenUp() {
        let attempt = socketEvent(.connected, 900, socket: 1) { ($0.event.duration, $0.event.success) = (300, false) }
        #expect(connections([attempt]).ended.first?.end == .givenUp)
    }

    @Test("A connection older than the trace has no direction, and a socket that listens is none")
    func older() {
        let listener = socketEvent(.close, 5, socket: 9) { $0.details?.remote = nil }
        let (ended, open) = connections([
            message(.send, 1, socket: 4, bytes: 5), listener, socketEvent(.close, 8, socket: 4),
            message(.receive, 9, socket: 5, bytes: 6),
        ])
        #expect(ended.map(\.end) == [.closed] && ended.first?.direction == nil && ended.first?.lived == nil)
        #expect(open.map(\.received.bytes) == [6] && open.first?.end == .open)
    }

    @Test("A reset ends a connection, whoever tells of it")
    func reset() {
        let failure = socketEvent(.receive, 20, socket: 2) { ($0.event.size, $0.event.success) = (-104, false) }
        let (ended, _) = connections([connected(10, socket: 2, after: 1), failure, socketEvent(.close, 30, socket: 2)])
        #expect(ended.map(\.end) == [.reset] && ended.first?.errorNumber == 104)
    }

    @Test("Where records are missing the ends of open connections are unknown")
    func losses() {
        var tracker = ConnectionTracker()
        let batch = TraceBatch([connected(10, socket: 2, after: 1)])
        _ = tracker.take(batch, 0)
        #expect(tracker.endAll(as: .unknown).map(\.end) == [.unknown])
        #expect(tracker.openCount == 0)
    }

    @Test("Text fits the terminal, and says who refused what", arguments: [40, 80, 120])
    func text(width: Int) {
        let renderer = ConnectionRenderer(format: .text, width: width, time: .clock, wallClock: nil)
        var out = OutputBuffer()
        renderer.header(into: &out)
        for connection in connections([connected(2_000_000, socket: 1, after: 1_500_000, error: -111)]).ended {
            renderer.render(connection, into: &out)
        }
        let text = out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.unicodeScalars.count <= width }, "\(text)")
        #expect(lines[1].contains("curl/7") && lines[1].contains("10.0.0.9:80"), "\(text)")
        if width >= 80 { #expect(lines[1].contains("1.50 ms") && lines[1].contains("refused"), "\(text)") }
    }

    @Test("JSON and CSV have the same columns, and what is not known is null or empty")
    func machineReadable() {
        let refused = connections([connected(900, socket: 1, after: 300, error: -111)]).ended
        var json = OutputBuffer()
        var csv = OutputBuffer()
        let asCSV = ConnectionRenderer(format: .csv, width: nil, time: .clock, wallClock: 5)
        asCSV.header(into: &csv)
        for connection in refused {
            ConnectionRenderer(format: .json, width: nil, time: .clock, wallClock: nil).render(connection, into: &json)
            asCSV.render(connection, into: &csv)
        }
        #expect(
            json.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == """
                {"name":"connection","time":900,"wall":null,"begin":600,"pid":7,"comm":"curl","inode":null,\
                "protocol_name":"TCP","family_name":"INET","local_address":"10.0.0.2","local_port":51234,\
                "remote_address":"10.0.0.9","remote_port":80,"remote_inode":null,"direction":"out",\
                "connect_latency":300,"backlog_wait":null,"lived":null,"sent_bytes":0,"sent_messages":0,\
                "received_bytes":0,"received_messages":0,"retransmits":null,"end":"refused","errno":111,\
                "error":"ECONNREFUSED"}

                """)
        let rows = csv.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
        #expect(
            rows.last == """
                connection,900,905,600,7,curl,,TCP,INET,10.0.0.2,51234,10.0.0.9,80,,out,300,,,0,0,0,0,,refused,111,\
                ECONNREFUSED
                """)
    }
}
