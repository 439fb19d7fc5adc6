import EventStatistics
import SocketEvents
import Testing

@Suite("A summary")
struct EventSummaryTests {
    @Test("counts messages, bytes and errors of each process, family, protocol and direction")
    func countsByDefault() {
        let rows = rows(of: [
            message(), message(size: 50), message(size: -11), message(size: -32), message(size: -11),
            message(.receive, size: 7), message(pid: 900), message(comm: "worker"),
            message { ($0.family, $0.protocol) = (10, 17) },
        ])
        #expect(rows.map(\.messages) == [5, 1, 1, 1, 1])
        #expect(rows[0].failed == 3)
        #expect(rows[0].bytes == 150)
        #expect(rows[0].errors == [.init(number: 11, count: 2), .init(number: 32, count: 1)])
        #expect(rows[0].isSend && !rows[1].isSend)
        #expect(rows[1].bytes == 7)
        #expect(rows[2].pid == 900)
        #expect(rows[3].comm == TaskName("worker".utf8))
        #expect(rows[4].family == 10 && rows[4].protocol == 17)
        #expect(rows[0].socket == nil && rows[0].type == nil)
    }

    @Test("counts nothing but messages, each once")
    func passesOverOthers() {
        let others = Alias.allCases.filter { $0 != .send && $0 != .receive }
        #expect(rows(of: others.map { message($0) }).isEmpty)
    }

    @Test("counts sockets that could not be made as failures, and as no messages")
    func failedCalls() throws {
        let failed = message(.createReturn, size: nil) { ($0.success, $0.err) = (false, -93) }
        let made = message(.createReturn, size: nil) { ($0.success, $0.err) = (true, 0) }
        var options = SummaryOptions()
        options.dimensions = [.comm]
        let summary = summary(of: [message(), failed, made, failed, message(size: -11)], options)
        let line = try #require(summary.lines.first)
        #expect(summary.messageCount == 2 && line.messages == 2 && line.failed == 3)
        #expect(line.errors == [.init(number: 93, count: 2), .init(number: 11, count: 1)])
        #expect(summary.rows.map(\.direction) == [.send, .other])
    }

    @Test("puts sent and received side by side, and sums them up exactly")
    func sideBySide() throws {
        var options = SummaryOptions()
        options.dimensions = [.pid]
        let events = (1...40).flatMap { index in
            [
                message(pid: 1, size: Int64(index), duration: UInt64(index) * 10),
                message(.receive, pid: 1, size: 5, duration: 7), message(pid: 2, size: 1, duration: UInt64(index)),
            ]
        }
        let summary = summary(of: events, options)
        let lines = summary.lines
        #expect(lines.map(\.key.pid) == [1, 2])
        #expect(lines[0].sent.bytes == 820 && lines[0].received.bytes == 200 && lines[0].messages == 80)
        #expect(lines[0].sent.latencySum == 8200 && lines[0].sent.latencyMean == 205)
        let total = summary.total
        #expect(total.sent.messages == 80 && total.received.messages == 40 && total.bytes == 1060)
        // The two groups' values together, as one list would have them.
        let values = (1...40).flatMap { [UInt64($0) * 10, UInt64($0)] }.sorted()
        #expect(total.sent.latency?.p50 == values[39] && total.sent.latency?.max == 400)
        #expect(total.sent.latencySum == values.reduce(0, +))
    }

    @Test("goes by the ends of sockets, with their ports or without")
    func ends() throws {
        func event(_ port: UInt16, failed: Bool = false) -> TraceItem {
            var details = EventDetails()
            details.remote = .ipv4(10, 0, 0, 1, port: port)
            details.local = .ipv4(10, 0, 0, 2, port: 443)
            guard failed else { return .event(TracedEvent(message(), details)) }
            return .event(TracedEvent(message(.connected, size: nil) { ($0.success, $0.err) = (false, -111) }, details))
        }
        let batch = TraceBatch([event(1), event(1), event(2), .plain(message()), event(1), event(2, failed: true)])
        func lines(by dimension: SummaryDimension) -> [SummaryLine] {
            var options = SummaryOptions()
            options.dimensions = [dimension]
            var summary = EventSummary(options: options)
            for _ in 0..<2 { summary.add(batch, 0..<batch.eventCount) }
            return summary.lines
        }
        let peers = lines(by: .peer)
        #expect(peers.map(\.key.remote) == [.ipv4(10, 0, 0, 1, port: nil), nil])
        #expect(peers.map(\.messages) == [8, 2] && peers.map(\.failed) == [2, 0])
        #expect(peers[0].errors == [.init(number: 111, count: 2)])
        let remotes = lines(by: .remote)
        #expect(remotes.map { $0.key.remote?.port } == [1, 2, nil] && remotes.map(\.messages) == [6, 2, 2])
        #expect(lines(by: .local).map { $0.key.local?.port } == [443, nil])
    }

