internal import EventFormats
internal import LinuxSystem
internal import ProbePlanning
internal import RingBuffer
internal import SocketEvents
internal import ProbeContract
internal import SystemPackage
internal import TraceDat
public import TraceFS

/// The probes of one trace in the kernel: its own instance, its own event group, and an undo for every change.
struct ProbeSession: ~Copyable {
    private(set) var plan: ProbePlan
    private var ground: TracerInstance
    private(set) var formats: [EventFormat]
    /// The texts that a trace.dat repeats.
    private(set) var descriptions: [EventDescription]
    /// Enabled in place of probes where the kernel takes none.
    private let tracepoints: [EventName]

    /// When the trace began, in nanoseconds of its clock. Operations whose entry is older are not told: an inner
    /// function may have been seen whose outer one was entered just before.
    private(set) var begin: UInt64 = 0

    /// Threads that slept in a send or receive when the trace began: their ends are not seen.
    private(set) var waiting: UInt64 = 0

    /// The clock of the trace.
    static let clock = TracerInstance.clock

    /// How long after the switch is thrown the trace begins. A task would have to be kept from the CPU for this long
    /// between entering two functions of one operation to be misjudged.
    private static let settlingTime: UInt64 = 10_000_000

    /// Installs the probes, with the switch still off.
    static func install(plan: ProbePlan, on ground: consuming TracerInstance) throws(TracingError) -> ProbeSession {
        let tracepoints = plan.tracepoints.compactMap { EventName($0) }
        var descriptions: [EventDescription] = []
        var plan = plan
        do {
            for probe in plan.probes { try Self.add(probe, of: &plan, on: &ground, &descriptions) }
            for event in tracepoints + ground.taskEvents { descriptions.append(try ground.buffer.describe(event)) }
        } catch {
            throw .traceFS(error)
        }
        return ProbeSession(plan, ground, tracepoints, descriptions, try Self.parse(descriptions))
    }

    private init(
        _ plan: ProbePlan, _ ground: consuming TracerInstance, _ tracepoints: [EventName],
        _ descriptions: [EventDescription], _ formats: [EventFormat]
    ) {
        self.plan = plan
        self.ground = ground
        self.tracepoints = tracepoints
        self.descriptions = descriptions
        self.formats = formats
    }

    /// Installs one probe of a plan.
    ///
    /// Where the kernel does not take it, a trace without it would not show what it has to; but of the protocols' own
    /// functions, which are as many as there are protocols, only those messages stay unseen that pass this one.
    private static func add(
        _ probe: ProbeDefinition, of plan: inout ProbePlan, on ground: inout TracerInstance,
        _ descriptions: inout [EventDescription]
    ) throws(TraceFSError) {
        guard plan.probes.contains(probe) else { return }
        do {
            descriptions.append(try ground.add(probe.text(group: ground.group)))
        } catch {
            guard [.protoSendmsg, .protoRecvmsg].contains(probe.event.role), error.written != nil else { throw error }
            plan.remove(probe.symbol)
        }
    }

    private static func parse(_ descriptions: some Sequence<EventDescription>) throws(TracingError) -> [EventFormat] {
        let parser = TracerInstance.formatParser
        var formats: [EventFormat] = []
        for description in descriptions {
            do {
                formats.append(try parser.parseFormat(Array(description.format.utf8), system: description.name.group))
            } catch {
                throw .format(event: "\(description.name)", error)
            }
        }
        return formats
    }

    var buffer: BufferDirectory { ground.buffer }
    var group: String { ground.group }
    var cpus: [UInt32] { ground.cpus }
    var layout: SubBufferLayout { ground.layout }
    var headerPage: [UInt8] { ground.headerPage }
    var headerEvent: [UInt8] { ground.headerEvent }
    var streamCount: Int { ground.readerCount }

    /// Adds the probes of a plan that the session does not have yet. One that the plan no longer has records nothing any
    /// longer, and is taken away at the end with the others.
    mutating func extend(to plan: ProbePlan) throws(TracingError) {
        let kept = Set(plan.probes.map(\.event.text))
        let group = group
        var plan = plan
        do {
            for description in descriptions
            where description.name.group == group && !kept.contains(description.name.event) {
                try buffer.setFilter(Self.nothing, on: description.name)
            }
            let remaining = zip(descriptions, formats).filter { description, _ in
                description.name.group != group || kept.contains(description.name.event)
            }
            descriptions = remaining.map(\.0)
            formats = remaining.map(\.1)
            for probe in plan.probes where !self.plan.probes.contains(where: { $0.event == probe.event }) {
                try Self.add(probe, of: &plan, on: &ground, &descriptions)
            }
        } catch {
            throw .traceFS(error)
        }
        formats += try Self.parse(descriptions[formats.count...])
        self.plan = plan
        try silence(silenced)
    }

    /// Functions whose probes record nothing: for tests of what the others show.
    private var silenced: Set<String> = []

    /// A filter that no record passes: unlike the switch of an event, that of its group leaves it as it is.
    private static let nothing = "common_pid < 0"

