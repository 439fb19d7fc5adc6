internal import LinuxSystem
public import SystemPackage

/// What went wrong with the live tracefs: what was tried, what the kernel answered, and what to do about it.
public struct TraceFSError: Error, Sendable, Equatable {
    /// The kind of failure, for callers that decide by it.
    public enum Kind: Sendable, Equatable {
        /// The caller lacks the right: not root, or without the capability the kernel asks for.
        case notPermitted
        /// The kernel is locked down (`/sys/kernel/security/lockdown`) and keeps tracefs shut even for root.
        case lockedDown
        /// The kernel has tracefs, and nobody mounted it.
        case notMounted
        /// The kernel was built without tracefs.
        case noTraceFS
        /// The kernel has tracefs and lacks the file or feature that was asked for.
        case unsupported
        /// Something of that name is there already.
        case alreadyExists
        /// Nothing of that name is there.
        case notFound
        /// Somebody else is using it.
        case busy
        /// It was called off before it was done.
        case interrupted
        /// An administrator's switch turns all probes off; see ``ProbeSwitches``.
        case switchedOff
        /// The kernel read what was written and refused it.
        case rejected
        /// Anything else; see ``TraceFSError/errno``.
        case system
    }

    /// The kind of failure.
    public var kind: Kind
    /// What was tried, as in "remove the probe".
    public var action: String
    /// The file or directory that was asked, where there is one.
    public var path: String?
    /// The text that was written, where something was.
    public var written: String?
    /// The error number the kernel answered with, where it came to that.
    public var errno: Errno?
    /// The kernel's own words: from `error_log` with the line that points at the fault, where it keeps one.
    public var kernelMessage: String?
    /// What the user can do about it.
    public var remedy: String?

    /// Describes a failure.
    package init(
        _ kind: Kind, _ action: String, path: String? = nil, written: String? = nil, errno: Errno? = nil,
        kernelMessage: String? = nil, remedy: String? = nil
    ) {
        self.kind = kind
        self.action = action
        self.path = path
        self.written = written
        self.errno = errno
        self.kernelMessage = kernelMessage
        self.remedy = remedy
    }

    /// Describes a failed system call; kind and remedy follow from the error number.
    init(_ action: String, path: String, written: String? = nil, failed errno: Errno) {
        let kind: Kind
        var remedy: String?
        switch errno {
        case .permissionDenied, .notPermitted:
            kind = .notPermitted
            remedy = "run it as root"
        case .fileExists: kind = .alreadyExists
        case .noSuchFileOrDirectory: kind = written == nil ? .notFound : .rejected
        case .resourceBusy:
            kind = .busy
            remedy = "end whatever else uses it, then try again"
        case .noMemory:
            kind = .system
            remedy = "ask for smaller buffers"
        case .tooManyOpenFiles:
            kind = .system
            remedy = "allow more open files, as with ulimit -n 1024"
        case .invalidArgument, .addressNotAvailable, .badAddress, .outOfRange, .argListTooLong: kind = .rejected
        default: kind = .system
        }
        self.init(kind, action, path: path, written: written, errno: errno, remedy: remedy)
    }
}

extension TraceFSError: CustomStringConvertible {
    /// The whole story over one or more lines, the last one telling what to do.
    public var description: String {
        var text = "cannot \(action)"
        if let path {
            if let written {
                text += ": writing \"\(written)\" to \(path)"
            } else {
                text += ": \(path)"
            }
        }
        if let errno { text += ": \(errno.name) (\(errno.description))" }
        if let kernelMessage {
            text += "\nthe kernel says: " + kernelMessage
        }
        if let remedy { text += "\nFix: " + remedy }
        return text
    }
}
