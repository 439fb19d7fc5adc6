internal import ArgumentParser
internal import Glibc
internal import Logging
internal import SocketAliases
internal import SocketTracing
internal import SystemPackage

/// `sockftrace report`: the events of a trace.dat.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Shows the socket events of a captured trace.dat.",
        discussion: """
            It needs no privileges and nothing of the machine where the file was captured, be it by `sockftrace \
            record`, or by `trace-cmd record` with the events of `sockftrace probes add`.

            Examples:
              sockftrace report
              sockftrace report web.dat --errors
              sockftrace report --probe socket.sendmsg --probe socket.sendmsg.return
              sockftrace report --format json --protocol tcp > tcp.json
            """)

    @Argument(help: ArgumentHelp("What was captured; - for standard input.", valueName: "file"))
    var file = "trace.dat"

    @Flag(name: .customLong("all"), help: "Show the whole system, though --pid or a command was recorded.")
    var isWholeSystem = false

    @OptionGroup(title: "What to show") var processes: ProcessArguments
    @OptionGroup(title: "What to show") var probes: ProbeArguments
    @OptionGroup(title: "What to show") var filters: FilterArguments
    @OptionGroup(title: "How to show it") var output: OutputArguments

    @Flag(help: "Exit status 3 where records were lost or returns missed.")
    var strict = false

    @OptionGroup var diagnostics: DiagnosticArguments

    mutating func validate() throws {
        if !filters.user.isEmpty {
            throw ValidationError(
                "--user needs a live trace: a recording does not hold the users of processes; use --pid or --comm")
        }
        if isWholeSystem, !processes.processes.isEmpty { throw ValidationError("--all and --pid exclude each other") }
    }

    mutating func run() throws {
        signal(SIGPIPE, SIG_IGN)
        var options = ReplayOptions()
        options.aliases = try probes.aliases() ?? .standard
        options.processes = processes.processes.isEmpty ? nil : Set(processes.processes)
        options.followsChildren = processes.followsChildren
        options.wholeSystem = isWholeSystem
        var replay =
            file == "-"
            ? try Replay(descriptor: .standardInput, name: "standard input", options: options)
            : try Replay(path: FilePath(file), options: options)
        let logger = diagnostics.logger()
        for remark in replay.facts.remarks { logger.debug("\(remark)") }

        let filter =
            try filters.words.isEmpty
            ? FilterArguments.filter(noted: isWholeSystem ? [] : replay.notedFilters) : filters.filter()
        var writer = EventWriter(
            try output.sink(), renderer: output.renderer(flagSpec: replay.flagSpec), filter: filter)
        writer.writeHeader(nil)
        while writer.sinkEnd == nil, let batch = try replay.nextBatch() { writer.write(batch, nil) }
        if writer.sinkEnd == .closed { return }
        if case .failed(let error) = writer.sinkEnd {
            throw CommandFailure("cannot write the events to \(writer.sinkName): \(error)")
        }
        throw ExitCode(
            tell(replay.closingReport, shown: writer.shown, replay.facts.remarks, damage: replay.damage).rawValue)
    }

    private func tell(_ report: ClosingReport, shown: UInt64, _ remarks: [String], damage: [String]) -> ExitStatus {
        for part in damage { Messages.say(part) }
        let prefix = "field offsets "
        let origin = remarks.first { $0.hasPrefix(prefix) }?.dropFirst(prefix.count)
        let (text, status) = ClosingLines.lines(
            of: report, shown: shown, origin: origin.map(String.init), isStrict: strict)
        Messages.say(text)
        return damage.isEmpty ? status : .failed
    }
}
