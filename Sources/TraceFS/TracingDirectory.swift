internal import CTraceFS
internal import Synchronization
internal import LinuxSystem
internal import SystemPackage

/// The mounted tracefs, or a directory that stands in for it in tests.
package struct TracingDirectory: Sendable, Equatable {
    /// Where it is, as in `/sys/kernel/tracing`; no slash at the end.
    package let path: String

    /// Takes a directory for the tracing directory, unlooked at.
    package init(path: String) {
        self.path = path
    }

    /// libtracefs keeps what it found in variables of the whole process.
    private static let library = Mutex(())

    /// Finds the tracefs of this machine without mounting anything, and makes sure that it can be read.
    ///
    /// Throws ``TraceFSError/Kind/notMounted``, ``TraceFSError/Kind/noTraceFS``,
    /// ``TraceFSError/Kind/notPermitted`` or ``TraceFSError/Kind/lockedDown``.
    package static func find() throws(TraceFSError) -> TracingDirectory {
        let mounted: String? = library.withLock { _ in
            tracefs_set_loglevel(TEP_LOG_NONE)
            var path: UnsafePointer<CChar>?
            guard tracefs_tracing_dir_is_mounted(false, &path) == 1, let path else { return nil }
            return String(cString: path)
        }
        guard let mounted else {
            throw whyAbsent(
                filesystems: ControlFile.optionalText(of: "/proc/filesystems"),
                mounts: ControlFile.optionalText(of: "/proc/mounts") ?? "")
        }
        let directory = TracingDirectory(path: mounted)
        try directory.checkReadable(lockdown: SystemInfo.lockdown())
        return directory
    }

    /// Why there is no tracing directory, from the texts of /proc/filesystems, nil where it cannot be read, and /proc/mounts.
    static func whyAbsent(filesystems: String?, mounts: String) -> TraceFSError {
        let action = "find tracefs"
        guard let filesystems else {
            return TraceFSError(
                .notMounted, action, path: "/proc/filesystems", errno: .noSuchFileOrDirectory,
                remedy: "mount /proc, as root: mount -t proc proc /proc")
        }
        let types = filesystems.split(separator: "\n").map { $0.split(separator: "\t").last ?? "" }
        guard types.contains("tracefs") || types.contains("debugfs") else {
            return TraceFSError(
                .noTraceFS, action, path: "/proc/filesystems", kernelMessage: "it lists neither tracefs nor debugfs",
                remedy: "boot a kernel built with CONFIG_TRACING, CONFIG_FTRACE and CONFIG_KPROBE_EVENTS")
        }
        // Before 4.1 the tracing directory was a part of debugfs, which only root may enter.
        if let debug = mounts.split(separator: "\n").map({ $0.split(separator: " ") })
            .first(where: { $0.count > 2 && $0[2] == "debugfs" }), !types.contains("tracefs")
        {
            return TraceFSError(
                .notPermitted, action, path: "\(debug[1])/tracing",
                remedy: "run it as root; if it is root already, the kernel was built without tracing")
        }
        let command =
            types.contains("tracefs")
            ? "mount -t tracefs nodev /sys/kernel/tracing" : "mount -t debugfs nodev /sys/kernel/debug"
        return TraceFSError(
            .notMounted, action, path: "/proc/mounts", kernelMessage: "it lists no tracefs",
            remedy: "as root: " + command)
    }

    /// Makes sure that files can be read: README is opened through the same gate as every other file.
    func checkReadable(lockdown: Lockdown?) throws(TraceFSError) {
        do {
            _ = try Descriptor(opening: path + "/README", .readOnly)
        } catch {
            throw explain(TraceFSError("read tracefs", path: path + "/README", failed: error), lockdown: lockdown)
        }
    }

    /// Makes sure that this process may make instances: call it before any change, for one clear message.
    package func checkWritable() throws(TraceFSError) {
        do {
            try Files.checkWritable(path + "/instances")
        } catch {
            throw explain(
                TraceFSError("change tracefs", path: path + "/instances", failed: error),
                lockdown: SystemInfo.lockdown())
        }
    }

    /// A kernel that is locked down refuses to open the files of tracefs, or was locked down at boot and made none
    /// (`tracefs_create_file`, fs/tracefs/inode.c).
    private func explain(_ error: TraceFSError, lockdown: Lockdown?) -> TraceFSError {
        let mayBeLocked =
            switch error.errno {
            case .notPermitted?: true
            // It is mounted, so it should be there.
            case .noSuchFileOrDirectory?: true
            default: false
            }
        guard mayBeLocked else { return error }
        var error = error
        switch lockdown {
        case .confidentiality?:
            error.kind = .lockedDown
            error.kernelMessage = "/sys/kernel/security/lockdown says confidentiality"
            error.remedy = "boot with lockdown=integrity or lockdown=none (secure boot off, where that sets it)"
        case nil where CurrentProcess.effectiveUser == 0:
            error.kernelMessage =
                "tracefs is shut even for root, as with lockdown=confidentiality or in some containers"
            error.remedy =
                "see what the kernel was booted with: mount -t securityfs nodev /sys/kernel/security, then "
                + "cat /sys/kernel/security/lockdown"
        case .integrity?, Lockdown.none?, nil: break
        }
        return error
    }

    /// The buffer and settings that every user of the machine shares: only ever to be looked at.
    package var top: BufferDirectory { BufferDirectory(path: path) }

    /// The probes defined by anybody.
    package var dynamicEvents: DynamicEvents { DynamicEvents(directory: self) }

    /// The names of all instances, sorted.
    package func instanceNames() throws(TraceFSError) -> [String] {
        try ControlFile.names(in: path + "/instances", "list the instances").sorted()
    }

    /// What this kernel's tracing can do, from its own README and the files it shows.
    package func capabilities() throws(TraceFSError) -> Capabilities {
        let readme = try ControlFile.text(of: path + "/README", "read what tracefs can do")
        let files = try ControlFile.names(in: path, "list tracefs")
        let options = (try? ControlFile.names(in: path + "/options", "list the trace options")) ?? []
        return Capabilities(readme: readme, files: Set(files), options: Set(options))
    }
}
