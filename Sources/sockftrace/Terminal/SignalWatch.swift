internal import CLinux
internal import Glibc
internal import Logging

/// The signals that end a trace, read from a descriptor in the loop that moves the records: nothing is interrupted
/// half-way, and whatever was done to the kernel is taken back in the ordinary course of the program.
///
/// SIGINT, SIGTERM, SIGQUIT and SIGHUP ask for the end; SIGHUP not where it was ignored from the start (nohup). SIGCHLD
/// tells that the traced command may have ended. A closed pipe and a full quota come as errors of write(2), not as
/// signals.
///
/// The signals are blocked from the making of this value on, so one that comes while the probes are being installed
/// waits until the loop runs.
final class SignalWatch {
    /// What a wait came to.
    struct Wake {
        /// A signal asked for the end.
        var stopRequested = false
        /// A child changed its state.
        var childChanged = false
        /// What poll(2) says of the output; 0 where nothing.
        var output: Int16 = 0
    }

    /// A signal that asked for the end.
    struct StopRequest {
        let number: Int32
        /// It was typed at the terminal, so every process of the foreground group has got it as well.
        let isFromTerminal: Bool
    }

    /// Those that came so far, in their order.
    private(set) var stopRequests: [StopRequest] = []

    private let descriptor: Int32
    /// Set and dispositions as this process was started with them: what it starts gets them back.
    private let original: SignalState

    /// Blocks the signals and begins to watch.
    init() throws(CommandFailure) {
        original = SignalState.current()
        var watched = sigset_t()
        sigemptyset(&watched)
        for number in [SIGINT, SIGTERM, SIGQUIT, SIGCHLD] { sigaddset(&watched, number) }
        if !original.ignored.contains(SIGHUP) { sigaddset(&watched, SIGHUP) }
        // With SIGCHLD ignored there would be no status to wait for.
        signal(SIGCHLD, SIG_DFL)
        for number in SignalState.ignoredHere { signal(number, SIG_IGN) }
        sigprocmask(SIG_BLOCK, &watched, nil)
        descriptor = signalfd(-1, &watched, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw CommandFailure("cannot watch for signals: signalfd: \(SystemError.current)")
        }
    }

    deinit { close(descriptor) }

    /// Whether the end was asked for.
    var stopRequested: Bool { !stopRequests.isEmpty }

    /// Waits for a signal, for the output to become ready or break, or for the time to pass.
    /// - Parameters:
    ///   - milliseconds: negative for as long as it takes.
    ///   - output: descriptor to look at too.
    ///   - events: POLLOUT, or 0 to be told of its end only.
    func wait(milliseconds: Int32, output: Int32 = -1, events: Int16 = 0) -> Wake {
        var entries = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: events, revents: 0),
        ]
        // EINTR is possible in spite of the mask: a stop and a continue.
        guard poll(&entries, 2, milliseconds) > 0 else { return Wake() }
        var wake = Wake(output: entries[1].revents)
        if entries[0].revents != 0 { readSignals(&wake) }
        return wake
    }

    private func readSignals(_ wake: inout Wake) {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while read(descriptor, &info, size) == size {
            if info.ssi_signo == UInt32(SIGCHLD) {
                wake.childChanged = true
            } else {
                wake.stopRequested = true
                // The kernel sends what is typed itself (SI_KERNEL).
                let isFromTerminal = info.ssi_code == 0x80
                stopRequests.append(StopRequest(number: Int32(info.ssi_signo), isFromTerminal: isFromTerminal))
            }
        }
    }

    /// Attributes with which a child starts as if this process had never touched a signal.
    func prepare(_ attributes: inout posix_spawnattr_t) {
        var mask = original.mask
        posix_spawnattr_setsigmask(&attributes, &mask)
        var reset = sigset_t()
        sigemptyset(&reset)
        for number in SignalState.ignoredHere where !original.ignored.contains(number) { sigaddset(&reset, number) }
        posix_spawnattr_setsigdefault(&attributes, &reset)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    }
}

/// How a process deals with signals.
private struct SignalState {
    var mask = sigset_t()
    var ignored: Set<Int32> = []

    /// Those whose effect comes as an error number instead.
    static let ignoredHere = [SIGPIPE, SIGXFSZ]

    static func current() -> SignalState {
        var state = SignalState()
        sigprocmask(SIG_BLOCK, nil, &state.mask)
        for number in [SIGHUP] + ignoredHere {
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0 else { continue }
            // SIG_IGN is 1 as an address; functions cannot be compared.
            if unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1 { state.ignored.insert(number) }
        }
        return state
    }
}
