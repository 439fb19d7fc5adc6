internal import CLinux
package import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The owner of a file descriptor: closes it when it goes out of scope.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, for calls that this module does not have. Stays the owner's.
    package let raw: Int32

    /// Takes over an open descriptor.
    package init(owning raw: Int32) {
        self.raw = raw
    }

    /// Opens a file, always close-on-exec: a command that is started must inherit neither buffers nor locks.
    /// - Parameter mode: the permission bits of a file that is created, before the umask.
    package init(opening path: String, _ flags: OpenFlags, mode: UInt32 = 0o600) throws(Errno) {
        raw = try SystemCall.make(.open, path) { openat(AT_FDCWD, path, flags.rawValue | O_CLOEXEC, mode) }
    }

    /// Opens a file by its name in a directory that is open.
    package init(
        opening name: String, in directory: borrowing Descriptor, _ flags: OpenFlags, mode: UInt32 = 0o600
    ) throws(Errno) {
        let folder = directory.raw
        raw = try SystemCall.make(.open, name) { openat(folder, name, flags.rawValue | O_CLOEXEC, mode) }
    }

    /// A new file in a directory, for reading and writing, that has no name and vanishes with its descriptor.
    package init(temporaryIn directory: String) throws(Errno) {
        var template = Array("\(directory)/sockftrace-XXXXXX".utf8CString)
        raw = try SystemCall.make(.open, directory) { mkstemp(&template) }
        _ = template.withUnsafeBufferPointer { name in name.baseAddress.map { unlinkat(AT_FDCWD, $0, 0) } }
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    }

    /// A second descriptor of the same open file.
    package init(duplicating other: Int32) throws(Errno) {
        raw = try SystemCall.make(.dup) { fcntl(other, F_DUPFD_CLOEXEC, 0) }
    }

    deinit {
        // Linux releases the number even when close(2) is interrupted or fails: never try again.
        _ = close(raw)
    }
}

/// How a file is opened: the flags of open(2).
package struct OpenFlags: OptionSet, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static let readOnly = OpenFlags([])
    package static let writeOnly = OpenFlags(rawValue: O_WRONLY)
    package static let readWrite = OpenFlags(rawValue: O_RDWR)
    package static let append = OpenFlags(rawValue: O_APPEND)
    package static let truncate = OpenFlags(rawValue: O_TRUNC)
    package static let create = OpenFlags(rawValue: O_CREAT)
    /// With `create`: the name must not be there yet, not even as a link.
    package static let exclusive = OpenFlags(rawValue: O_EXCL)
    /// Neither the open nor later calls wait.
    package static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
    package static let directory = OpenFlags(rawValue: O_DIRECTORY)
    /// A symbolic link in the last place is an error (ELOOP).
    package static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
    /// For use as a directory of others only, or for its status: it cannot be read, and needs no right to.
    package static let pathOnly = OpenFlags(rawValue: Int32(LINUX_O_PATH))
    /// The path is a directory: a new file on its disk that has no name yet.
    package static let nameless = OpenFlags(rawValue: Int32(LINUX_O_TMPFILE))
    /// A terminal that is opened does not become the controlling one.
    package static let noControllingTerminal = OpenFlags(rawValue: O_NOCTTY)
}
