import Foundation
import LinuxSystem
import SystemPackage
import Testing

@testable import TraceFS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Against the tracefs of the running kernel. Uprobes share parser, error log and removal with kprobes, and need no
/// kernel function. Every name has this process's number in it, so that runs side by side do not meet.
@Suite(.enabled(if: Live.isPossible, Live.reason), .serialized)
struct LiveTests {
    let directory: TracingDirectory
    let group: String

    init() throws {
        directory = try TracingDirectory.find()
        group = "tracefstest_\(getpid())"
    }

    func place(_ offset: String = "0x1234") -> String { "/bin/true:\(offset)" }

    @Test func kernelTellsWhatItCan() throws {
        let capabilities = try directory.capabilities()
        #expect(capabilities.has(.userProbes) && capabilities.has(.instances))
        #expect(try directory.top.clocks().available.contains("mono"))
    }

    @Test func probeIsAddedListedAndRemoved() throws {
        let before = try directory.dynamicEvents.all()
        var undo = UndoLog()
        try directory.dynamicEvents.add("p:\(group)/a \(place())", undo: &undo)
        try directory.dynamicEvents.add("p:\(group)/b \(place("0x1238")) sp=$stack:x64", undo: &undo)
        #expect(try directory.dynamicEvents.all(in: group).map(\.name.event).sorted() == ["a", "b"])
        let described = try directory.top.describe(group: group)
        #expect(described.count == 2 && described[1].format.contains("field:u64 sp;"))
        let failures = undo.undoAll()
        #expect(failures.isEmpty)
        #expect(try directory.dynamicEvents.all(in: group).isEmpty)
        #expect(Set(before).isSubset(of: try directory.dynamicEvents.all()))
    }

