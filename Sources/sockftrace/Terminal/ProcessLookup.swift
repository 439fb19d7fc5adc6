internal import LinuxSystem

/// A user as a program that runs as it has it.
struct UserAccount: Equatable {
    var user: UInt32
    /// The first of its groups.
    var group: UInt32
    var groups: [UInt32]
}

/// What /proc and /etc tell about processes and users.
enum ProcessLookup {
    /// The process that a thread belongs to; nil where there is no such thread.
    static func group(of thread: Int32) -> Int32? {
        guard let status = try? Files.text(of: "/proc/\(thread)/status") else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("Tgid:") }
        return line?.split(separator: "\t").last.flatMap { Int32($0) }
    }

    /// A user with an account, given by name or number, and its groups.
    static func account(_ text: String, accounts path: String = "/etc") throws(CommandFailure) -> UserAccount {
        let fields = lines(of: "passwd", in: path).first { fields in
            fields.count > 3 && (fields[0] == text || fields[2] == text)
        }
        guard let fields, let user = UInt32(fields[2]), let group = UInt32(fields[3]) else {
            throw CommandFailure("unknown user '\(text)': /etc/passwd does not name it", status: .badUsage)
        }
        let others = lines(of: "group", in: path).filter {
            $0.count > 3 && $0[3].split(separator: ",").contains(fields[0])
        }
        .compactMap { UInt32($0[2]) }
        return UserAccount(user: user, group: group, groups: [group] + others.filter { $0 != group })
    }

    private static func lines(of file: String, in path: String) -> [[Substring]] {
        ((try? Files.text(of: "\(path)/\(file)")) ?? "").split(separator: "\n").map {
            $0.split(separator: ":", omittingEmptySubsequences: false)
        }
    }

    /// The number of a user given by name or number.
    ///
    /// /etc/passwd is read as a file: getpwnam(3) loads shared libraries, which a static executable must do without,
    /// so that users known only to a directory service have to be given by number.
    static func user(_ text: String, accounts path: String = "/etc") throws(CommandFailure) -> UInt32 {
        for fields in lines(of: "passwd", in: path) {
            if fields.count > 2, fields[0] == text, let number = UInt32(fields[2]) { return number }
        }
        if let number = UInt32(text) { return number }
        throw CommandFailure(
            "unknown user '\(text)': /etc/passwd does not name it\nFix: give the number, as `id -u` tells it",
            status: .badUsage)
    }
}
