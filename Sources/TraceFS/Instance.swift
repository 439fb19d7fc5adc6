internal import LinuxSystem
internal import SystemPackage

/// A trace buffer of our own, `instances/NAME`, with its own clock, sizes, enabled events and readers.
///
/// While it lives, the lock on its directory tells other tracers that its owner does, too; the kernel lets go of the
/// lock when the owner dies, however it dies. ``remove()`` takes it away; the destructor does so unreported.
public struct Instance: ~Copyable, Sendable {
    /// Its name below `instances`.
    public let name: String
    /// Its files.
    public let buffer: BufferDirectory
    private let lock: Descriptor
    private var isRemoved = false

    /// Makes an instance and locks it. One of that name that is there already is an error, never shared.
    ///
    /// It starts with tracing off, so that nothing is recorded before all is set up.
    public init(creating name: String, in directory: TracingDirectory) throws(TraceFSError) {
        let path = "\(directory.path)/instances/\(name)"
        let action = "make a trace instance"
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw TraceFSError(.rejected, action, path: path, remedy: "name it with letters, digits and _")
        }
        lock = try Self.makeAndLock(path, action)
        self.name = name
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

    /// Stops recording: tracing off, then every event off. The buffer keeps what it has, to be read out.
    /// Returns what failed; the second step is taken whatever becomes of the first.
    public func stop() -> [TraceFSError] {
        Self.stop(buffer)
    }

    static func stop(_ buffer: BufferDirectory) -> [TraceFSError] {
        var failures: [TraceFSError] = []
        do { try buffer.setTracing(false) } catch { failures.append(error) }
        do { try buffer.disableAllEvents() } catch { failures.append(error) }
        return failures
    }

    /// Takes the instance away. Every reader of it must be closed, or the kernel answers EBUSY; it may be called again
    /// then. A second call after success does nothing.
    public mutating func remove() throws(TraceFSError) {
        if isRemoved { return }
        try Self.remove(buffer)
        isRemoved = true
    }

    static func remove(_ buffer: BufferDirectory) throws(TraceFSError) {
        do {
            try Files.removeDirectory(buffer.path)
        } catch {
            var error = TraceFSError("remove the trace instance", path: buffer.path, failed: error)
            if error.kind == .busy {
                error.remedy = "close whatever has a file of it open, then run `sockftrace clean`"
            }
            throw error
        }
    }

    deinit {
        if !isRemoved {
            _ = Self.stop(buffer)
            try? Files.removeDirectory(buffer.path)
        }
    }
}

extension TracingDirectory {
    /// Makes an instance and locks it; see ``Instance/init(creating:in:)``.
    public func createInstance(named name: String) throws(TraceFSError) -> Instance {
        try Instance(creating: name, in: self)
    }
}
