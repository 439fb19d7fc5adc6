internal import CLinux
package import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What a file is and whose: the answer of stat(2).
package struct FileStatus: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case regular, directory, symbolicLink, pipe, socket, characterDevice, blockDevice, other
    }

    package var kind: Kind
    /// Device and inode: the same for two names or descriptors of one file.
    package var identity: FileIdentity
    /// Bytes.
    package var size: UInt64
    /// Names that it has; 0 when the last one was removed.
    package var links: UInt64
    package var owner: UInt32
    package var group: UInt32
    /// The twelve permission bits.
    package var mode: UInt32

    init(_ facts: stat) {
        kind =
            switch facts.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFIFO: .pipe
            case S_IFSOCK: .socket
            case S_IFCHR: .characterDevice
            case S_IFBLK: .blockDevice
            default: .other
            }
        identity = FileIdentity(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))
        size = UInt64(max(0, facts.st_size))
        links = UInt64(facts.st_nlink)
        owner = facts.st_uid
        group = facts.st_gid
        mode = facts.st_mode & 0o7777
    }
}

/// What tells one file from every other.
package struct FileIdentity: Sendable, Hashable {
    package var device: UInt64
    package var inode: UInt64
}

/// The file itself: its size, blocks, owner and lock.
extension Descriptor {
    package func status() throws(Errno) -> FileStatus {
        try Self.status(of: raw)
    }

    /// The status of what somebody else's descriptor stands for.
    package static func status(of raw: Int32) throws(Errno) -> FileStatus {
        var facts = stat()
        _ = try SystemCall.make(.fstat) { fstat(raw, &facts) }
        return FileStatus(facts)
    }

    /// Whether it is a file of procfs, whose links can lead to what has no name.
    package func isOfProc() throws(Errno) -> Bool {
        var type: UInt64 = 0
        _ = try SystemCall.make(.fstat) { linux_file_system(raw, &type) }
        // PROC_SUPER_MAGIC.
        return type == 0x9fa0
    }

    package func truncate(to size: UInt64) throws(Errno) {
        _ = try SystemCall.make(.ftruncate) { ftruncate(raw, off_t(size)) }
    }

    /// Allocates the blocks of a range, the file growing as needed. A file system that cannot is no error.
    package func allocate(at offset: UInt64, count: Int) throws(Errno) {
        do throws(Errno) {
            _ = try SystemCall.make(.fallocate) { linux_allocate(raw, 0, Int64(offset), Int64(count)) }
        } catch .notSupportedOnSocket, .noFunction, .notSupported {
            return
        }
    }

    /// Gives the blocks of a range back to the file system. Only a saving: failure does not matter.
    package func punchHole(at offset: UInt64, count: UInt64) {
        let mode = Int32(LINUX_FALLOC_PUNCH_HOLE | LINUX_FALLOC_KEEP_SIZE)
        _ = try? SystemCall.make(.fallocate) { linux_allocate(raw, mode, Int64(offset), Int64(count)) }
    }

    /// Waits until the file, as it is now, is on the disk.
    package func synchronize() throws(Errno) {
        _ = try SystemCall.make(.fsync) { fsync(raw) }
    }

    package func setOwner(_ owner: UInt32, group: UInt32) throws(Errno) {
        _ = try SystemCall.make(.fchown) { fchown(raw, owner, group) }
    }

    package func setMode(_ mode: UInt32) throws(Errno) {
        _ = try SystemCall.make(.fchmod) { fchmod(raw, mode) }
    }

    /// Takes the advisory lock of the open file, which the kernel lets go of when its last descriptor is closed.
    /// - Returns: false where another open file holds it and `waits` is false.
    package func lock(waits: Bool) throws(Errno) -> Bool {
        do throws(Errno) {
            _ = try SystemCall.make(.flock) { flock(raw, waits ? LOCK_EX : LOCK_EX | LOCK_NB) }
            return true
        } catch .resourceTemporarilyUnavailable {
            return false
        }
    }
}