    /// Keeps the probes of some functions from recording anything.
    mutating func silence(_ functions: Set<String>) throws(TracingError) {
        silenced = functions
        do {
            for probe in plan.probes where functions.contains(probe.symbol) {
                try buffer.setFilter(Self.nothing, on: ground.name(of: probe.event.text))
            }
        } catch {
            throw .traceFS(error)
        }
    }

    /// Throws the switch of every event of the plan; those that are on stay so. Not that of the group, which holds the
    /// probes of the calibration, too.
    mutating func enableEvents() throws(TraceFSError) {
        for event in plan.probes.map({ ground.name(of: $0.event.text) }) + tracepoints
        where enabled.insert(event).inserted {
            try buffer.enable(event)
        }
    }

    /// The events whose switch is on.
    private var enabled: Set<EventName> = []

    /// The events that tell of sockets, but those of functions that are to seem silent.
    var messageEvents: [EventName] {
        plan.probes.filter { !silenced.contains($0.symbol) }.map { EventName(group: group, event: $0.event.text) }
            + tracepoints
    }

    /// Throws the switch. Births and names of tasks are recorded first, then the tasks that live are listed, then come
    /// the probes: so no task is without a name.
    /// - Returns: the tasks that were alive.
    mutating func start(_ options: TraceOptions) throws(TracingError) -> [KnownTask] {
        limit(to: options)
        let processes = options.onlyOwnChildren ? [] : options.processes
        do {
            try buffer.setTracing(true)
            let list = try TaskList.current()
            let tasks = list.tasks.map { KnownTask(tid: $0.thread, tgid: $0.process, name: TaskName($0.name)) }
            waiting = list.waitingOnSockets(machine: SystemInfo.current().machine, processes: processes) ?? 0
            // The switch is off while the probes come on one by one (unless a rehearsal has seen to that), so that all of
            // them begin at once.
            try buffer.setTracing(false)
            try enableEvents()
            try buffer.setTracing(true)
            begin = Clock.monotonic.now + Self.settlingTime
            return tasks
        } catch {
            throw .traceFS(error)
        }
    }

    /// Waits until the trace has begun; what is started then is traced from its first instruction.
    func awaitBegin() {
        Clock.monotonic.sleep(until: begin)
    }

    /// Throws the switch off; what is in the buffers can still be read.
    mutating func stop() -> [TraceFSError] {
        ground.stop()
    }

    /// Moves full sub-buffers of a CPU without looking at them.
    /// - Parameter limit: sub-buffers.
    /// - Returns: sub-buffers moved; fewer than the limit where the rest is not full yet.
    mutating func splice(
        stream: Int, limit: Int, into writer: inout TraceDatWriter
    ) throws(TracingError) -> Int {
        guard let descriptor = ground.descriptor(of: stream) else { return 0 }
        do {
            return try writer.splice(
                cpu: Int(cpus[stream]), from: FileDescriptor(rawValue: descriptor), limit: limit)
        } catch {
            throw .traceDat(error)
        }
    }

    /// The names that the kernel kept of tasks that ran, `TID NAME` a line.
    func savedCommandLines() -> [KnownTask] {
        // One list for the whole kernel, of which the instances have no file.
        guard let text = try? ground.directory.top.bytes("saved_cmdlines") else { return [] }
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
            if let profile = try ground.directory.dynamicEvents.profile(of: ground.group) {
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

    /// Takes everything out of the kernel again.
    /// - Returns: what could not be removed, and why.
    mutating func remove() -> [String] { ground.remove() }
}

extension ProbeSession: PageSource {
    /// Reads a stream's next sub-buffers.
    /// - Returns: bytes, a whole number of sub-buffers; 0 where there is none for now.
    mutating func read(_ stream: Int, into room: UnsafeMutableRawBufferPointer) throws(TracingError) -> Int {
        try ground.read(stream, into: room)
    }

    mutating func fill(stream: Int, of store: borrowing PageStore) throws(TracingError) -> Range<Int> {
        let slot = store.slot(of: stream)
        return store.memory.region(slot, count: try read(stream, into: store.memory.room(slot)))
    }
}

/// What the kernel itself counted during a trace.
public struct KernelCounts: Sendable, Equatable {
    /// `per_cpu/cpuN/stats`, one a CPU.
    public var cpus: [CPUStatistics] = []
    /// Probe hits that were not recorded, by event: too many calls in flight, or a probe hit inside a probe.
    public var missed: [String: UInt64] = [:]

    /// Returns that were not recorded although the calls were.
    public var missedReturns: UInt64 { missed.reduce(0) { $0 &+ ($1.key.contains("_return") ? $1.value : 0) } }

    /// Calls that were not recorded.
    public var missedCalls: UInt64 { missed.values.reduce(0, &+) &- missedReturns }

    /// Records that were overwritten before they were read, or for which there was no room.
    public var lostRecords: UInt64 { cpus.reduce(0) { $0 &+ $1.lost } }
}
