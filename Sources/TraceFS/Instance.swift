internal import LinuxSystem
internal import SystemPackage

/// A trace buffer of our own, `instances/NAME`, with its own clock, sizes, enabled events and readers.
///
/// While it lives, the lock on its directory tells other tracers that its owner does, too; the kernel lets go of the
/// lock when the owner dies, however it dies. ``remove()`` takes it away; the destructor does so unreported.
///
/// It arms and disarms its probes itself, as neither must happen while ``ProbeSwitches`` has an obstacle; even removing
/// the directory disarms what is armed in it.
package struct Instance: ~Copyable, Sendable {
    /// Its name below `instances`.
    package let name: String
    /// Its files.
    package let buffer: BufferDirectory
    private let lock: Descriptor
    private let switches: ProbeSwitches
    private var isRemoved = false

    /// The events that ``enable(_:)`` switched on, and that are still on.
    package private(set) var enabled: Set<EventName> = []

    /// Makes an instance and locks it. One of that name that is there already is an error, never shared.
    ///
    /// It starts with tracing off, so that nothing is recorded before all is set up.
    package init(creating name: String, in directory: TracingDirectory) throws(TraceFSError) {
        try self.init(creating: name, in: directory, switches: ProbeSwitches())
    }

    init(creating name: String, in directory: TracingDirectory, switches: ProbeSwitches) throws(TraceFSError) {
        try switches.checkArming()
        let path = "\(directory.path)/instances/\(name)"
        let action = "make a trace instance"
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw TraceFSError(.rejected, action, path: path, remedy: "name it with letters, digits and _")
        }
        lock = try Self.makeAndLock(path, action)
        self.name = name
        self.switches = switches
        buffer = BufferDirectory(path: path)
        // Should this fail, what is enabled later is recorded at once: no harm.
        try? buffer.setTracing(false)
    }

    /// Makes the directory and takes its lock. A cleaner that came in between holds the lock while it removes the
    /// directory, so what is locked here may be gone: then once more.
    private static func makeAndLock(_ path: String, _ action: String) throws(TraceFSError) -> Descriptor {
        while true {
            do {
                try Files.makeDirectory(path, mode: 0o750)
            } catch {
                var error = TraceFSError(action, path: path, failed: error)
                if error.kind == .alreadyExists { error.remedy = "run `sockftrace clean` if its owner is dead" }
                throw error
            }
            do {
                let lock = try Descriptor(opening: path, .directory)
                _ = try lock.lock(waits: true)
                if Files.exists(path) { return lock }
            } catch {
                if error == .noSuchFileOrDirectory { continue }
                try? Files.removeDirectory(path)
                throw TraceFSError("lock the trace instance", path: path, failed: error)
            }
        }
    }

    // MARK: Probes

    /// Arms an event in this buffer; nothing where it is on already.
    package mutating func enable(_ event: EventName) throws(TraceFSError) {
        guard !enabled.contains(event) else { return }
        try switches.checkArming()
        try buffer.enable(event)
        enabled.insert(event)
    }

    /// Disarms an event that ``enable(_:)`` armed; nothing where it is off already.
    package mutating func disable(_ event: EventName) throws(TraceFSError) {
        guard enabled.contains(event) else { return }
        try switches.checkDisarming()
        try buffer.enable(event, false)
        enabled.remove(event)
    }

    // MARK: The end

    /// Stops recording: tracing off, then every event off. The buffer keeps what it has, to be read out.
    /// Returns what failed; the second step is taken whatever becomes of the first.
    package mutating func stop() -> [TraceFSError] {
        var failures: [TraceFSError] = []
        do { try buffer.setTracing(false) } catch { failures.append(error) }
        do { try disarm() } catch { failures.append(error) }
        return failures
    }

    /// Switches every event off, those that ``enable(_:)`` does not know included.
    private mutating func disarm() throws(TraceFSError) {
        if !enabled.isEmpty { try switches.checkDisarming() }
        try buffer.disableAllEvents()
        enabled.removeAll()
    }

    /// Takes the instance away. Every reader of it must be closed, or the kernel answers EBUSY; it may be called again
    /// then. A second call after success does nothing.
    package mutating func remove() throws(TraceFSError) {
        if isRemoved { return }
        if !enabled.isEmpty { try switches.checkDisarming() }
        try buffer.removeDirectory()
        isRemoved = true
    }

    deinit {
        guard !isRemoved else { return }
        try? buffer.setTracing(false)
        // Better left for `clean` than removed at the wrong moment.
        if !enabled.isEmpty { guard (try? switches.checkDisarming()) != nil else { return } }
        try? buffer.disableAllEvents()
        try? buffer.removeDirectory()
    }
}

extension BufferDirectory {
    /// Removes the instance whose files these are, and with it what is armed in it.
    ///
    /// The kernel answers EBUSY for as long as anyone has a file of it open. That may be for a moment only: somebody looks
    /// at it, or a child of this process has not yet reached its execve(2), which closes the files. So it tries again for
    /// a while, in steps that double.
    func removeDirectory() throws(TraceFSError) {
        var pause: UInt64 = 1_000_000
        while true {
            do {
                return try Files.removeDirectory(path)
            } catch .resourceBusy where pause <= Self.longestPause {
                Clock.monotonic.sleep(until: Clock.monotonic.now + pause)
                pause *= 2
            } catch {
                var error = TraceFSError("remove the trace instance", path: path, failed: error)
                if error.kind == .busy {
                    error.remedy = "close whatever has a file of it open, then run `sockftrace clean`"
                }
                throw error
            }
        }
    }

    /// Nanoseconds. With it the pauses come to half a second in all.
    private static let longestPause: UInt64 = 256_000_000
}

extension TracingDirectory {
    /// Makes an instance and locks it; see ``Instance/init(creating:in:)``.
    package func createInstance(named name: String) throws(TraceFSError) -> Instance {
        try Instance(creating: name, in: self)
    }
}
