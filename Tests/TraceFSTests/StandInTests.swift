import LinuxSystem
import Synchronization
import SystemPackage
import Testing

@testable import TraceFS

@Suite struct FindingTests {
    @Test
    func withoutProcNothingIsKnown() {
        let error = TracingDirectory.whyAbsent(filesystems: nil, mounts: "")
        #expect(error.kind == .notMounted && error.remedy?.contains("mount -t proc proc /proc") == true)
    }

    @Test func kernelWithoutTraceFS() {
        let error = TracingDirectory.whyAbsent(filesystems: "nodev\tproc\n\text4\n", mounts: "")
        #expect(error.kind == .noTraceFS && error.remedy?.contains("CONFIG_KPROBE_EVENTS") == true)
    }

    @Test func nobodyMountedIt() {
        let error = TracingDirectory.whyAbsent(
            filesystems: "nodev\tproc\nnodev\ttracefs\n", mounts: "proc /proc proc rw 0 0\n")
        #expect(error.kind == .notMounted)
        #expect(error.description.contains("mount -t tracefs nodev /sys/kernel/tracing"))
    }

    @Test func oldKernelHasItInDebugfs() {
        let error = TracingDirectory.whyAbsent(filesystems: "nodev\tdebugfs\n", mounts: "")
        #expect(error.kind == .notMounted && error.remedy?.contains("debugfs") == true)
        let closed = TracingDirectory.whyAbsent(
            filesystems: "nodev\tdebugfs\n", mounts: "none /sys/kernel/debug debugfs rw 0 0\n")
        #expect(closed.kind == .notPermitted)
    }

    @Test func directoryThatIsNoTraceFSSaysWhatIsMissing() throws {
        let standIn = try StandIn()
        #expect {
            try standIn.directory.checkReadable(lockdown: nil)
        } throws: { error in
            (error as? TraceFSError)?.path == standIn.path + "/README"
        }
    }
}

@Suite struct DefinitionWritingTests {
    @Test func definitionGoesToDynamicEventsOnALineOfItsOwn() throws {
        let standIn = try StandIn()
        try standIn.put("dynamic_events", "p:other/a f\n")
        try standIn.put("kprobe_events", "")
        try standIn.directory.dynamicEvents.add("p:g/b sock_sendmsg size=$arg2")
        try standIn.directory.dynamicEvents.remove(EventName(group: "g", event: "b"))
        #expect(try standIn.text("dynamic_events") == "p:other/a f\np:g/b sock_sendmsg size=$arg2\n-:g/b\n")
        #expect(try standIn.text("kprobe_events") == "")
    }

    @Test func olderKernelHasOnlyKprobeEvents() throws {
        let standIn = try StandIn()
        try standIn.put("kprobe_events", "")
        try standIn.directory.dynamicEvents.add("r16:g/b sock_recvmsg ret=$retval:s32")
        #expect(try standIn.directory.dynamicEvents.all(in: "g").map(\.name.event) == ["b"])
    }

    @Test func kernelWithoutProbesSaysSo() throws {
        let standIn = try StandIn()
        let error = #expect(throws: TraceFSError.self) { try standIn.directory.dynamicEvents.add("p:g/b f") }
        #expect(error?.kind == .unsupported)
        #expect(error?.remedy?.contains("CONFIG_KPROBE_EVENTS") == true)
        #expect(try standIn.directory.dynamicEvents.all().isEmpty)
    }

    @Test func eventThatIsThereIsNotJoined() throws {
        let standIn = try StandIn()
        try standIn.put("dynamic_events")
        standIn.makeDirectory("events/g/b")
        let error = #expect(throws: TraceFSError.self) { try standIn.directory.dynamicEvents.add("p:g/b f") }
        #expect(error?.kind == .alreadyExists)
        #expect(try standIn.text("dynamic_events") == "")
    }

