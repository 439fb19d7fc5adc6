import SystemPackage
import Testing
import TraceFS

@testable import SocketTracing

@Suite struct DisturbanceTests {
    private static let all: [Disturbance.Kind] = [
        .tracingOff, .eventsOff(3), .probesRemoved(28), .probesOff(.kprobesOff), .probesOff(.functionTracingOff),
        .threadsChosen, .threadsLeftOut, .cpusChosen, .clockChanged("x86-tsc"), .buffersResized, .bufferCleared(cpu: 7),
        .recordsTaken(cpu: 1, count: 2159),
    ]

    @Test(arguments: all)
    func `What a recording notes is read back`(kind: Disturbance.Kind) {
        let noted = Disturbance(kind, at: 12_345)
        let words = noted.words.split(separator: " ").map(String.init)
        #expect(Disturbance(words: words) == noted)
    }

    @Test(arguments: [
        "", "5", "x tracing-off", "5 unheard-of", "5 events-off", "5 records-taken 1", "5 probes-off sleepy",
    ])
    func `What is no note of ours is passed over`(text: String) {
        #expect(Disturbance(words: text.split(separator: " ").map(String.init)) == nil)
    }

    @Test func `Metadata keeps them, and a report with one is not complete`() throws {
        var metadata = RecordingMetadata()
        metadata.disturbances = Self.all.map { Disturbance($0, at: 1) }
        let read = try #require(RecordingMetadata(decoding: metadata.encoded))
        #expect(read.disturbances == metadata.disturbances)
        var report = TraceReport(statistics: .init())
        #expect(report.isComplete)
        report.disturbances = [Disturbance(.recordsTaken(cpu: 1, count: 2159), at: 1)]
        #expect(!report.isComplete && report.lostRecords == 2159)
    }
}

@Suite struct InstanceWatchTests {
    /// An instance's directory as a trace left it when it began, with two events on.
    private func instance() throws -> StandInDirectory {
        let directory = try StandInDirectory()
        for (file, text) in [
            ("tracing_on", "1\n"), ("trace_clock", "local [mono]\n"), ("buffer_size_kb", "4096\n"),
            ("tracing_cpumask", "3\n"), ("set_event_pid", ""), ("set_event_notrace_pid", ""),
            ("set_event", "g:a\ng:b\ntask:task_newtask\n"), ("per_cpu/cpu0/stats", "entries: 0\nread events: 10\n"),
            ("per_cpu/cpu1/stats", "entries: 0\nread events: 5\n"),
        ] {
            try directory.put(file, text)
        }
        for event in ["a", "b"] { try directory.put("events/g/\(event)/enable", "1\n") }
        return directory
    }

    private func watch(_ directory: StandInDirectory, ownsThreadLists: Bool = false) throws -> InstanceWatch {
        try InstanceWatch(
            BufferDirectory(path: directory.path),
            events: [EventName(group: "g", event: "a"), EventName(group: "g", event: "b")], cpus: [0, 1],
            ownsThreadLists: ownsThreadLists)
    }

    private static let deeds: [(file: String, text: String, kind: Disturbance.Kind)] = [
        ("tracing_on", "0\n", .tracingOff), ("trace_clock", "[local] mono\n", .clockChanged("local")),
        ("buffer_size_kb", "64\n", .buffersResized), ("tracing_cpumask", "1\n", .cpusChosen),
        ("set_event_pid", "1\n", .threadsChosen), ("set_event_notrace_pid", "1\n", .threadsLeftOut),
        ("set_event", "task:task_newtask\ng:b\n", .eventsOff(1)),
    ]

    @Test(arguments: 0..<deeds.count)
    func `Each change is noticed once`(index: Int) throws {
        let (file, text, kind) = Self.deeds[index]
        let directory = try instance()
        var watch = try watch(directory)
        watch.look()
        let before = watch.noticed
        #expect(before.isEmpty)
        try directory.put(file, text)
        watch.look()
        watch.look()
        let after = watch.noticed.map(\.kind)
        #expect(after == [kind])
    }

    @Test func `Events that are gone were removed, not just switched off`() throws {
        let directory = try instance()
        var watch = try watch(directory)
        try directory.put("set_event", "task:task_newtask\n")
        try directory.remove("events/g/a/enable")
        watch.look()
        #expect(watch.noticed.map(\.kind) == [.probesRemoved(1), .eventsOff(1)])
    }

    @Test func `A trace's own lists of threads are no disturbance`() throws {
        let directory = try instance()
        var watch = try watch(directory, ownsThreadLists: true)
        try directory.put("set_event_notrace_pid", "1\n2\n")
        watch.look()
        #expect(watch.noticed.isEmpty)
    }

    @Test func `A count that falls tells of a buffer that was emptied`() throws {
        let directory = try instance()
        var watch = try watch(directory)
        watch.look()
        try directory.put("per_cpu/cpu1/stats", "entries: 0\nread events: 4\n")
        watch.look()
        #expect(watch.noticed.map(\.kind) == [.bufferCleared(cpu: 1)])
    }

    @Test(arguments: [
        (10, 5, []), (7, 5, [Disturbance.Kind.recordsTaken(cpu: 0, count: 3)]), (10, 6, [.bufferCleared(cpu: 1)]),
    ])
    func `In the end the kernel's count of records read is held against one's own`(
        first: UInt64, second: UInt64, kinds: [Disturbance.Kind]
    ) throws {
        var watch = try watch(try instance())
        watch.compare(
            [CPUStatistics("read events: 10"), CPUStatistics("read events: 5")], withRecords: [first, second])
        #expect(watch.noticed.map(\.kind) == kinds)
    }
}