    @Test("takes what the kernel makes at an address after a close for another socket")
    func socketLives() {
        var options = SummaryOptions()
        options.dimensions = [.socket]
        let close = message(.close, size: nil)
        let summary = summary(
            of: [message(), message(), close, message(), message { $0.socket = 64 }, close, message()], options)
        #expect(summary.rows.map(\.messages) == [2, 1, 1, 1])
        #expect(summary.rows.map(\.life) == [0, 1, 0, 2])
        options.dimensions = [.pid]
        #expect(!EventSummary.aliases(options).contains(.close))
    }

    @Test("keeps the slowest messages, the earlier one of two that took the same time")
    func slowest() {
        var options = SummaryOptions()
        options.slowest = 3
        let durations: [UInt64?] = [5, 900, nil, 20, 900, 7, 1000, 20]
        let events = durations.enumerated().map { index, duration in
            message(size: Int64(index), duration: duration)
        }
        let close = message(.closeReturn, duration: 99_999)
        let found = summary(of: events + [close], options).slowest.messages
        #expect(found.map(\.duration) == [1000, 900, 900])
        let sizes = found.map { message -> Int64? in
            guard case .event(let event) = message.item else { return nil }
            return event.size
        }
        #expect(sizes == [6, 1, 4])
    }

    @Test("spreads values over buckets of 1, 2 and 5, empty ones between them included")
    func histogram() {
        var options = SummaryOptions()
        options.histogram = .latency
        let values: [UInt64] = [0, 1, 1, 2, 4, 5, 9, 10, 60] + Array(repeating: 70, count: 20)
        let buckets = summary(of: values.map { message(duration: $0) }, options).rows[0].histogram
        #expect(buckets.map(\.from) == [0, 1, 2, 5, 10, 20, 50])
        #expect(buckets.map(\.to) == [1, 2, 5, 10, 20, 50, 100])
        #expect(buckets.map(\.count) == [1, 2, 2, 2, 1, 0, 21])
        let large = summary(of: [message(duration: .max), message(duration: 1 << 61)], options).rows[0].histogram
        #expect(large.map(\.count).reduce(0, +) == 2)
    }

    @Test("keeps what is unknown apart from what is 0")
    func keepsUnknownApart() {
        let rows = rows(
            of: [
                message(pid: nil, comm: nil, size: nil, duration: nil) { ($0.family, $0.protocol) = (nil, nil) },
                message(pid: 0, comm: "", size: 0, duration: 0) { ($0.family, $0.protocol) = (0, 0) },
            ])
        #expect(rows.count == 2)
        #expect(rows[0].pid == nil && rows[0].comm == nil && rows[0].family == nil && rows[0].protocol == nil)
        #expect(rows[0].bytes == nil && rows[0].latency == nil && rows[0].size == nil)
        #expect(rows[1].pid == 0 && rows[1].comm == TaskName("".utf8) && rows[1].family == 0)
        #expect(rows[1].bytes == 0 && rows[1].latency?.max == 0 && rows[1].size?.max == 0)
    }

    @Test(
        "goes by each dimension alone",
        arguments: SummaryDimension.allCases.filter {
            ![.file, .peer, .remote, .local, .port, .inode, .listener, .cgroup].contains($0)
        })
    func goesByOne(dimension: SummaryDimension) {
        let other = message(pid: 1, comm: "other", size: -11) {
            ($0.family, $0.protocol, $0.type, $0.socket) = (10, 17, 2, 1)
        }
        let rows = rows(of: [message(), message(), other], by: [dimension])
        #expect(rows.map(\.messages) == [2, 1])
        #expect((rows[1].pid == 1) == (dimension == .pid))
        #expect((rows[1].comm == TaskName("other".utf8)) == (dimension == .comm))
        #expect((rows[1].type == 2) == (dimension == .type))
        #expect((rows[1].protocol == 17) == (dimension == .protocol))
        #expect((rows[1].socket == 1) == (dimension == .socket))
        #expect(rows.map(\.error) == (dimension == .error ? [0, 11] : [nil, nil]))
    }

