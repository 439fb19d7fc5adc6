internal import CLinux
package import SystemPackage

/// What an open file tells other processes that have it open, by locks on bytes that no file has: nobody waits for one.
package enum FileMark: Int64, Sendable {
    /// It is being written.
    case writer = 0x4000_0000_0000_0000
    /// Somebody reads on while it grows.
    case follower = 0x4000_0000_0000_0001
}

extension Descriptor {
    /// Sets a mark, which stays until the open file's last descriptor is closed, however that comes about.
    package func set(_ mark: FileMark) throws(Errno) {
        _ = try SystemCall.make(.fcntl) { linux_lock_byte(raw, mark == .writer ? 1 : 0, mark.rawValue) }
    }

    /// Whether another open file of this file has set a mark; false where the file system does not say.
    package func hasOthers(_ mark: FileMark) -> Bool {
        // What is asked for is what the mark would not let pass: its opposite.
        linux_is_byte_locked(raw, mark == .writer ? 0 : 1, mark.rawValue) == 1
    }
}