    @Test(arguments: [
        "p:b f", "p f", "p:g/b f\np:g/c f", "p:g/b f # comment",
        "p:g/b f a=" + String(repeating: "x", count: 4090),
    ])
    func whatTheKernelWouldMisreadIsNotWritten(definition: String) throws {
        let standIn = try StandIn()
        try standIn.put("dynamic_events")
        let error = #expect(throws: TraceFSError.self) { try standIn.directory.dynamicEvents.add(definition) }
        #expect(error?.kind == .rejected)
        #expect(try standIn.text("dynamic_events") == "")
    }

    @Test func errorTellsWhatWasTriedWhatWasSaidAndWhatToDo() {
        let error = TraceFSError(
            .rejected, "define a probe", path: "/t/dynamic_events", written: "p:g/e nosuch", errno: .invalidArgument,
            kernelMessage: "trace_kprobe: error: Failed to find symbol\n  p:g/e nosuch\n        ^",
            remedy: "choose another")
        #expect(
            error.description == """
                cannot define a probe: writing "p:g/e nosuch" to /t/dynamic_events: EINVAL (Invalid argument)
                the kernel says: trace_kprobe: error: Failed to find symbol
                  p:g/e nosuch
                        ^
                Fix: choose another
                """)
    }
}

@Suite struct UndoTests {
    /// Collects what ran; the closures are run one after another on one thread.
    final class Trail: @unchecked Sendable {
        var steps: [Int] = []
    }

    @Test func stepsRunInReverseAndFailuresDoNotStopThem() {
        let trail = Trail()
        var log = UndoLog()
        for step in 1...4 {
            log.record("step \(step)") { () throws(TraceFSError) in
                trail.steps.append(step)
                if step.isMultiple(of: 2) { throw TraceFSError(.busy, "take step \(step)") }
            }
        }
        let pending = log.pending
        #expect(pending.first == "step 4")
        #expect(log.undoAll().map(\.what) == ["step 4", "step 2"])
        #expect(trail.steps == [4, 3, 2, 1])
        #expect(log.undoAll().isEmpty)
    }

    @Test func markDividesStoppingFromTidying() {
        let trail = Trail()
        var log = UndoLog()
        log.record("probe") { () throws(TraceFSError) in trail.steps.append(1) }
        let mark = log.mark
        log.record("enable") { () throws(TraceFSError) in trail.steps.append(2) }
        #expect(log.undo(downTo: mark).isEmpty)
        #expect(trail.steps == [2])
        #expect(log.undoAll().isEmpty)
        #expect(trail.steps == [2, 1])
    }

    @Test func forgottenLogStillUndoes() {
        let trail = Trail()
        do {
            var log = UndoLog()
            log.record("x") { () throws(TraceFSError) in trail.steps.append(1) }
        }
        #expect(trail.steps == [1])
    }

    @Test func sharedSettingIsPutBack() throws {
        let standIn = try StandIn()
        try standIn.put("saved_cmdlines_size", "128\n")
        var log = UndoLog()
        try standIn.directory.top.set("saved_cmdlines_size", to: "4096", undo: &log)
        #expect(try standIn.text("saved_cmdlines_size") == "4096\n")
        #expect(log.undoAll().isEmpty)
        #expect(try standIn.text("saved_cmdlines_size") == "128\n")
        try standIn.directory.top.set("saved_cmdlines_size", to: "128", undo: &log)
        let isEmpty = log.isEmpty
        #expect(isEmpty)
    }
}

@Suite struct BufferTests {
    @Test func possibleCPUsComeInNumericalOrder() throws {
        let standIn = try StandIn()
        for cpu in [10, 2, 0] { standIn.makeDirectory("per_cpu/cpu\(cpu)") }
        #expect(try standIn.directory.top.cpus() == [0, 2, 10])
    }

    @Test func unknownClockNamesTheKnownOnes() throws {
        let standIn = try StandIn()
        let error = #expect(throws: TraceFSError.self) { try standIn.directory.top.setClock("mono") }
        #expect(error?.kind == .notFound)
        try standIn.put("trace_clock", "local [global] mono\n")
        let clocks = try standIn.directory.top.clocks()
        #expect(clocks.current == "global" && clocks.available == ["local", "global", "mono"])
    }

