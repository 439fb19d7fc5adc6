internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// The signals that would end this process, read from a descriptor instead: nothing is interrupted half-way, and whatever
/// was done to the kernel is taken back in the ordinary course of the program.
///
/// Each of them asks for the end; SIGHUP not where it was ignored from the start (nohup). SIGCHLD tells that the traced
/// command may have ended. A closed pipe and a full quota come as errors of write(2), not as signals.
///
/// The signals are blocked from the making of this value on: one that comes while the trace is set up is found by
/// ``isStopRequested``, which the set-up asks between its steps.
final class SignalWatch: Sendable {
    /// What a wait came to.
    struct Wake {
        /// A signal asked for the end.
        var stopRequested = false
        /// A child changed its state.
        var childChanged = false
        /// What poll(2) says of the output; 0 where nothing.
        var output: Int16 = 0
        /// One of the buffers can be read.
        var hasRecords = false

        fileprivate var isNothing: Bool { !stopRequested && !childChanged && output == 0 && !hasRecords }
    }

    /// A signal that asked for the end.
    struct StopRequest: Sendable {
        let number: Int32
        /// It was typed at the terminal, so every process of the foreground group has got it as well.
        let isFromTerminal: Bool
    }

    private let requests = Mutex<[StopRequest]>([])
    /// Signals that ask for something else than the end, and whether one came.
    private let triggers: Set<Int32>
    private let isTriggered = Mutex(false)
    private let descriptor: Int32
    /// Set and dispositions as this process was started with them: what it starts gets them back.
    let original: SignalState

    /// Blocks the signals and begins to watch.
    /// - Parameter triggers: those that do not ask for the end.
    init(triggers: Set<Int32> = []) throws(CommandFailure) {
        self.triggers = triggers
        original = SignalState.current()
        var watched = SignalState.ending
        if original.ignored.contains(SIGHUP) { sigdelset(&watched, SIGHUP) }
        sigaddset(&watched, SIGCHLD)
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

    /// Those that came and were read so far, in their order.
    var stopRequests: [StopRequest] { requests.withLock { $0 } }

    /// Whether the end was asked for, as far as was read.
    var stopRequested: Bool { requests.withLock { !$0.isEmpty } }

    /// Whether the end was asked for by now.
    var isStopRequested: Bool {
        var wake = Wake()
        readSignals(&wake)
        return stopRequested
    }

    /// Whether the end was asked for by now, once more than so many times.
    func hasStopRequest(after count: Int) -> Bool {
        _ = isStopRequested
        return stopRequests.count > count
    }

    /// Whether a trigger came since the last call.
    func takeTrigger() -> Bool {
        isTriggered.withLock { isTriggered in
            defer { isTriggered = false }
            return isTriggered
        }
    }

    /// Waits for a signal, for the output to become ready or break, for a buffer to be readable, or for the time to pass.
    /// - Parameters:
    ///   - milliseconds: negative for as long as it takes.
    ///   - output: descriptor to look at too.
    ///   - events: POLLOUT, or 0 to be told of its end only.
    ///   - buffers: descriptors to look at too; negative ones are passed over.
    func wait(milliseconds: Int32, output: Int32 = -1, events: Int16 = 0, buffers: [Int32] = []) -> Wake {
        var entries = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: events, revents: 0),
        ]
        entries += buffers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let end = milliseconds < 0 ? UInt64.max : Clock.monotonic.now &+ UInt64(milliseconds) * 1_000_000
        while true {
            let now = Clock.monotonic.now
            let left: Int32 = milliseconds < 0 ? -1 : now < end ? Int32((end - now + 999_999) / 1_000_000) : 0
            // EINTR is possible in spite of the mask: a stop and a continue.
            guard poll(&entries, nfds_t(entries.count), left) > 0 else { return Wake() }
            var wake = Wake(output: entries[1].revents)
            var isBroken = false
            for index in entries.indices.dropFirst(2) where entries[index].revents != 0 {
                if entries[index].revents & Int16(POLLIN) != 0 {
                    wake.hasRecords = true
                } else {
                    // The CPU is offline, and will be for a while.
                    entries[index].fd = -1
                    isBroken = true
                }
            }
            let hasSignals = entries[0].revents != 0
            if hasSignals { readSignals(&wake) }
            if !isBroken || hasSignals || !wake.isNothing { return wake }
        }
    }

    private func readSignals(_ wake: inout Wake) {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while read(descriptor, &info, size) == size {
            if info.ssi_signo == UInt32(SIGCHLD) {
                wake.childChanged = true
            } else if triggers.contains(Int32(info.ssi_signo)) {
                isTriggered.withLock { $0 = true }
            } else {
                wake.stopRequested = true
                // The kernel sends what is typed itself (SI_KERNEL).
                let request = StopRequest(number: Int32(info.ssi_signo), isFromTerminal: info.ssi_code == 0x80)
                requests.withLock { $0.append(request) }
            }
        }
    }
}

/// How a process deals with signals.
struct SignalState: Sendable {
    var mask = sigset_t()
    var ignored: Set<Int32> = []

    /// Those whose effect comes as an error number instead.
    static let ignoredHere = [SIGPIPE, SIGXFSZ]

    /// Every signal that ends a process unless it is caught, and can be. Those of a fault (SIGSEGV and its like) are
    /// among them for when somebody sends one: a fault itself ends the process even where its signal is blocked
    /// (force_sig_info_to_task, kernel/signal.c). The C library keeps 32 and 33 for itself.
    static var ending: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        let named = [
            SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGUSR1, SIGSEGV, SIGUSR2, SIGALRM,
            SIGTERM,
            SIGSTKFLT, SIGXCPU, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSYS,
        ]
        for number in named + Array(__libc_current_sigrtmin()...__libc_current_sigrtmax()) { sigaddset(&set, number) }
        return set
    }

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

    /// The signals that a child gets the default action of, as if this process had never touched one.
    var resetForChild: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in Self.ignoredHere where !ignored.contains(number) { sigaddset(&set, number) }
        return set
    }
}
