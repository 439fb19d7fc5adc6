internal import CLinux
internal import Glibc
internal import LinuxSystem

/// Whom processes belong to, and what users are called.
struct UserNames: Sendable {
    private let names: [UInt32: String]

    /// From /etc/passwd, which is read as a file: getpwuid(3) loads shared libraries, which a static executable must do
    /// without.
    init(accounts path: String = "/etc/passwd") {
        var names: [UInt32: String] = [:]
        for line in ((try? Files.text(of: path)) ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 2, let user = UInt32(fields[2]), names[user] == nil else { continue }
            names[user] = String(fields[0])
        }
        self.names = names
    }

    /// Nil where the user has no name.
    func name(of user: UInt32) -> String? { names[user] }

    /// The effective user of a process, whom its directory in /proc belongs to; nil where there is no such process.
    static func user(of process: Int32) -> UInt32? {
        var facts = stat()
        return stat("/proc/\(process)", &facts) == 0 ? facts.st_uid : nil
    }
}
