internal import SocketTracing

/// Why a command ends without having done its work.
struct CommandFailure: Error, CustomStringConvertible {
    /// For the user, on one line or more.
    var description: String
    var status: ExitStatus

    init(_ description: String, status: ExitStatus = .failed) {
        self.description = description
        self.status = status
    }
}

/// The statuses with which sockftrace ends by itself.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    case badUsage = 2
    /// All went well but the trace is incomplete, and `--strict` was given.
    case incomplete = 3
    /// The command after `--` cannot be executed.
    case commandNotExecutable = 126
    /// There is no such command.
    case commandNotFound = 127
}
