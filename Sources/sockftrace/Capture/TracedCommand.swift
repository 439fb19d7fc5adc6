internal import Glibc
internal import SystemPackage

/// The command after `--`, run while it is traced.
final class TracedCommand {
    /// How it ended, as a shell would put it: its status, or 128 and the signal.
    private(set) var status: Int32?
    private let process: pid_t
    private let path: String
    private var wasToldToEnd = false

    var isRunning: Bool { status == nil }

    /// Starts a command with this process's environment and files.
    /// - Parameters:
    ///   - path: the executable; the command's own name for itself is its first word.
    ///   - words: the command and its arguments.
    init(starting path: String, _ words: [String], _ signals: SignalWatch) throws(CommandFailure) {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        signals.prepare(&attributes)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, nil, &attributes, &arguments, environ)
        guard code == 0 else { throw Self.failure(path, Errno(rawValue: code)) }
        self.process = process
        self.path = path
    }

    private static func failure(_ path: String, _ code: Errno) -> CommandFailure {
        let remedy =
            switch code {
            case .execFormatError: "it is for another kind of machine, or a script without #! in its first line"
            case .noSuchFileOrDirectory: "its interpreter or loader is missing"
            default: ""
            }
        return CommandFailure("cannot run \(path): \(code)" + (remedy.isEmpty ? "" : "\nthe reason may be: \(remedy)"))
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
        throw CommandFailure("cannot run \(quoted(name)): no such command in PATH")
    }

    private static func check(_ path: String) throws(CommandFailure) {
        guard access(path, F_OK) == 0 else {
            throw CommandFailure("cannot run \(quoted(path)): \(SystemError.current)")
        }
        guard isFile(path) else { throw CommandFailure("cannot run \(quoted(path)): it is not a file") }
        guard access(path, X_OK) == 0 else {
            throw CommandFailure("cannot run \(quoted(path)): it is not executable\nto mend it: chmod +x \(path)")
        }
    }

    private static func quoted(_ name: String) -> String { "'" + name + "'" }

    private static func isFile(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    }
}
