internal import LinuxSystem

/// What /proc and /etc tell about processes and users.
enum ProcessLookup {
    /// The process that a thread belongs to; nil where there is no such thread.
    static func group(of thread: Int32) -> Int32? {
        guard let status = try? Files.text(of: "/proc/\(thread)/status") else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("Tgid:") }
        return line?.split(separator: "\t").last.flatMap { Int32($0) }
    }

    /// The number of a user given by name or number.
    ///
    /// /etc/passwd is read as a file: getpwnam(3) loads shared libraries, which a static executable must do without,
    /// so that users known only to a directory service have to be given by number.
    static func user(_ text: String, accounts path: String = "/etc") throws(CommandFailure) -> UInt32 {
        let accounts = (try? Files.text(of: path + "/passwd")) ?? ""
        for line in accounts.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, fields[0] == text, let number = UInt32(fields[2]) { return number }
        }
        if let number = UInt32(text) { return number }
        throw CommandFailure(
            "unknown user '\(text)': /etc/passwd does not name it\nto mend it: give the number, as `id -u` tells it",
            status: .badUsage)
    }
}
