internal import EventFormats
internal import LinuxSystem
internal import PlainText
internal import ProbePlanning
internal import RingBuffer
internal import SocketEvents
internal import ProbeContract
internal import SystemPackage
package import TraceFS

/// The probes of one trace in the kernel: its own instance, its own event group, and an undo for every change.
struct ProbeSession: ~Copyable {
    private var installed: InstalledProbes
    private var instance: TracerInstance

    /// When the trace began, in nanoseconds of its clock. Operations whose entry is older are not told: an inner
    /// function may have been seen whose outer one was entered just before.
    private(set) var begin: UInt64 = 0

    /// The tasks that were alive when the trace began, as far as they are known.
    private(set) var tasks: [KnownTask] = []

    /// The processes that are wanted, by the kernel's numbers; nil for all.
    private(set) var processes: Set<Int32>?

    /// The kernel leaves out all other tasks, but this process and its own threads.
    var othersAreLeftOut: Bool { numbers.areProcs && (try? buffer.excludedThreads())?.isEmpty == false }

    /// Threads that slept in a send or receive when the trace began: their ends are not seen.
    private(set) var waiting: UInt64 = 0

    /// How long after its time a record may be committed, nanoseconds: the clock is read before, so a CPU may commit an older
    /// record than the newest of another.
    static let commitTime: UInt64 = 2_000_000

    /// The clock of the trace.
    static let clock = TracerInstance.clock

    /// How long after the switch is thrown the trace begins. A task would have to be kept from the CPU for this long
    /// between entering two functions of one operation to be misjudged.
    private static let settlingTime: UInt64 = 10_000_000

    /// Probes that were installed in an instance, with the switch still off.
    init(_ installed: InstalledProbes, in instance: consuming TracerInstance) {
        self.installed = installed
        self.instance = instance
    }

    var plan: ProbePlan { installed.plan }
    var formats: [EventFormat] { installed.events.map(\.format) }
    /// The texts that a trace.dat repeats.
    var descriptions: [EventDescription] { installed.events.map(\.description) }
    var buffer: BufferDirectory { instance.buffer }
    var group: String { instance.group }
    var numbers: TaskNumbers { instance.numbers }
    var cpus: [UInt32] { instance.cpus }
    var layout: SubBufferLayout { instance.layout }
    var headerPage: [UInt8] { instance.headerPage }
    var headerEvent: [UInt8] { instance.headerEvent }
    var streamCount: Int { instance.readerCount }

    /// Puts the probes of another plan in place of those of this one; those that both have stay.
    mutating func extend(to plan: ProbePlan, by installer: ProbeInstaller) throws(TracingError) {
        installed = try installer.extend(installed, to: plan, on: &instance)
    }

    /// Switches every event of the plan on; those that are on stay so. Not the group as a whole, which holds the
    /// probes of the calibration, too.
    mutating func enableEvents() throws(TraceFSError) {
        for event in eventNames { try instance.enable(event) }
    }

    /// Every event of the plan.
    var eventNames: [EventName] {
        plan.probes.map { instance.name(of: $0.event.text) } + installed.tracepoints
    }

    /// Arms an event; nothing where it is on already.
    mutating func enable(_ event: EventName) throws(TraceFSError) { try instance.enable(event) }

    /// Disarms an event that was armed.
    mutating func disable(_ event: EventName) throws(TraceFSError) { try instance.disable(event) }

    /// The events that tell of messages, but those of functions that are to seem silent. The others tell of sockets, which
    /// one task may make and another use.
    var messageEvents: [EventName] {
        let probes = plan.probes.filter {
            // Where a datagram goes or came from is recorded in the task whose message it is, unless it may be a connection.
            if case .notice(let name) = $0.event {
                return [.datagramSent, .datagramReceived, .messageSent, .messageReceived].contains(name.notice)
                    && !$0.tellsConnections
            }
            return [.send, .receive, .context].contains($0.event.role?.kind)
        }
        return probes.map { instance.name(of: $0.event.text) }.filter { !installed.silenced.contains($0) }
            + (!plan.probesFunctions ? installed.tracepoints : [])
    }

    /// The events by which sockets are found that were there before.
    var snapshotEvents: [EventName] {
        installed.plan.snapshot.map { instance.name(of: $0.event.text) }
    }