    @Test func longListOfThreadsIsWrittenInPieces() throws {
        let standIn = try StandIn()
        try standIn.put("set_event_pid", "9\n")
        try standIn.directory.top.setEventPids(Array(1...600))
        let written = try standIn.text("set_event_pid").split { $0 == " " || $0 == "\n" }.compactMap { Int32($0) }
        #expect(written == Array(1...600))
    }

    @Test func groupIsDescribedEventByEvent() throws {
        let standIn = try StandIn()
        for (event, id) in [("b", 12), ("a", 11)] {
            try standIn.put("events/g/\(event)/id", "\(id)\n")
            try standIn.put("events/g/\(event)/format", "name: \(event)\nID: \(id)\n")
        }
        try standIn.put("events/g/enable", "0\n")
        let events = try standIn.directory.top.describe(group: "g")
        #expect(events.map(\.id) == [11, 12])
        #expect(events.first?.format == "name: a\nID: 11\n")
    }
}

@Suite struct LeftoverTests {
    @Test(arguments: [
        ("sockftrace_12", true), ("sockftrace_1_0123456789abcdef", true), ("sockftrace", false), ("sockftrace_", false),
        ("sockftrace_012", false), ("sockftrace_-3", false), ("sockftrace_12x", false), ("xsockftrace_12", false),
        ("sockftrace_+3", false), ("sockftrace_1_", false), ("sockftrace_1_0123456789ABCDEF", false),
        ("sockftrace_1_0123456789abcdef_", false), ("sockftrace_1_123456789abcdef", false),
    ])
    func onlyNamesWithAProcessAreTracers(name: String, isOne: Bool) {
        #expect(TracerName.isOne(name) == isOne)
    }

    @Test func namesAreTracersAndNoTwoAreTheSame() {
        let names = (0..<100).map { _ in TracerName.unused(process: 1) }
        #expect(names.allSatisfy { TracerName.isOne($0) && $0.hasPrefix("sockftrace_1_") })
        #expect(Set(names).count == 100)
    }

    @Test func deadTracersThingsGoAndAllElseStays() throws {
        let standIn = try StandIn()
        let (dead, gone, living) = (
            "sockftrace_1_00000000000000aa", "sockftrace_11", "sockftrace_1_00000000000000bb"
        )
        try standIn.put(
            "dynamic_events",
            """
            p:sockftrace/kept f+0
            p:\(gone)/a f+0
            p:\(gone)/a f+4
            p:\(living)/b f+0
            p:\(dead)/c f+0
            p:kprobes/foreign f+0

            """)
        standIn.makeDirectory("instances/other")
        standIn.makeDirectory("instances/\(dead)")
        // Two of one process number: only the lock tells them apart.
        let owner = try standIn.directory.createInstance(named: living)
        let before = try standIn.text("dynamic_events")

        let leftovers = StaleTracers(in: standIn.directory)
        #expect(try leftovers.tracers() == [gone, dead, living])
        #expect(try leftovers.isAlive(living))
        #expect(try !leftovers.isAlive(dead) && !leftovers.isAlive(gone))
        let report = try leftovers.clean()
        #expect(report.alive == [living])
        #expect(report.removedProbes.map(\.description) == ["\(gone)/a", "\(dead)/c"])
        #expect(report.removedInstances == [dead])
        #expect(report.failures.isEmpty)
        #expect(try standIn.text("dynamic_events") == before + "-:\(gone)/\n-:\(dead)/\n")
        #expect(standIn.has("instances/other") && standIn.has("instances/\(living)"))
        #expect(owner.name == living)
    }

    @Test func whatAnotherCleanerTookAwayIsNoFailure() throws {
        let standIn = try StandIn()
        try standIn.put("dynamic_events", "p:sockftrace_11/a f+0\n")
        standIn.makeDirectory("instances")
        let quicker = CallScript { call, _ in
            call.name == .write && call.detail.hasPrefix("-:") ? .fail(.noSuchFileOrDirectory) : nil
        }
        let report = try quicker.run { try StaleTracers(in: standIn.directory).clean() }
        #expect(report.failures.isEmpty)
    }

