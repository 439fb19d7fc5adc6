internal import LinuxSystem
internal import SystemPackage

/// What killed tracers left in the kernel: instances and groups of probes with a ``TracerName``.
///
/// The group `sockftrace`, installed on purpose, is not among them, nor is anything of any other name.
package struct StaleTracers: Sendable {
    /// What became of the tracers' things.
    package struct Report: Sendable, Equatable {
        /// The probes that are gone.
        package var removedProbes: [EventName] = []
        /// The instances that are gone.
        package var removedInstances: [String] = []
        /// The tracers that live.
        package var alive: [String] = []
        /// What should have gone and did not: one failure for an instance, and one for all probes of a group.
        package var failures: [UndoFailure] = []

        /// A report of nothing.
        package init() {}
    }

    /// The tracefs to tidy.
    package let directory: TracingDirectory
    private let switches: ProbeSwitches

    /// Looks after one tracefs.
    package init(in directory: TracingDirectory) {
        self.init(in: directory, switches: ProbeSwitches())
    }

    init(in directory: TracingDirectory, switches: ProbeSwitches) {
        self.directory = directory
        self.switches = switches
    }

    /// The names of all tracers that have something in the kernel, dead or alive, sorted.
    package func tracers() throws(TraceFSError) -> [String] {
        var names = Set(try directory.dynamicEvents.all().map(\.name.group))
        names.formUnion(try directory.instanceNames())
        return names.filter { TracerName.isOne($0) }.sorted()
    }

    /// Whether the owner of a name lives: it holds the lock on its instance, which shows in every container of the machine.
    /// It makes its instance before the first probe and removes it after the last one.
    package func isAlive(_ name: String) throws(TraceFSError) -> Bool {
        let cleaners = try DirectoryLock(waiting: instances)
        let isFree = DirectoryLock(trying: "\(instances)/\(name)") != nil
        cleaners.release()
        return !isFree
    }

    /// Takes away what dead tracers left, and nothing else. Goes on when a step fails and reports it: a probe may still
    /// be enabled in somebody else's instance, and then stays.
    package func clean() throws(TraceFSError) -> Report {
        // One at a time: what another cleaner holds is no sign of life.
        let cleaners = try DirectoryLock(waiting: instances)
        return try withExtendedLifetime(cleaners) { () throws(TraceFSError) in try cleanAll() }
    }

    private func cleanAll() throws(TraceFSError) -> Report {
        var report = Report()
        var gone: [String] = []
        for name in try tracers() {
            // Kept until the instance is gone, so that no owner can come to life in between; see Instance.makeAndLock.
            guard let lock = DirectoryLock(trying: "\(instances)/\(name)") else {
                report.alive.append(name)
                continue
            }
            let isGone = removeInstance(name, &report)
            lock.release()
            if isGone { gone.append(name) }
        }
        // A flight recorder has its probes on in two instances: all of these go first.
        for name in gone { try removeProbes(of: name, &report) }
        return report
    }

    private var instances: String { directory.path + "/instances" }

    /// Takes an instance away, where there is one. False where what is armed in it has to stay.
    private func removeInstance(_ name: String, _ report: inout Report) -> Bool {
        let buffer = BufferDirectory(path: "\(instances)/\(name)")
        do throws(TraceFSError) {
            try switches.checkDisarming()
            try? buffer.setTracing(false)
            try? buffer.disableAllEvents()
            try buffer.removeDirectory()
            report.removedInstances.append(name)
            return true
        } catch {
            // The group may have outlived its instance.
            if error.errno == .noSuchFileOrDirectory { return true }
            report.failures.append(UndoFailure(what: "the instance \(name) and its probes", error: error))
            return error.kind != .switchedOff
        }
    }

    private func removeProbes(of group: String, _ report: inout Report) throws(TraceFSError) {
        let events = directory.dynamicEvents
        let before = Set(try events.all(in: group).map(\.name))
        guard !before.isEmpty else { return }
        var left: Set<EventName> = []
        do {
            try events.removeAll(in: group)
        } catch {
            left = Set(try events.all(in: group).map(\.name))
            report.failures.append(
                UndoFailure(what: "\(left.count) \(left.count == 1 ? "probe" : "probes") of \(group)", error: error))
        }
        report.removedProbes += before.subtracting(left).sorted { $0.event < $1.event }
    }
}

/// The lock of a whole directory. It belongs to the open file: the kernel lets go of it when its owner dies.
struct DirectoryLock: ~Copyable {
    private let descriptor: Descriptor?

    /// Waits until nobody else holds it.
    init(waiting path: String) throws(TraceFSError) {
        do {
            let descriptor = try Descriptor(opening: path, .directory)
            _ = try descriptor.lock(waits: true)
            self.descriptor = consume descriptor
        } catch {
            throw TraceFSError("lock a directory of tracefs", path: path, failed: error)
        }
    }

    /// Nil where somebody else holds it. Of a directory that is not there nobody does.
    init?(trying path: String) {
        guard let descriptor = try? Descriptor(opening: path, .directory) else {
            self.descriptor = nil
            return
        }
        if (try? descriptor.lock(waits: false)) == false { return nil }
        self.descriptor = consume descriptor
    }

    /// Lets go of it; here and no earlier.
    consuming func release() {}
}
