import SocketEvents
import SocketNames
import Testing

@Suite("Event filter")
struct EventFilterTests {
    private func message(_ change: (inout SocketEvent) -> Void = { _ in }) -> SocketEvent {
        var event = SocketEvent(alias: .send, time: 1, cpu: 0, tid: 13)
        event.pid = 12
        event.comm = TaskName("nginx".utf8)
        (event.size, event.success) = (100, true)
        (event.family, event.protocol, event.type, event.duration) = (2, 6, 1, 5)
        change(&event)
        return event
    }

    @Test("A new filter lets everything pass")
    func empty() {
        #expect(EventFilter().isEmpty)
        #expect(EventFilter().accepts(message()))
        #expect(EventFilter().accepts(SocketEvent(alias: .closeReturn, time: 0, cpu: 0, tid: 0)))
    }

    @Test("Each part keeps what it names, and drops what differs or is unknown")
    func parts() throws {
        try expect(
            { try $0.add(family: "inet") }, drops: [{ $0.family = 10 }, { $0.family = nil }, { $0.family = 200 }])
        try expect(
            { try $0.add(protocol: "tcp") }, drops: [{ $0.protocol = 17 }, { $0.family = 16 }, { $0.protocol = nil }])
        try expect({ try $0.add(type: "stream") }, drops: [{ $0.type = 2 }, { $0.type = nil }, { $0.type = -1 }])
        try expect({ $0.add(comm: "nginx") }, drops: [{ $0.comm = TaskName("nginx2".utf8) }, { $0.comm = nil }])
        try expect({ $0.processes = [12] }, drops: [{ $0.pid = 13 }, { $0.pid = nil }])
        try expect({ $0.add(alias: .send) }, drops: [{ $0.alias = .receive }])
        try expect(
            { $0.minimumSize = 100 },
            drops: [{ $0.size = 99 }, { $0.size = nil }, { ($0.size, $0.success) = (-11, false) }])
    }

    @Test("Patterns, errors, latency and exclusions")
    func finerParts() throws {
        try expect({ $0.add(comm: "ng*") }, drops: [{ $0.comm = TaskName("nfs".utf8) }, { $0.comm = nil }])
        try expect({ $0.minimumLatency = 5 }, drops: [{ $0.duration = 4 }, { $0.duration = nil }])
        for exclusion in [
            "comm=redis*", "error=EAGAIN", "pid=13", "family=INET6", "protocol=udp", "type=dgram", "probe=receive",
        ] {
            try expect(
                { try $0.add(exclusion: exclusion) },
                drops: [
                    {
                        ($0.comm, $0.pid, $0.family, $0.protocol) = (TaskName("redis-server".utf8), 13, 10, 17)
                        ($0.type, $0.alias, $0.size, $0.success) = (2, .receive, -11, false)
                    }
                ])
        }
        var filter = EventFilter()
        try filter.add(error: "ewouldblock")
        try filter.add(error: "32")
        #expect(filter.accepts(message { ($0.size, $0.success) = (-11, false) }))
        #expect(filter.accepts(message { ($0.size, $0.success) = (-32, false) }))
        #expect(!filter.accepts(message { ($0.size, $0.success) = (-111, false) }) && !filter.accepts(message()))
        for text in ["error", "error=ENOTHING", "color=red", "pid=0", "=", ""] {
            #expect(throws: UnknownNameError.self) { try EventFilter.Exclusion.parse(text) }
        }
    }

    @Test("A pattern fits the names that the shell's would")
    func patterns() {
        let cases: [(String, [String], [String])] = [
            ("*", ["", "a", "anything at all"], []), ("a*b*c", ["abc", "axxbxxc", "abbcbc"], ["ab", "abcd", ""]),
            ("?", ["a", "*"], ["", "ab"]), ("[a-c]x", ["ax", "cx"], ["dx", "x"]), ("[!a-c]x", ["dx"], ["ax", "x"]),
            ("[]x]", ["]", "x"], ["y"]), ("a[b", ["a[b"], ["ab"]), ("kworker/*", ["kworker/0:1"], ["kworker"]),
            ("*-server", ["redis-server", "-server"], ["redis-server2"]),
        ]
        for (pattern, fitting, others) in cases {
            for name in fitting { #expect(NamePattern(pattern).matches(TaskName(name.utf8)), "\(pattern) \(name)") }
            for name in others { #expect(!NamePattern(pattern).matches(TaskName(name.utf8)), "\(pattern) \(name)") }
        }
    }

    @Test("What is noted in a recording is understood again")
    func words() throws {
        let noted = EventFilter(noted: [
            "comm ng*", "error EAGAIN", "min-latency 1000", "exclude protocol=TCP", "min-size 5", "nonsense",
        ])
        var filter = EventFilter()
        filter.add(comm: "ng*")
        try filter.add(error: "EAGAIN")
        filter.minimumLatency = 1000
        try filter.add(exclusion: "protocol=TCP")
        filter.minimumSize = 5
        #expect(noted == filter)
    }

    private func expect(
        _ fill: (inout EventFilter) throws -> Void, drops changes: [(inout SocketEvent) -> Void],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var filter = EventFilter()
        try fill(&filter)
        #expect(!filter.isEmpty, sourceLocation: sourceLocation)
        #expect(filter.accepts(message()), sourceLocation: sourceLocation)
        for (index, change) in changes.enumerated() {
            #expect(!filter.accepts(message(change)), "change \(index)", sourceLocation: sourceLocation)
        }
    }

    @Test("Errors only: neither successes nor what has no result")
    func errors() {
        var filter = EventFilter()
        filter.errorsOnly = true
        #expect(filter.accepts(message { ($0.size, $0.success) = (-11, false) }))
        #expect(!filter.accepts(message()))
        #expect(!filter.accepts(message { $0.success = nil }))
    }

    @Test("One match within a part is enough, every part must match")
    func combination() throws {
        var filter = EventFilter()
        try filter.add(family: "INET")
        try filter.add(family: "AF_UNIX")
        try filter.add(type: "2")
        try filter.add(type: "1")
        #expect(filter.accepts(message()))
        #expect(filter.accepts(message { ($0.family, $0.type) = (1, 2) }))
        #expect(!filter.accepts(message { ($0.family, $0.type) = (1, 5) }))
        #expect(filter.families.numbers == [1, 2])
    }

    @Test("Where the process is unknown its first thread still matches")
    func firstThread() {
        var filter = EventFilter()
        filter.processes = [12]
        #expect(filter.accepts(message { ($0.pid, $0.tid) = (nil, 12) }))
    }

    @Test("A name longer than the kernel keeps is cut as the kernel cuts it")
    func longName() {
        var filter = EventFilter()
        filter.add(comm: "a-very-long-name-of-a-program")
        #expect(filter.accepts(message { $0.comm = TaskName("a-very-long-nam".utf8) }))
    }

    @Test("The most negative results of a damaged trace are no crash")
    func extremes() {
        #expect(message { ($0.size, $0.success) = (.min, false) }.errorNumber == 0)
        #expect(message { ($0.err, $0.success) = (.min, false) }.errorNumber == .min)
    }
}
