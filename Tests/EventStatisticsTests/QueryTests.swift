import EventOutput
import SocketEvents
import Testing

@testable import EventStatistics

@Suite("DNS queries")
struct QueryTests {
    private static let server = SocketAddress.ipv4(10, 0, 0, 53, port: 53)

    /// A datagram between a socket and a server.
    private func datagram(
        _ alias: Alias, _ time: UInt64, socket: UInt64 = 1, took duration: UInt64 = 0, size: Int64 = 40,
        server: SocketAddress = Self.server, type: Int32 = 2
    ) -> TraceItem {
        socketEvent(alias, time, socket: socket) {
            ($0.event.protocol, $0.event.type) = (type == 2 ? 17 : 6, type)
            ($0.event.size, $0.event.success, $0.event.duration) = (size, size >= 0, duration)
            $0.details?.remote = server
        }
    }

    private func close(_ time: UInt64, socket: UInt64 = 1) -> TraceItem {
        socketEvent(.close, time, socket: socket) { ($0.event.type, $0.event.success) = (2, nil) }
    }

    private func lines(_ items: [TraceItem]) -> [QueryLine] {
        var meter = QueryMeter()
        let batch = TraceBatch(items)
        meter.add(batch, 0..<batch.eventCount)
        return meter.finish()
    }

    @Test("An answer is paired with its query, from the call that sends it to the return of the one that gets it")
    func pair() throws {
        let line = try #require(
            lines([datagram(.send, 1_000, took: 100), datagram(.receive, 9_900, took: 5_000, size: 120), close(10_000)]
            ).first)
        #expect(line.key.server == Self.server && line.key.pid == 7)
        #expect((line.queries, line.answers, line.failed, line.unanswered, line.pending) == (1, 1, 0, 0, 0))
        #expect(line.latency?.max == 9_000 && line.latencyMean == 9_000)
        #expect(line.sentBytes == 40 && line.receivedBytes == 120)
    }

    @Test("Two queries at once, as for A and AAAA, are answered in their order, and one sent again is one more")
    func several() throws {
        let line = try #require(
            lines([
                datagram(.send, 100), datagram(.send, 110), datagram(.receive, 300), datagram(.receive, 400),
                datagram(.send, 1_000), datagram(.send, 6_000), datagram(.receive, 6_500), close(7_000),
            ]).first)
        #expect((line.queries, line.answers, line.unanswered) == (4, 3, 1))
        #expect(line.latency?.p50 == 290 && line.latency?.max == 5_500)
    }

    @Test("Whoever asks too early or is interrupted has an answer all the same; a refusal is none")
    func failures() throws {
        let line = try #require(
            lines([
                datagram(.send, 100), datagram(.receive, 150, size: -11), datagram(.receive, 160, size: -4),
                datagram(.receive, 200), datagram(.send, 300), datagram(.receive, 310, size: -111),
                datagram(.send, 400, size: -101), close(500),
            ]).first)
        #expect((line.queries, line.answers, line.failed, line.unanswered) == (3, 1, 2, 0))
        #expect(Set(line.errors.map(\.number)) == [101, 111])
    }

    @Test("Sockets and servers are kept apart, other ports and answers that nobody waits for left out")
    func apart() {
        let other = SocketAddress.ipv4(10, 0, 0, 54, port: 53)
        let told = lines([
            datagram(.send, 100, socket: 1), datagram(.send, 110, socket: 2, server: other),
            datagram(.receive, 500, socket: 2, server: other), datagram(.receive, 900, socket: 1),
            datagram(.receive, 950, socket: 1), datagram(.send, 960, server: .ipv4(10, 0, 0, 53, port: 5353)),
        ])
        #expect(told.map(\.latency?.max) == [800, 390])
        #expect(told.map(\.queries) == [1, 1] && told.map(\.answers) == [1, 1])
    }

    @Test("Over TCP the length before a message is no message")
    func stream() throws {
        let line = try #require(
            lines([
                datagram(.send, 100, size: 2, type: 1), datagram(.send, 110, size: 40, type: 1),
                datagram(.receive, 200, size: 2, type: 1), datagram(.receive, 210, size: 900, type: 1),
                datagram(.receive, 220, size: 300, type: 1),
            ]).first)
        #expect((line.queries, line.answers, line.latency?.max) == (1, 1, 100))
    }

    @Test("Where records are missing nobody knows what became of a query")
    func losses() throws {
        var meter = QueryMeter()
        let batch = TraceBatch([datagram(.send, 100), datagram(.receive, 200)])
        meter.add(batch, 0..<1)
        meter.lose(of: 0)
        meter.add(batch, 1..<2)
        let line = try #require(meter.finish().first)
        #expect((line.queries, line.answers, line.unanswered, line.pending) == (1, 0, 0, 1))
    }

    @Test("Of one socket's queries only so many are kept")
    func bounded() throws {
        let line = try #require(lines((0..<1000).map { datagram(.send, UInt64($0)) }).first)
        #expect((line.queries, line.unanswered, line.pending) == (1000, 744, 256))
    }

    @Test("Text fits the terminal; JSON and CSV have the same", arguments: [40, 80, 120, 200])
    func formats(width: Int) {
        let told = lines([datagram(.send, 1_000), datagram(.receive, 9_000)])
        func text(_ format: OutputFormat) -> String {
            var out = OutputBuffer()
            QueryRenderer(format: format, width: width).render(told, into: &out)
            return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        let lines = text(.text).split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.unicodeScalars.count <= width }, "\(lines)")
        #expect(lines[1].contains("curl/7") && lines[1].contains("10.0.0.53"))
        #expect(
            text(.json) == """
                {"pid":7,"comm":"curl","server":"10.0.0.53","queries":1,"answers":1,"failed":0,"unanswered":0,"pending":0,\
                "sent_bytes":40,"received_bytes":40,"latency_p50_ns":8000,"latency_p90_ns":8000,"latency_p99_ns":8000,\
                "latency_max_ns":8000,"latency_mean_ns":8000,"errors":{}}

                """)
        #expect(
            text(.csv).split(separator: "\n").last == "7,curl,10.0.0.53,1,1,0,0,0,40,40,8000,8000,8000,8000,8000,")
    }

    @Test("Datagrams whose other end nobody knows are counted apart: they may be queries")
    func strangers() {
        var meter = QueryMeter()
        func unknown(_ alias: Alias, type: Int32 = 2, size: Int64 = 40) -> TraceItem {
            guard case .event(var event) = datagram(alias, 100, size: size, type: type) else { return close(100) }
            event.details?.known.remove(.remote)
            return .event(event)
        }
        let batch = TraceBatch([
            unknown(.send), unknown(.receive), unknown(.receive, size: -11), unknown(.send, type: 1),
            .plain(SocketEvent(alias: .send, time: 1, cpu: 0, tid: 7)), datagram(.send, 200), close(300),
        ])
        meter.add(batch, 0..<batch.eventCount)
        #expect(meter.strangers == 2)
        #expect(meter.finish().map(\.queries) == [1])
    }
}