    @Test func sameNameTwiceIsRefused() throws {
        var undo = UndoLog()
        try directory.dynamicEvents.add("p:\(group)/twice \(place())", undo: &undo)
        let error = #expect(throws: TraceFSError.self) {
            try directory.dynamicEvents.add("p:\(group)/twice \(place("0x1238"))")
        }
        #expect(error?.kind == .alreadyExists)
        #expect(try directory.dynamicEvents.all(in: group).count == 1)
    }

    @Test func refusedProbeBringsTheKernelsReason() throws {
        let error = #expect(throws: TraceFSError.self) {
            try directory.dynamicEvents.add("p:\(group)/bad \(place()) a=%nosuchreg")
        }
        #expect(error?.kind == .rejected && error?.errno == .invalidArgument)
        let message = try #require(error?.kernelMessage)
        #expect(message.contains("Invalid register name"))
        // The caret stands under the argument.
        let lines = message.split(separator: "\n")
        try #require(lines.count == 3)
        let column = lines[2].utf8.count - 1
        #expect(String(lines[1].dropFirst(column)).hasPrefix("%nosuchreg"))
    }

    @Test func removingWhatIsNotThereIsNotFound() {
        let error = #expect(throws: TraceFSError.self) {
            try directory.dynamicEvents.remove(EventName(group: group, event: "never"))
        }
        #expect(error?.kind == .notFound)
    }

    @Test func settingsAreTakenAndReadBack() throws {
        let instance = try directory.createInstance(named: group + "_set")
        let buffer = instance.buffer
        #expect(try !buffer.isTracing())
        try buffer.setClock("mono")
        #expect(try buffer.clocks().current == "mono")
        let sizes = try buffer.setBufferSize(kibibytesPerCPU: 101)
        #expect(Set(sizes.keys) == Set(try buffer.cpus()))
        #expect(sizes.values.allSatisfy { $0 >= 101 && $0 < 120 })
        try buffer.setOption("event-fork", true)
        #expect(try buffer.text("options/event-fork") == "1\n")
        // With event-fork on, the kernel takes a task that ends out of the list, and adds what a listed task starts. The
        // numbers below 1000 may be of tasks that live, and the list would change before it is read back.
        try buffer.setOption("event-fork", false)
        #expect(try buffer.text("options/event-fork") == "0\n")
        try buffer.setEventPids(Array(1...1000))
        #expect(try buffer.text("set_event_pid").split(separator: "\n").count == 1000)
        try buffer.setEventPids([])
        #expect(try buffer.text("set_event_pid").split(separator: "\n").compactMap { Int($0) }.isEmpty)
        let clock = #expect(throws: TraceFSError.self) { try buffer.setClock("sundial") }
        #expect(clock?.remedy?.contains("mono") == true)
        let filter = #expect(throws: TraceFSError.self) {
            try buffer.setFilter("nosuch == 1", on: EventName(group: "sched", event: "sched_switch"))
        }
        #expect(filter?.kernelMessage?.contains("Field not found") == true)
        try buffer.setFilter("prev_pid == 1", on: EventName(group: "sched", event: "sched_switch"))
        try buffer.setFilter("0", on: EventName(group: "sched", event: "sched_switch"))
    }

    @Test func kernelPassesOverProcessesThatAreNotWantedAndKeepsWhatTheWantedStart() throws {
        var instance = try directory.createInstance(named: group + "_only")
        let buffer = instance.buffer
        let event = EventName(group: "syscalls", event: "sys_enter_write")
        try #require(buffer.has(event: event), "this kernel has no system call events")
        let stranger = try spawn("while echo; do :; done > /dev/null")
        defer {
            kill(stranger, SIGKILL)
            waitpid(stranger, nil, 0)
        }
        try buffer.recordOnly { $0.process == getpid() }
        try buffer.enable(event)
        try buffer.setTracing(true)
        let before = try writeCalls(of: stranger)
        while try writeCalls(of: stranger) < before + 100 { sched_yield() }
        let child = try spawn("echo > /dev/null")
        waitpid(child, nil, 0)
        #expect(instance.stop().isEmpty)
        let writers = Set(
            try buffer.text("trace").split(separator: "\n").filter { $0.contains("sys_write") }
                .compactMap { $0.split(separator: " ").first?.split(separator: "-").last.flatMap { Int32($0) } })
        #expect(writers.contains(child))
        #expect(!writers.contains(stranger))
        try instance.remove()
    }

    /// How often a process has called write(2) and the like.
    private func writeCalls(of process: pid_t) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/io", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("syscw: ") })
        return try #require(Int(line.dropFirst("syscw: ".count)))
    }

    private func spawn(_ script: String) throws -> pid_t {
        var process: pid_t = 0
        let words: [UnsafeMutablePointer<CChar>?] =
            ["/bin/sh", "-c", script].map { (word: String) in strdup(word) } + [nil]
        defer { for word in words { free(word) } }
        try #require(posix_spawn(&process, "/bin/sh", nil, nil, words, environ) == 0)
        return process
    }

    @Test func recordsAreReadPageByPageAndCounted() throws {
        var instance = try directory.createInstance(named: group + "_read")
        let buffer = instance.buffer
        let size = try buffer.subBufferSize()
        let event = EventName(group: "sched", event: "sched_switch")
        try buffer.enable(event)
        try buffer.setTracing(true)
        for _ in 0..<300 { usleep(100) }
        #expect(instance.stop().isEmpty)
        #expect(try buffer.text("events/\(event)/enable").hasPrefix("0"))

        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: size * 4 + 100, alignment: 8)
        defer { room.deallocate() }
        var bytes = 0
        for cpu in try buffer.cpus() {
            let entries = try buffer.statistics(cpu: cpu).entries
            guard let reader = try RawReader(buffer, cpu: cpu, subBufferSize: size) else { continue }
            #expect(throws: TraceFSError.self) {
                _ = try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<8]))
            }
            var batch = try reader.readBatch(into: room)
            while batch.bytes > 0 {
                #expect(batch.bytes.isMultiple(of: size) && batch.bytes <= size * 4)
                bytes += batch.bytes
                batch = try reader.readBatch(into: room)
            }
            #expect(batch.last == .empty)
            let after = try buffer.statistics(cpu: cpu)
            #expect(after.entries == 0 && after.readEvents == entries)
            // The open reader holds the instance.
            let error = #expect(throws: TraceFSError.self) { try instance.remove() }
            #expect(error?.kind == .busy)
        }
        #expect(bytes > 0)
        try instance.remove()
        #expect(try !directory.instanceNames().contains(group + "_read"))
    }

    @Test func cleaningTakesTheDeadAndLeavesTheLiving() throws {
        // The parent's number: other tests, at the same time, see to it that no instance with this process's is left.
        let (dead, living, stuck) = (
            TracerName.unused(process: getppid()), TracerName.unused(process: getppid()),
            TracerName.unused(process: getppid())
        )
        var foreign = try directory.createInstance(named: group + "_foreign")
        var undo = UndoLog()
        try directory.dynamicEvents.add("p:\(group)/foreign \(place("0x1300"))", undo: &undo)
        try directory.dynamicEvents.add("p:\(dead)/a \(place("0x1304"))")
        try directory.dynamicEvents.add("p:\(dead)/b \(place("0x1308"))")
        try directory.dynamicEvents.add("p:\(living)/c \(place("0x130c"))", undo: &undo)
        try directory.dynamicEvents.add("p:\(stuck)/d \(place("0x1310"))", undo: &undo)
        // As a killed tracer leaves it: tracing, enabled, unlocked.
        try Files.makeDirectory("\(directory.path)/instances/\(dead)", mode: 0o750)
        try BufferDirectory(path: "\(directory.path)/instances/\(dead)").enable(group: dead)
        var alive = try directory.createInstance(named: living)
        try alive.buffer.enable(group: living)
        try foreign.buffer.enable(group: stuck)

        let leftovers = StaleTracers(in: directory)
        #expect(Set(try leftovers.tracers()).isSuperset(of: [dead, living, stuck]))
        let report = try leftovers.clean()
        #expect(report.alive.contains(living) && !report.alive.contains(dead))
        #expect(report.removedInstances.contains(dead))
        #expect(Set(report.removedProbes.map(\.group)).isSuperset(of: [dead]))
        #expect(!report.removedProbes.contains { $0.group == living || $0.group == stuck || $0.group == group })
        #expect(report.failures.contains { $0.what.contains(stuck) && $0.error.kind == .busy })
        #expect(try directory.dynamicEvents.all(in: dead).isEmpty)
        #expect(try directory.dynamicEvents.all(in: living).count == 1)
        #expect(try alive.buffer.text("events/\(living)/enable").hasPrefix("1"))
        #expect(foreign.stop().isEmpty)
        #expect(alive.stop().isEmpty)
        let failures = undo.undoAll()
        #expect(failures.isEmpty)
    }
}
