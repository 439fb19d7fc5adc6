internal import CLinux
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Descriptors of which one call tells which have something to read (poll(2)).
package struct PollSet: Sendable {
    private var entries: [pollfd]

    /// - Parameter descriptors: negative ones never have anything.
    package init(_ descriptors: [Int32]) {
        entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    }

    /// Looks, and does not wait. Where the kernel cannot tell, all have something.
    package mutating func look() {
        let count = nfds_t(entries.count)
        do throws(Errno) {
            _ = try SystemCall.make(.poll) { poll(&entries, count, 0) }
        } catch {
            assumeAll()
        }
    }

    /// Takes all to have something.
    package mutating func assumeAll() {
        for index in entries.indices { entries[index].revents = Int16(POLLIN) }
    }

    /// Whether a descriptor had something when that was last looked at.
    package func isReadable(_ index: Int) -> Bool { entries[index].revents & Int16(POLLIN) != 0 }
}
