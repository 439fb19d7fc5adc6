internal import Glibc
internal import LinuxSystem
internal import Logging
internal import SocketTracing

/// Runs a capture from its start to its end: the time is up, a signal came, the command or the processes ended, or
/// nothing more can be written.
///
/// What befalls the capture does not befall the command: when the disk is full or the reader gone, the command goes on
/// and is waited for. What the user asks for, by a signal or `--duration`, ends both.
struct CaptureLoop {
    /// What to run while capturing.
    var command: CommandLaunch?
    /// Nanoseconds; nil without limit.
    var duration: UInt64?
    /// The capture ends with the last of these, where they alone are captured.
    var processes: [Int32] = []
    /// The first of them that ends will do.
    var endsWithFirst = false
    let signals: SignalWatch
    /// Told when the capture has begun.
    var logger: Logger?

    /// How long a command that was asked to end is still captured.
    private static let grace: UInt64 = 2_000_000_000

    init(signals: SignalWatch) {
        self.signals = signals
    }

    /// Runs the capture and the command, and tells the result as soon as the kernel is left as it was found, which it is
    /// even when this throws.
    /// - Returns: the exit status: the command's own where there is one and all went well.
    func run<Source: Capture & ~Copyable>(
        _ capture: consuming Source, tell: (CaptureResult) -> ExitStatus
    ) throws -> Int32 {
        let child: TracedCommand?
        do {
            try capture.start()
            // Who asked for the end by now does not want the command to run.
            try signals.check()
            child = try command.map { try TracedCommand(starting: $0, signals) }
        } catch {
            let leftBehind = capture.abandon()
            if !leftBehind.isEmpty { Messages.say(leftBehind.joined(separator: "\n")) }
            try signals.check()
            throw error
        }
        logger?.debug("the trace has begun")
        if !capture.hasNumbersOfProc {
            Messages.say(
                "this container numbers its processes by itself: they are shown by the kernel's numbers, and those that were "
                    + "there before without their names")
        }
        var trouble: TracingError?
        do throws(TracingError) {
            if let child { try capture.note(command: child.process) }
            try collect(&capture, child)
        } catch {
            trouble = error
        }
        let status = tell(capture.finish(signals, after: trouble))
        if let child {
            child.check()
            if child.isRunning, signals.stopRequested { child.tellToEnd() }
            if child.isRunning, status != .done { Messages.say("the command keeps running, untraced") }
            child.waitForEnd(signals)
        }
        return status == .done ? child?.status ?? 0 : status.rawValue
    }

    private func collect<Source: Capture & ~Copyable>(
        _ capture: inout Source, _ child: TracedCommand?
    ) throws(TracingError) {
        let deadline = duration.map { Clock.monotonic.now &+ $0 } ?? .max
        var askedToEnd: UInt64?
        var told = 0
        while true {
            let begin = Clock.monotonic.now
            let hasMore = try capture.collect(signals)
            told = tell(capture.disturbances, since: told)
            if capture.isOver { return }

            var limit = deadline
            if let askedToEnd { limit = min(limit < begin ? .max : limit, askedToEnd + Self.grace) }
            pause(&capture, from: begin, until: limit, hasMore: hasMore)

            child?.check()
            if capture.isOver || child?.isRunning == false || areGone() { return }
            let isTimeUp = Clock.monotonic.now >= deadline
            guard isTimeUp || signals.stopRequested else { continue }
            guard let child, signals.stopRequests.count < 2 else { return }
            if isTimeUp { child.tellToEnd() } else { child.heed(signals) }
            let since = askedToEnd ?? Clock.monotonic.now
            askedToEnd = since
            if Clock.monotonic.now - since > Self.grace { return }
        }
    }

    /// Waits until there is something to do.
    /// - Parameters:
    ///   - begin: when the buffers were last emptied.
    ///   - limit: no longer than until then.
    ///   - hasMore: there will be more than the buffers tell.
    private func pause<Source: Capture & ~Copyable>(
        _ capture: inout Source, from begin: UInt64, until limit: UInt64, hasMore: Bool
    ) {
        let waking = capture.waking
        let latest = min(limit, waking.deadline ?? .max)
        func wait(_ span: UInt64, since start: UInt64, _ buffers: [Int32] = []) -> SignalWatch.Wake {
            let (now, next) = (Clock.monotonic.now, min(start &+ span, latest))
            let left = next > now ? (next - now + 999_999) / 1_000_000 : 0
            return signals.wait(milliseconds: Int32(clamping: left), output: capture.watchedOutput, buffers: buffers)
        }
        var wake = hasMore ? wait(Waking.tick, since: begin) : wait(Waking.longest, since: begin, waking.buffers)
        capture.notice(wake)
        guard wake.hasRecords, waking.delay > 0 else { return }
        wake = wait(waking.delay, since: Clock.monotonic.now)
        capture.notice(wake)
    }

    /// Says what was noticed since the last time.
    private func tell(_ disturbances: [Disturbance], since told: Int) -> Int {
        for disturbance in disturbances[told...] { Messages.say("\(disturbance)") }
        return disturbances.count
    }

    /// Whether the processes that were asked for have ended.
    private func areGone() -> Bool {
        let ended = processes.count { !Files.exists("/proc/\($0)") }
        return ended > 0 && (endsWithFirst || ended == processes.count)
    }
}