    /// Throws the switch. Births and names of tasks are recorded first, then the tasks that live are listed, then come
    /// the probes: so no task is without a name.
    mutating func start(_ options: TraceOptions) throws(TracingError) {
        // First of all, as the self-test may have left the probes on: what strangers do is not to fill the buffers while
        // nobody reads them yet.
        limit(buffer, to: options)
        let list = try recordTasks(options)
        tasks = list.tasks.compactMap { task in
            guard let thread = numbers.kernels(task.thread), let process = numbers.kernels(task.process) else {
                return nil
            }
            return KnownTask(tid: thread, tgid: process, name: TaskName(task.name))
        }
        processes = try options.processes.map { wanted throws(TracingError) in
            Set(try wanted.map { process throws(TracingError) in try kernels(process) })
        }
        waiting =
            list.waitingOnSockets(
                machine: SystemInfo.current().machine, processes: options.onlyOwnChildren ? [] : options.processes) ?? 0
        do {
            // The switch is off while the probes come on one by one (unless a rehearsal has seen to that), so that all of
            // them begin at once.
            try buffer.setTracing(false)
            try enableEvents()
            try buffer.setTracing(true)
            try takeSnapshot()
            begin = Clock.monotonic.now + Self.settlingTime
            watch = try InstanceWatch(
                buffer,
                events: instance.taskEvents + eventNames, cpus: cpus,
                ownsThreadLists: numbers.areProcs && (options.onlyOwnChildren || options.processes != nil))
        } catch {
            throw .traceFS(error)
        }
    }

    /// Begins to record births and names of tasks, and lists those that live: all that /proc tells where it has the
    /// kernel's numbers, else the threads of this process and of those that are wanted.
    private mutating func recordTasks(_ options: TraceOptions) throws(TracingError) -> TaskList {
        let wanted = [CurrentProcess.id] + (options.processes ?? [])
        for attempt in 1...Self.attempts {
            if !numbers.areProcs { try instance.lookUp(wanted) }
            do throws(TraceFSError) {
                // From here on the kernel's counts are those of the trace.
                try buffer.clear()
                try buffer.setTracing(true)
                let list =
                    numbers.areProcs
                    ? try TaskList.current() : TaskList(tasks: wanted.flatMap { TaskList.threads(of: $0) })
                // A thread that was born since it was looked for is in no record.
                let isWhole = list.tasks.allSatisfy { numbers.kernels($0.thread) != nil }
                if isWhole || attempt == Self.attempts { return list }
                try buffer.setTracing(false)
            } catch {
                throw .traceFS(error)
            }
        }
        return TaskList(tasks: [])
    }

    /// How often the threads are looked up again, of processes that make new ones all the time.
    private static let attempts = 16

    private func kernels(_ process: Int32) throws(TracingError) -> Int32 {
        guard let number = numbers.kernels(process) else { throw .taskNumbersUnknown(process: process) }
        return number
    }

    /// Waits until the trace has begun; what is started then is traced from its first instruction.
    func awaitBegin() {
        Clock.monotonic.sleep(until: begin)
    }

    /// Throws the switch off; what is in the buffers can still be read.
    mutating func stop() -> [TraceFSError] {
        watch?.look()
        instance.openMissingReaders()
        instance.assumeRecords()
        return instance.stop()
    }

    // MARK: Somebody else's hand

    private var watch: InstanceWatch?

    /// Records that the kernel had dropped when that was last looked at.
    var lostRecords: UInt64 { watch?.lostRecords ?? 0 }

    /// The same when the sockets were last listed, or were to be.
    var lossesAtLook: UInt64 = 0
    /// Records were lost since the sockets were listed.
    var isListDue = false
    /// Records written of each CPU when a flight recorder last listed the sockets.
    var writtenAtList: [UInt64] = []

    /// What somebody else did to the trace, as far as it was noticed.
    var disturbances: [Disturbance] { watch?.noticed ?? [] }

    /// Looks whether the instance is still as it was set up, where the last look was long enough ago.
    /// - Parameter listsAfterLoss: what a ring lets go is a loss.
    /// - Returns: whether it looked.
    @discardableResult
    mutating func lookAround(listsAfterLoss: Bool = true) -> Bool {
        guard watch?.lookNowAndThen() == true else { return false }
        instance.openMissingReaders()
        if listsAfterLoss { listSocketsAfterLoss() }
        return true
    }

    /// Compares the kernel's counts, taken when all was read, with the records that were read here.
    /// - Parameter records: one count a CPU.
    mutating func compare(_ counts: KernelCounts, withRecords records: [UInt64]) {
        watch?.compare(counts.cpus, withRecords: records)
    }

    /// The descriptors of the CPUs' buffers, to be polled; -1 for a CPU that has none yet.
    var descriptors: [Int32] { instance.descriptors }

    /// Looks which CPUs have records, in one call. Where poll(2) cannot be asked for single records all are taken to have.
    mutating func lookForRecords() {
        if wakesAtRecord { instance.lookForRecords() } else { instance.assumeRecords() }
    }