    @Test func probesInUseAreOneFailureThatSaysWhereTheyAreUsed() throws {
        let standIn = try StandIn()
        try standIn.put("dynamic_events", "p:sockftrace_11/a f+0\np:sockftrace_11/b f+0\n")
        try standIn.put("instances/other/events/sockftrace_11/a/enable", "1\n")
        let busy = CallScript { call, _ in
            call.name == .write && call.detail.hasPrefix("-:") ? .fail(.resourceBusy) : nil
        }
        let report = try busy.run { try StaleTracers(in: standIn.directory).clean() }
        #expect(report.failures.map(\.what) == ["2 probes of sockftrace_11"])
        #expect(report.removedProbes.isEmpty)
        let remedy = report.failures.first?.error.remedy ?? ""
        #expect(remedy.contains("echo 0 > \(standIn.path)/instances/other/events/sockftrace_11/a/enable"), "\(remedy)")
    }

    @Test func nothingIsDisarmedWhileFunctionTracingIsOff() throws {
        let standIn = try StandIn()
        try standIn.put("dynamic_events", "p:sockftrace_11/a f+0\n")
        standIn.makeDirectory("instances/sockftrace_11")
        try standIn.put("proc/sys/kernel/ftrace_enabled", "0\n")
        let switches = ProbeSwitches(proc: standIn.path + "/proc")
        let report = try StaleTracers(in: standIn.directory, switches: switches).clean()
        #expect(report.failures.map(\.error.kind) == [.switchedOff])
        #expect(standIn.has("instances/sockftrace_11"))
        #expect(try standIn.text("dynamic_events") == "p:sockftrace_11/a f+0\n")
    }
}

@Suite struct InstanceTests {
    @Test(arguments: [(busy: 3, isRemoved: true), (busy: .max, isRemoved: false)])
    func instanceThatIsBusyForAMomentIsRemoved(busy: Int, isRemoved: Bool) throws {
        let standIn = try StandIn()
        standIn.makeDirectory("instances")
        var instance = try standIn.directory.createInstance(named: "x")
        let tries = Mutex(0)
        let held = CallScript { call, _ in
            guard call.name == .removeDirectory else { return nil }
            return tries.withLock { tries in
                tries += 1
                return tries > busy ? nil : .fail(.resourceBusy)
            }
        }
        let error = held.run { () -> TraceFSError? in
            do throws(TraceFSError) { try instance.remove() } catch { return error }
            return nil
        }
        #expect((error == nil) == isRemoved)
        #expect(isRemoved || error?.kind == .busy && error?.remedy?.contains("sockftrace clean") == true)
        #expect(standIn.has("instances/x") != isRemoved)
    }

    @Test func instanceIsNeverShared() throws {
        let standIn = try StandIn()
        standIn.makeDirectory("instances/x")
        let error = #expect(throws: TraceFSError.self) { _ = try standIn.directory.createInstance(named: "x") }
        #expect(error?.kind == .alreadyExists)
        #expect(standIn.has("instances/x"))
    }

    @Test(arguments: ["", "..", "a/b"])
    func nameMustBeOneName(name: String) throws {
        let standIn = try StandIn()
        standIn.makeDirectory("instances")
        let error = #expect(throws: TraceFSError.self) { _ = try standIn.directory.createInstance(named: name) }
        #expect(error?.kind == .rejected)
    }

    @Test func forgottenInstanceIsTakenAway() throws {
        let standIn = try StandIn()
        standIn.makeDirectory("instances")
        do {
            let instance = try standIn.directory.createInstance(named: "x")
            #expect(standIn.has("instances/x"))
            _ = instance.name
        }
        #expect(!standIn.has("instances/x"))
    }

