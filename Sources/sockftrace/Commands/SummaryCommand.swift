internal import ArgumentParser
internal import Glibc
internal import Logging
internal import SocketAliases
internal import SocketTracing
internal import SystemPackage

/// `sockftrace summary`: who sent and received how much, offline or live.
struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "Shows who sends and receives how much, how fast, and what fails.",
        discussion: """
            It counts the messages of a captured trace.dat, or, with -- COMMAND or --live, those of the running \
            system, which needs root. A line stands for the messages sent or received by one process over one \
            protocol, unless --by says otherwise. Latency is the time from a call's entry to its return, waiting \
            included; percentiles are exact to two digits. Sizes are those of the messages that did not fail.

            Examples:
              sockftrace summary
              sockftrace summary web.dat --by comm --sort bytes --top 10
              sockftrace summary web.dat --by error --by protocol --errors
              sockftrace summary -- curl -s http://example.org/ -o /dev/null
              sockftrace summary --live --duration 10 --by family,type
            """)

    @Argument(help: ArgumentHelp("What was captured; - for standard input. (default: trace.dat)", valueName: "file"))
    var file: String?

    @Flag(name: .customLong("live"), help: "Trace the running system, until Ctrl-C or --duration.")
    var isLive = false

    @Flag(name: .customLong("all"), help: "Show the whole system, though --pid or a command was recorded.")
    var isWholeSystem = false

    @OptionGroup(title: "What to show") var processes: ProcessArguments
    @OptionGroup(title: "What to show") var filters: FilterArguments
    @OptionGroup(title: "How to show it") var summary: SummaryArguments
    @OptionGroup var capture: CaptureArguments
    @OptionGroup var diagnostics: DiagnosticArguments

    private var tracesLive: Bool { isLive || !capture.command.isEmpty }

    mutating func validate() throws {
        if tracesLive {
            if let file { throw ValidationError("\(file) and a live trace exclude each other") }
            if isWholeSystem { throw ValidationError("--all is for recordings") }
        } else {
            if !filters.user.isEmpty {
                throw ValidationError(
                    "--user needs a live trace: a recording does not hold the users of processes; use --pid or --comm")
            }
            if capture.duration != nil { throw ValidationError("--duration needs --live or -- COMMAND") }
        }
        if isWholeSystem, !processes.processes.isEmpty { throw ValidationError("--all and --pid exclude each other") }
        if !processes.processes.isEmpty, !capture.command.isEmpty {
            throw ValidationError("--pid and -- COMMAND exclude each other: trace the one or the other")
        }
    }

    mutating func run() throws {
        if tracesLive { try runLive() } else { try runOffline() }
    }

    /// Each message once, whatever its route.
    private static let aliases = AliasSet([Alias.send, .receive])

    private func runLive() throws {
        let logger = diagnostics.logger()
        // From here on a signal waits for the loop, so that whatever is done to the kernel is taken back.
        let signals = try SignalWatch()
        var loop = try capture.loop(processes, signals)
        loop.logger = logger
        try processes.checkAlive()
        let owners = try filters.owners()
        let options = try capture.options(processes, aliases: Self.aliases)
        let writer = try writer(try filters.filter(), owners)

        let trace = try LiveTrace(options)
        CaptureNotes.log(trace.plan, to: logger)
        if capture.command.isEmpty, capture.duration == nil, Terminal.hasReader {
            Messages.say("tracing; Ctrl-C ends it and shows the summary")
        }
        let capture = self.capture
        throw ExitCode(try loop.run(SummaryCapture(trace, writer)) { capture.tell($0) })
    }

    private func runOffline() throws {
        signal(SIGPIPE, SIG_IGN)
        var options = ReplayOptions()
        options.aliases = Self.aliases
        options.processes = processes.processes.isEmpty ? nil : Set(processes.processes)
        options.followsChildren = processes.followsChildren
        options.wholeSystem = isWholeSystem
        var replay =
            file == "-"
            ? try Replay(descriptor: .standardInput, name: "standard input", options: options)
            : try Replay(path: FilePath(file ?? "trace.dat"), options: options)
        let logger = diagnostics.logger()
        for remark in replay.facts.remarks { logger.debug("\(remark)") }

        let filter =
            try filters.words.isEmpty
            ? FilterArguments.filter(noted: isWholeSystem ? [] : replay.notedFilters) : filters.filter()
        var writer = try writer(filter, nil)
        while let batch = try replay.nextBatch() { writer.add(batch) }
        writer.write(nil)
        if writer.sinkEnd == .closed { return }
        if case .failed(let error) = writer.sinkEnd {
            throw CommandFailure("cannot write the summary to \(writer.sinkName): \(error)")
        }
        throw ExitCode(tell(replay.closingReport, shown: writer.shown, damage: replay.damage).rawValue)
    }

    private func writer(_ filter: EventFilter, _ owners: ProcessOwners?) throws -> SummaryWriter {
        SummaryWriter(
            try summary.sink(), try summary.options(), format: summary.format, filter: filter, owners: owners)
    }

    private func tell(_ report: ClosingReport, shown: UInt64, damage: [String]) -> ExitStatus {
        for part in damage { Messages.say(part) }
        let (text, status) = ClosingLines.lines(of: report, shown: shown, isStrict: capture.strict)
        Messages.say(text)
        return capture.strict && !damage.isEmpty ? .incomplete : status
    }
}