    /// Whether a CPU had records when that was last looked at; true where it never was.
    func hasRecords(_ stream: Int) -> Bool { instance.hasRecords(stream) }

    /// poll(2) finds a buffer readable as soon as it has a record.
    private var wakesAtRecord = false

    /// Sets how full a CPU's buffer is when poll(2) says that it can be read.
    /// - Parameter percent: 0 for a single record.
    /// - Returns: false where the kernel cannot (before 5.0).
    mutating func wake(atPercent percent: Int) -> Bool {
        let isSet = (try? buffer.set("buffer_percent", to: "\(percent)")) != nil
        wakesAtRecord = isSet && percent == 0
        return isSet
    }

    /// Where a CPU's full sub-buffers are spliced from; nil for a CPU that is offline.
    func source(of stream: Int) -> FileDescriptor? {
        instance.descriptor(of: stream).map { FileDescriptor(rawValue: $0) }
    }

    /// The names that the kernel kept of tasks that ran, `TID NAME` a line.
    func savedCommandLines() -> [KnownTask] {
        // One list for the whole kernel, of which the instances have no file.
        guard let text = try? instance.directory.top.bytes("saved_cmdlines") else { return [] }
        return text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
            guard words.count == 2, let tid = Int32(String(decoding: words[0], as: UTF8.self)) else { return nil }
            return KnownTask(tid: tid, tgid: 0, name: TaskName(words[1]))
        }
    }

    /// The kernel counts fetches behind null pointers as missed hits; found out by the self-test.
    var countsFaultsAsMisses = false

    /// Whether an event's probe fetches behind pointers that can be null: those of a socket that is closed without ever
    /// having been made whole. Its return counts along, as it stands at the same place.
    static func fetchesBehindNull(_ event: String) -> Bool {
        FrameEventName(parsing: event)?.role == .close
    }

    /// What the kernel counted. To be read after `stop` and before `remove`.
    ///
    /// Where it counts as missed what was recorded, its count says nothing and is left out. Returns of such probes that
    /// were missed in truth show in the decoder's count.
    func kernelCounts() throws(TracingError) -> KernelCounts {
        do {
            var counts = KernelCounts()
            for cpu in cpus { counts.cpus.append(try buffer.statistics(cpu: Int(cpu))) }
            if let profile = try instance.directory.dynamicEvents.profile(of: instance.group) {
                let planned = Set(plan.probes.map(\.event.text))
                for (event, count) in profile.events where count.missed > 0 && planned.contains(event) {
                    guard !(countsFaultsAsMisses && Self.fetchesBehindNull(event)) else { continue }
                    counts.missed[event] = count.missed
                }
            }
            return counts
        } catch {
            throw .traceFS(error)
        }
    }

    /// The same at the end of a trace.
    /// - Parameter trouble: what ended the trace, or else what is wrong here.
    func kernelCounts(_ trouble: inout TracingError?) -> KernelCounts? {
        do throws(TracingError) {
            return try kernelCounts()
        } catch {
            trouble = trouble ?? error
            return nil
        }
    }

    /// Takes everything out of the kernel again.
    /// - Returns: what could not be removed, and why.
    mutating func remove() -> [String] { instance.remove() }

    /// Ends a trace that nobody wants any more.
    /// - Returns: what could not be removed, and why.
    mutating func abandon() -> [String] { stop().map(\.description) + remove() }
}

extension ProbeSession: PageSource {
    /// Reads a stream's next sub-buffers.
    /// - Returns: bytes, a whole number of sub-buffers; 0 where there is none for now.
    mutating func read(_ stream: Int, into room: UnsafeMutableRawBufferPointer) throws(TracingError) -> Int {
        try instance.read(stream, into: room)
    }

    mutating func fill(stream: Int, of store: borrowing PageStore) throws(TracingError) -> Range<Int> {
        try instance.fill(stream: stream, of: store)
    }
}

/// What the kernel itself counted during a trace.
package struct KernelCounts: Sendable, Equatable {
    /// `per_cpu/cpuN/stats`, one a CPU.
    package var cpus: [CPUStatistics] = []
    /// Probe hits that were not recorded, by event: too many calls in flight, or a probe hit inside a probe.
    package var missed: [String: UInt64] = [:]

    /// Returns that were not recorded although the calls were.
    package var missedReturns: UInt64 { missed.reduce(0) { $0 &+ ($1.key.holds("_return") ? $1.value : 0) } }

    /// Calls that were not recorded.
    package var missedCalls: UInt64 { missed.values.reduce(0, &+) &- missedReturns }

    /// Records that were overwritten before they were read, or for which there was no room.
    package var lostRecords: UInt64 { cpus.reduce(0) { $0 &+ $1.lost } }
}
