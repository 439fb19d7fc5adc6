internal import LinuxSystem
internal import SystemPackage

/// What killed tracers left in the kernel: groups of probes and instances named `sockftrace_PID`.
///
/// The group `sockftrace`, installed on purpose, is not among them, nor is anything of any other name.
public struct StaleTracers: Sendable {
    /// What becomes of one tracer's things.
    public struct Report: Sendable, Equatable {
        /// The probes taken away.
        public var removedProbes: [EventName] = []
        /// The instances taken away.
        public var removedInstances: [String] = []
        /// What belongs to tracers that live.
        public var alive: [String] = []
        /// What should have gone and did not.
        public var failures: [UndoFailure] = []

        /// A report of nothing.
        public init() {}
    }

    /// The tracefs to tidy.
    public let directory: TracingDirectory
    /// Where processes are listed: /proc, or a stand-in.
    let proc: String

    /// Looks after one tracefs.
    public init(in directory: TracingDirectory) {
        self.init(in: directory, proc: "/proc")
    }

    init(in directory: TracingDirectory, proc: String) {
        self.directory = directory
        self.proc = proc
    }

    /// The name of a tracer's group and instance.
    public static func name(forProcess pid: Int32) -> String {
        "sockftrace_\(pid)"
    }

    /// The process in such a name; nil for any other name.
    static func process(inName name: String) -> Int32? {
        guard name.hasPrefix("sockftrace_"), let pid = Int32(name.dropFirst("sockftrace_".count)), pid > 0,
            self.name(forProcess: pid) == name
        else { return nil }
        return pid
    }

    /// The names of all tracers that have something in the kernel, dead or alive.
    public func tracers() throws(TraceFSError) -> [String] {
        var names = Set(try directory.dynamicEvents.all().map(\.name.group))
        names.formUnion(try directory.instanceNames())
        return names.compactMap { name in Self.process(inName: name).map { ($0, name) } }.sorted { $0.0 < $1.0 }
            .map(\.1)
    }

    /// Whether the owner of a name lives.
    ///
    /// Either somebody holds the lock on its instance (which shows also from another pid namespace), or its process
    /// lives and is a sockftrace: that covers the time before there is an instance, and after.
    public func isAlive(_ name: String) -> Bool {
        let lock = InstanceLock(trying: "\(directory.path)/instances/\(name)")
        return lock.isHeldByOther || processLives(name)
    }

    private func processLives(_ name: String) -> Bool {
        guard let pid = Self.process(inName: name), let comm = TaskList.name(at: "\(proc)/\(pid)/comm") else {
            return false
        }
        return comm.elementsEqual("sockftrace".utf8)
    }

    /// Takes away what dead tracers left, and nothing else. Goes on when a step fails and reports it: a probe may still
    /// be enabled in somebody else's instance, and then stays.
    public func clean() throws(TraceFSError) -> Report {
        try clean(tracers())
    }

    /// Takes away what these tracers left, as far as they are dead.
    func clean(_ names: [String]) throws(TraceFSError) -> Report {
        var report = Report()
        let events = directory.dynamicEvents
        let definitions = try events.all()
        let instances = Set(try directory.instanceNames())
        for name in names {
            // Kept until the instance is gone, so that no owner can come to life in between; see Instance.makeAndLock.
            let lock = InstanceLock(trying: "\(directory.path)/instances/\(name)")
            if lock.isHeldByOther || processLives(name) {
                report.alive.append(name)
                continue
            }
            if instances.contains(name) { remove(instance: name, &report) }
            lock.release()
            // One event can have several probes; it is removed by name, once.
            var seen: Set<EventName> = []
            for probe in definitions where probe.name.group == name && seen.insert(probe.name).inserted {
                do {
                    try events.remove(probe.name)
                    report.removedProbes.append(probe.name)
                } catch {
                    report.failures.append(UndoFailure(what: "the probe \(probe.name)", error: error))
                }
            }
        }
        return report
    }

    private func remove(instance name: String, _ report: inout Report) {
        let buffer = BufferDirectory(path: "\(directory.path)/instances/\(name)")
        let failures = Instance.stop(buffer)
        do {
            try Instance.remove(buffer)
            report.removedInstances.append(name)
        } catch {
            // Why it could not be stopped matters only when it stays.
            report.failures += failures.map { UndoFailure(what: "the instance \(name)", error: $0) }
            report.failures.append(UndoFailure(what: "the instance \(name)", error: error))
        }
    }
}

/// The lock on an instance's directory, tried without waiting.
private struct InstanceLock: ~Copyable {
    private let descriptor: Descriptor?
    /// Whether somebody else holds it, and so lives.
    let isHeldByOther: Bool

    init(trying path: String) {
        guard let descriptor = try? Descriptor(opening: path, .directory) else {
            self.descriptor = nil
            isHeldByOther = false
            return
        }
        isHeldByOther = (try? descriptor.lock(waits: false)) == false
        self.descriptor = consume descriptor
    }

    /// Lets go of it; here and no earlier.
    consuming func release() {}
}
