internal import LinuxSystem
internal import TraceFS

/// Looks whether a trace's instance is still as the trace set it up, and whether the kernel's counts agree with what was
/// read: tracefs is open to every administrator's tool, and none of what one does to an instance shows in its records.
///
/// A look reads some ten short files and the counts of each CPU: about 10 µs a file.
struct InstanceWatch: Sendable {
    /// What is compared.
    private struct Settings: Equatable {
        var isTracing: Bool
        var clock: String?
        var size: String
        var cpus: String
        /// Nil where the trace uses the list itself, or the kernel has none.
        var chosen: String?
        var leftOut: String?
    }

    private let buffer: BufferDirectory
    private let events: [EventName]
    private let cpus: [UInt32]
    private let switches = ProbeSwitches()
    /// What the switches said when that was last looked at.
    private var positions: [String?]
    private let expected: Settings
    private let ownsThreadLists: Bool
    /// Records read of each CPU when that was last looked at, by the kernel's count, which starts anew with the buffer.
    private var read: [UInt64]
    private var nextLook: UInt64

    /// Records that the kernel had dropped when that was last looked at.
    private(set) var lostRecords: UInt64 = 0

    /// All that was noticed, each kind once.
    private(set) var noticed: [Disturbance] = []

    /// Between two looks, nanoseconds: less than the second after which an idle capture wakes up, or every other would be
    /// too early.
    private static let interval: UInt64 = 900_000_000

    /// Takes the instance as it is now for what it is to be.
    /// - Parameters:
    ///   - events: those that are on.
    ///   - ownsThreadLists: the trace itself chose the threads that are recorded.
    init(
        _ buffer: BufferDirectory, events: [EventName], cpus: [UInt32], ownsThreadLists: Bool
    ) throws(TraceFSError) {
        self.buffer = buffer
        self.events = events
        self.cpus = cpus
        self.ownsThreadLists = ownsThreadLists
        expected = try Self.settings(of: buffer, ownsThreadLists)
        positions = switches.positions
        read = Array(repeating: 0, count: cpus.count)
        nextLook = Clock.monotonic.now + Self.interval
    }

    private static func settings(
        of buffer: BufferDirectory, _ ownsThreadLists: Bool
    ) throws(TraceFSError) -> Settings {
        Settings(
            isTracing: try buffer.isTracing(), clock: try buffer.clocks().current,
            size: try buffer.text("buffer_size_kb"), cpus: try buffer.text("tracing_cpumask"),
            chosen: ownsThreadLists ? nil : try? buffer.text("set_event_pid"),
            leftOut: ownsThreadLists ? nil : try? buffer.text("set_event_notrace_pid"))
    }

    /// Looks where the last look was long enough ago.
    /// - Returns: whether it looked.
    mutating func lookNowAndThen() -> Bool {
        guard Clock.monotonic.now >= nextLook else { return false }
        look()
        nextLook = Clock.monotonic.now + Self.interval
        return true
    }

    /// Looks. What cannot be read says nothing.
    mutating func look() {
        let positions = switches.positions
        if positions != self.positions {
            self.positions = positions
            if let obstacle = switches.obstacle { notice(.probesOff(obstacle)) }
        }
        if let now = try? Self.settings(of: buffer, ownsThreadLists) { compare(now) }
        if let on = try? buffer.enabledEvents() {
            let off = events.filter { !on.contains($0) }
            let gone = off.count { !buffer.has(event: $0) }
            if gone > 0 { notice(.probesRemoved(gone)) }
            if off.count > gone { notice(.eventsOff(off.count - gone)) }
        }
        var lost: UInt64 = 0
        for (index, cpu) in cpus.enumerated() {
            guard let statistics = try? buffer.statistics(cpu: Int(cpu)) else { continue }
            compare(statistics, index)
            lost &+= statistics.lost
        }
        lostRecords = lost
    }

    private mutating func compare(_ now: Settings) {
        if now.isTracing != expected.isTracing { notice(.tracingOff) }
        if now.clock != expected.clock { notice(.clockChanged(now.clock ?? "another one")) }
        if now.size != expected.size { notice(.buffersResized) }
        if now.cpus != expected.cpus { notice(.cpusChosen) }
        if now.chosen != expected.chosen { notice(.threadsChosen) }
        if now.leftOut != expected.leftOut { notice(.threadsLeftOut) }
    }

    private mutating func compare(_ statistics: CPUStatistics, _ index: Int) {
        if statistics.readEvents < read[index] { notice(.bufferCleared(cpu: Int(cpus[index]))) }
        read[index] = statistics.readEvents
    }

    /// Compares what the kernel counted in the end, when all was read, with what was read here.
    /// - Parameters:
    ///   - counts: one a CPU.
    ///   - records: those that were read here; one count a CPU.
    mutating func compare(_ counts: [CPUStatistics], withRecords records: [UInt64]) {
        for (index, (statistics, own)) in zip(counts, records).enumerated() {
            compare(statistics, index)
            if statistics.readEvents < own {
                notice(.bufferCleared(cpu: Int(cpus[index])))
            } else if statistics.readEvents > own {
                notice(.recordsTaken(cpu: Int(cpus[index]), count: statistics.readEvents - own))
            }
        }
    }

    private mutating func notice(_ kind: Disturbance.Kind) {
        guard !noticed.contains(where: { $0.kind == kind }) else { return }
        noticed.append(Disturbance(kind, at: Clock.monotonic.now))
    }
}
