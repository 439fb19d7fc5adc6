internal import CLinux
internal import Glibc
internal import SystemPackage

/// What to run while tracing.
struct CommandLaunch {
    /// The executable.
    var path: String
    /// The command's own name for itself, and its arguments.
    var words: [String]
    /// Standard output is taken: what the command writes there goes to standard error, as with `perf record -o -`.
    var writesToError = false
    /// Whom it runs as; nil for the user of this process.
    var account: UserAccount?
}

/// The command after `--`, run while it is traced.
final class TracedCommand {
    /// How it ended, as a shell would put it: its status, or 128 and the signal.
    private(set) var status: Int32?
    let process: pid_t
    private var wasToldToEnd = false

    var isRunning: Bool { status == nil }

    /// Starts a command with this process's environment and files, and with signals and limits as this process got them.
    init(starting launch: CommandLaunch, _ signals: SignalWatch) throws(CommandFailure) {
        switch Self.start(launch, signals.original) {
        case .success(let process): self.process = process
        case .failure(let code): throw Self.failure(launch, code)
        }
    }

    private static func start(_ launch: CommandLaunch, _ signals: SignalState) -> Result<pid_t, Errno> {
        let arguments: [UnsafeMutablePointer<CChar>?] = launch.words.map { strdup($0) } + [nil]
        let path = strdup(launch.path)
        defer { for text in arguments + [path] { free(text) } }
        var command = linux_command()
        command.path = UnsafePointer(path)
        command.mask = signals.mask
        command.defaults = signals.resetForChild
        command.files = DescriptorLimit.original
        command.outputToError = launch.writesToError ? 1 : 0
        let groups = launch.account?.groups ?? []
        if let account = launch.account {
            command.changesUser = 1
            command.user = account.user
            command.group = account.group
        }
        let process = arguments.withUnsafeBufferPointer { words in
            groups.withUnsafeBufferPointer { groups in
                command.arguments = words.baseAddress
                command.environment = UnsafePointer(environ)
                command.groups = groups.baseAddress
                command.groupCount = groups.count
                return linux_start(&command)
            }
        }
        return process > 0 ? .success(process) : .failure(SystemError.current)
    }

    private static func failure(_ launch: CommandLaunch, _ code: Errno) -> CommandFailure {
        let reason =
            switch code {
            case .execFormatError: "it is for another kind of machine, or a script without #! in its first line"
            case .noSuchFileOrDirectory: "its interpreter or loader is missing"
            case .notPermitted where launch.account != nil: "only root may run it as another user"
            default: ""
            }
        return CommandFailure(
            "cannot run \(launch.path): \(code)" + (reason.isEmpty ? "" : "\nthe reason may be: \(reason)"),
            status: code == .noSuchFileOrDirectory ? .commandNotFound : .commandNotExecutable)
    }

    /// Looks whether it has ended.
    func check() {
        guard isRunning else { return }
        var raw: Int32 = 0
        let answer = waitpid(process, &raw, WNOHANG)
        guard answer == process else { return }
        // The macros of <sys/wait.h>, which Swift does not see.
        let signal = raw & 0x7f
        status = signal == 0 ? raw >> 8 & 0xff : 128 + signal
    }

    /// Asks it to end (SIGTERM), once.
    func tellToEnd() {
        guard isRunning, !wasToldToEnd else { return }
        wasToldToEnd = true
        kill(process, SIGTERM)
    }

    /// Waits for its end. Being asked to stop meanwhile, it asks the command to end; asked again, it makes it end.
    func waitForEnd(_ signals: SignalWatch) {
        check()
        while isRunning {
            let wake = signals.wait(milliseconds: -1)
            if wake.stopRequested {
                if wasToldToEnd { kill(process, SIGKILL) } else { heed(signals) }
            }
            check()
        }
    }

    /// Passes a request to stop on, where the command has not got it by itself.
    func heed(_ signals: SignalWatch) {
        guard let request = signals.stopRequests.last else { return }
        // What was typed has reached the command as well; a second time it is not left to choose.
        if !request.isFromTerminal || signals.stopRequests.count > 1 { tellToEnd() }
    }
}

/// Where a command's executable is.
enum CommandSearch {
    /// The path of a command: itself where it has a slash, else the first match in PATH.
    static func path(of name: String) throws(CommandFailure) -> String {
        if name.contains("/") {
            try check(name)
            return name
        }
        var forbidden: String?
        let places = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        for place in places.split(separator: ":", omittingEmptySubsequences: false) where !name.isEmpty {
            let candidate = (place.isEmpty ? "." : String(place)) + "/" + name
            guard isFile(candidate) else { continue }
            if access(candidate, X_OK) == 0 { return candidate }
            forbidden = forbidden ?? candidate
        }
        if let forbidden { try check(forbidden) }
        throw CommandFailure("cannot run \(quoted(name)): no such command in PATH", status: .commandNotFound)
    }

    private static func check(_ path: String) throws(CommandFailure) {
        guard access(path, F_OK) == 0 else {
            let code = SystemError.current
            let isAbsent = [.noSuchFileOrDirectory, .notDirectory].contains(code)
            throw CommandFailure(
                "cannot run \(quoted(path)): \(code)", status: isAbsent ? .commandNotFound : .commandNotExecutable)
        }
        guard isFile(path) else {
            throw CommandFailure("cannot run \(quoted(path)): it is not a file", status: .commandNotExecutable)
        }
        guard access(path, X_OK) == 0 else {
            throw CommandFailure("cannot run \(quoted(path)): it is not executable", status: .commandNotExecutable)
        }
    }

    private static func quoted(_ name: String) -> String { "'" + name + "'" }

    private static func isFile(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    }
}