    @Test func stoppingGoesOnWhenAStepFails() throws {
        let standIn = try StandIn()
        standIn.makeDirectory("instances")
        var instance = try standIn.directory.createInstance(named: "x")
        let failures = instance.stop()
        #expect(failures.count == 2)
        try instance.remove()
        try instance.remove()
    }
}

@Suite struct TaskListTests {
    @Test func ownThreadIsListed() throws {
        let tasks = try TaskList.current().tasks
        #expect(tasks.contains { $0.process == 1 && $0.thread == 1 })
        #expect(tasks.allSatisfy { !$0.name.contains(10) })
    }

    @Test func vanishedTasksAreLeftOut() throws {
        let standIn = try StandIn()
        try standIn.put("5/task/5/comm", "one\n")
        try standIn.put("5/task/6/comm", "two words\n")
        standIn.makeDirectory("5/task/7")
        standIn.makeDirectory("9")
        try standIn.put("uptime", "1\n")
        let tasks = try TaskList.current(proc: standIn.path).tasks.sorted { $0.thread < $1.thread }
        #expect(
            tasks == [
                .init(thread: 5, process: 5, name: Array("one".utf8)),
                .init(thread: 6, process: 5, name: Array("two words".utf8)),
            ])
        #expect(TaskList.threads(of: 77, proc: standIn.path).isEmpty)
    }
}

@Suite struct TaskLimitTests {
    /// Process 7 with the threads 7 and 8, process 20, and files for what the kernel is told.
    private func machine(_ files: [String]) throws -> StandIn {
        let standIn = try StandIn()
        for (process, thread) in [(7, 7), (7, 8), (20, 20)] {
            try standIn.put("proc/\(process)/task/\(thread)/comm", "name\n")
        }
        for file in ["options/event-fork"] + files { try standIn.put(file) }
        return standIn
    }

    private func limit(_ standIn: StandIn) throws {
        try BufferDirectory(path: standIn.path).recordOnly(proc: standIn.path + "/proc") { $0.process == 7 }
    }

    @Test func strangersAreLeftOutSoThatWorkersNobodyKnowsOfAreNot() throws {
        let standIn = try machine(["set_event_pid", "set_event_notrace_pid"])
        try limit(standIn)
        #expect(try standIn.text("options/event-fork") == "1\n")
        #expect(try standIn.text("set_event_notrace_pid") == "20\n")
        #expect(try standIn.text("set_event_pid") == "")
    }

    @Test func kernelThatCannotLeaveOutIsGivenTheThreadsThatAreWanted() throws {
        let standIn = try machine(["set_event_pid"])
        try limit(standIn)
        #expect(try standIn.text("set_event_pid") == "7 8\n" && !standIn.has("set_event_notrace_pid"))
    }

    @Test(arguments: ["set_event_pid", "set_event_notrace_pid"])
    func listThatCouldNotBeMadeIsTakenAway(file: String) throws {
        let standIn = try StandIn()
        try standIn.put("options/event-fork")
        try standIn.put(file, "7\n")
        #expect(throws: TraceFSError.self) { try limit(standIn) }
        #expect(try standIn.text(file).allSatisfy(\.isWhitespace))
    }

    @Test func kernelThatDoesNotFollowChildrenIsToldNothing() throws {
        let standIn = try StandIn()
        try standIn.put("set_event_notrace_pid")
        try standIn.put("proc/20/task/20/comm", "name\n")
        let error = #expect(throws: TraceFSError.self) { try limit(standIn) }
        #expect(error?.kind == .unsupported)
        #expect(try standIn.text("set_event_notrace_pid") == "")
    }

    @Test(arguments: [("pid:[4026531836]", true), ("pid:[4026532207]", false), (nil, true)])
    func numbersOfTasksAreTheKernelsOutsideContainersAndWhereThereAreNone(namespace: String?, isKernels: Bool) throws {
        let standIn = try StandIn()
        standIn.makeDirectory("proc/self/ns")
        if let namespace { try standIn.link("proc/self/ns/pid", to: namespace) }
        #expect(SystemInfo.hasKernelsTaskNumbers(proc: standIn.path + "/proc") == isKernels)
    }
}