    @Test("counts one protocol of both families of the internet in one row, and numbers of other families apart")
    func protocolsAcrossFamilies() {
        let rows = rows(
            of: [
                message { ($0.family, $0.protocol) = (2, 6) }, message { ($0.family, $0.protocol) = (10, 6) },
                message { ($0.family, $0.protocol) = (16, 6) }, message { ($0.family, $0.protocol) = (1, 0) },
                message { ($0.family, $0.protocol) = (40, 0) }, message { ($0.family, $0.protocol) = (nil, 6) },
            ], by: [.protocol])
        #expect(rows.map(\.messages) == [2, 2, 1, 1])
        #expect(rows.map { $0.protocol.flatMap { [6: "6", 0: "0"][$0] } } == ["6", "0", "6", "6"])
    }

    @Test("puts the largest first, and equals in the order of their appearance")
    func sorts() {
        let events = [
            message(pid: 1, size: 10, duration: 5), message(pid: 1, size: 10, duration: 5),
            message(pid: 2, size: 500, duration: 5), message(pid: 3, size: -11, duration: 5),
            message(pid: 4, size: 10, duration: 900),
        ]
        #expect(rows(of: events, by: [.pid]).map(\.pid) == [1, 2, 3, 4])
        #expect(rows(of: events, by: [.pid], order: .bytes).map(\.pid) == [2, 1, 4, 3])
        #expect(rows(of: events, by: [.pid], order: .errors).map(\.pid) == [3, 1, 2, 4])
        #expect(rows(of: events, by: [.pid], order: .latency).map(\.pid) == [4, 1, 2, 3])
        #expect(rows(of: events, by: [.pid], order: .max).map(\.pid) == [4, 1, 2, 3])
        #expect(rows(of: events, by: [.pid], order: .total).map(\.pid) == [4, 1, 2, 3])
        #expect(rows(of: events, by: [.pid], order: .mean).map(\.pid) == [4, 1, 2, 3])
        #expect(rows(of: events, by: [.pid], order: .latency, top: 2).map(\.pid) == [4, 1])
        #expect(rows(of: events, by: [.pid], top: 9).count == 4)
    }

    @Test("finds percentiles that a sorted list has, to two digits", arguments: [1, 2, 11, 12, 13, 14, 100, 5000])
    func percentiles(count: Int) throws {
        var random = Repeatable(state: UInt64(count))
        // From nanoseconds to minutes, alike over all magnitudes.
        let values = (0..<count).map { _ in
            UInt64.random(in: 1...9, using: &random) << UInt64.random(in: 0...36, using: &random)
        }
        let rows = rows(of: values.map { message(size: Int64($0), duration: $0) })
        let sorted = values.sorted()
        for quantiles in [try #require(rows[0].latency), try #require(rows[0].size)] {
            for (percent, found) in [(50, quantiles.p50), (90, quantiles.p90), (99, quantiles.p99)] {
                let exact = Double(sorted[(count * percent + 99) / 100 - 1])
                #expect(abs(Double(found) - exact) <= exact / 100)
            }
            #expect(quantiles.max == sorted.last)
        }
    }

    @Test("survives numbers that no kernel writes")
    func survivesAbsurdNumbers() {
        let events = (0..<20).map { _ in message(size: .max, duration: .max) } + [message(size: .min)]
        let rows = rows(of: events)
        #expect(rows[0].messages == 21)
        #expect(rows[0].failed == 1)
    }

    @Test("tells a hundred thousand groups apart")
    func manyGroups() {
        let count = 100_000
        let rows = rows(
            of: (0..<2 * count).map { index in message { $0.socket = UInt64(index % count) * 64 } }, by: [.socket])
        #expect(rows.count == count)
        #expect(rows.allSatisfy { $0.messages == 2 })
        #expect(Set(rows.map(\.socket)).count == count)
    }

}
