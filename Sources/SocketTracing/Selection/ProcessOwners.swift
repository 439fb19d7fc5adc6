internal import CLinux
internal import Glibc

/// Which processes belong to some users. Events carry no user, so /proc is asked: for each process once a round of
/// reading, as a process may change its user; while it lives, the answer is its effective user.
///
/// A process that ended before it was ever looked at belongs to nobody known, and is left out.
struct ProcessOwners {
    private let users: Set<UInt32>
    private var known: [Int32: Entry] = [:]
    private var round = 0

    private struct Entry {
        var user: UInt32
        /// The round in which /proc last answered.
        var answered: Int
        /// The round in which it was last asked.
        var asked: Int
    }

    /// For how many rounds the answer for a process that has ended since still holds: its last events come after it.
    /// Process numbers are given out again, though not so soon.
    private static let memory = 100

    init(users: Set<UInt32>) {
        self.users = users
    }

    /// What the kernel has is about to be read again.
    mutating func beginRound() { round += 1 }

    /// Whether a process belongs to one of the users.
    mutating func includes(_ process: Int32) -> Bool {
        var entry = known[process]
        if entry?.asked != round {
            if let user = Self.user(of: process) {
                entry = Entry(user: user, answered: round, asked: round)
            } else if let last = entry, round - last.answered <= Self.memory {
                entry?.asked = round
            } else {
                entry = nil
            }
            known[process] = entry
        }
        return entry.map { users.contains($0.user) } ?? false
    }

    /// The directory of a process belongs to its effective user, even where the process hides everything else.
    private static func user(of process: Int32) -> UInt32? {
        var facts = stat()
        return stat("/proc/\(process)", &facts) == 0 ? facts.st_uid : nil
    }
}
