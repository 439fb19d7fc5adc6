internal import ArgumentParser
internal import Logging
internal import SocketEvents
internal import SocketTracing

/// When to end, how much room to take, and what to run: the same for `trace` and `record`.
struct CaptureArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Stop after this time, as in 10 (seconds), 0.5, 5min or 1h.", valueName: "time"))
    var duration: TimeSpan?

    @Option(
        name: .customLong("buffer-kb"),
        help: ArgumentHelp("Kernel ring buffer size per CPU, in KiB.", valueName: "KiB"))
    var bufferKilobytes = 4096

    @Option(
        help: ArgumentHelp(
            "Where offsets of struct members come from: btf, calibrate (found by looking at own sockets), or auto.",
            discussion: "auto is btf where the kernel has it, else calibrate.", valueName: "source"))
    var offsets = OffsetSource.auto

    @Flag(help: "Exit with status 3 if records were lost or returns missed.")
    var strict = false

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Run the command as this user.",
            discussion: """
                By name or number as in /etc/passwd, with that user's groups and the current environment. Without it the \
                command runs as the user who runs sockftrace: as root under sudo.
                """,
            valueName: "name|uid"))
    var user: String?

    @OptionGroup(visibility: .hidden) var overrides: OverrideArguments

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp(
            "After --: run this command, and trace only it and its descendants, from its first instruction to its end.",
            valueName: "command"))
    var command: [String] = []

    mutating func validate() throws {
        guard (1...Self.largestBuffer).contains(bufferKilobytes) else {
            throw ValidationError("--buffer-kb \(bufferKilobytes): must be 1 to \(Self.largestBuffer)")
        }
        if command.first?.isEmpty == true { throw ValidationError("the command after -- is empty") }
        if user != nil, command.isEmpty { throw ValidationError("--as needs a command after --") }
    }

    /// 1 TiB per CPU: what is too much for the machine the kernel says itself.
    private static let largestBuffer = 1 << 30

    /// What to trace.
    func options(
        _ signals: SignalWatch, _ processes: ProcessArguments, _ filters: FilterArguments, aliases: AliasSet
    ) throws -> TraceOptions {
        try filters.checkGroups()
        var options = TraceOptions()
        options.aliases = aliases
        options.processes = processes.processes.isEmpty ? nil : Set(processes.processes)
        options.followsChildren = processes.followsChildren
        options.onlyOwnChildren = !command.isEmpty
        options.selection.filter = try filters.filter()
        options.selection.users = try filters.users()
        options.bufferKilobytes = bufferKilobytes
        options.offsets = offsets
        options.overrides = overrides.overrides
        options.cancellation = signals.cancellation
        return options
    }

    /// Refuses to look at two things at once.
    func check(_ processes: ProcessArguments) throws {
        if !processes.processes.isEmpty, !command.isEmpty {
            throw ValidationError("--pid and -- COMMAND cannot be combined")
        }
    }

    /// How to run it. Looks for the command and the processes now, before anything is done to the kernel. From here on a
    /// signal waits for the loop, so that whatever is done to the kernel is taken back.
    /// - Parameter triggers: signals that do not ask for the end.
    func loop(
        _ processes: ProcessArguments, _ logger: Logger, triggers: Set<Int32> = []
    ) throws -> CaptureLoop {
        var loop = CaptureLoop(signals: try SignalWatch(triggers: triggers))
        loop.logger = logger
        if let name = command.first {
            loop.command = CommandLaunch(path: try CommandSearch.path(of: name), words: command)
            if let user { loop.command?.account = try ProcessLookup.account(user) }
        }
        loop.duration = duration?.nanoseconds
        // Children go on after their parents, so there it is for the user to say when it is enough.
        if !processes.followsChildren { loop.processes = processes.processes }
        try processes.checkAlive()
        return loop
    }

    /// Says to whoever sits there that it is for them to end it.
    func announce(_ activity: String, _ end: String = "Ctrl-C ends it") {
        if command.isEmpty, duration == nil, Terminal.hasReader { Messages.say("\(activity); \(end)") }
    }

    /// Says the last words.
    /// - Parameter isVerbose: also of what went well.
    func tell(_ result: CaptureResult, isVerbose: Bool) -> ExitStatus {
        let (text, status) = ReportLines.lines(
            of: result.report, tally: result.tally, isStrict: strict, isVerbose: isVerbose)
        var failure: String?
        switch result.outputEnd?.reason {
        case .failed(let error):
            failure = "cannot write to \(result.outputEnd?.name ?? ""): \(error); the trace ended there"
        case .abandoned: failure = "output stalled: the last events were not written"
        case .closed, nil: break
        }
        if case .failure(let reason) = result.export { failure = reason.description }
        if let failure { Messages.say(failure) }
        let troubles = [result.report.trouble, result.report.fileTrouble].compactMap { $0 }
        for trouble in troubles { Messages.say("\(trouble)") }
        if !text.isEmpty { Messages.say(text) }
        if case .success(let outcome) = result.export { Messages.say(outcome) }
        return failure == nil && troubles.isEmpty ? status : .failed
    }
}
