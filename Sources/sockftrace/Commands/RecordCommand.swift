internal import ArgumentParser
internal import Logging
internal import SocketAliases
internal import SocketTracing
internal import SystemPackage
internal import TraceDat

/// `sockftrace record`: captures to a trace.dat.
struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Captures to a trace.dat, to be looked at later.",
        discussion: """
            The kernel's pages are moved to the file as they are, which costs less than telling the events. \
            `sockftrace report` shows them, on any machine and unprivileged; trace-cmd and KernelShark open the file, \
            too. It holds all that any alias needs, of the whole machine, unless --probe narrows it; --pid, -- COMMAND \
            and the filters are noted in the file, and `report` keeps to them (`report --all` does not).

            It ends with Ctrl-C (or SIGTERM, SIGHUP), after --duration, with the command, or with the last process of \
            --pid. Every end, a full disk included, leaves a complete file.

            Examples, as root:
              sockftrace record -- ping -c 1 ::1
              sockftrace record -o web.dat --pid 812 --follow --duration 60
              sockftrace record --probe socket.send --compress
            """)

    @Option(name: [.customLong("output"), .customShort("o")], help: ArgumentHelp("The file.", valueName: "file"))
    var path = "trace.dat"

    @Flag(help: "Compress with zstd, as trace-cmd does: smaller, at the price of processor time.")
    var compress = false

    @Option(
        help: ArgumentHelp("Version of the file format: 7, or 6 for readers older than trace-cmd 3.", valueName: "6|7"))
    var fileVersion = 7

    @OptionGroup(title: "What to record") var processes: ProcessArguments
    @OptionGroup(title: "What to record") var probes: ProbeArguments
    @OptionGroup(title: "What report shows of it") var filters: FilterArguments
    @OptionGroup var capture: CaptureArguments
    @OptionGroup var diagnostics: DiagnosticArguments

    mutating func validate() throws {
        if !processes.processes.isEmpty, !capture.command.isEmpty {
            throw ValidationError("--pid and -- COMMAND exclude each other: record the one or the other")
        }
        if !filters.user.isEmpty {
            throw ValidationError("--user needs a live trace: a recording does not hold the users of processes")
        }
        guard TraceDatWriter.Options.Version(rawValue: fileVersion) != nil else {
            throw ValidationError("--file-version \(fileVersion): give 6 or 7")
        }
        if compress, fileVersion == 6 { throw ValidationError("--compress needs --file-version 7") }
    }

    mutating func run() throws {
        let logger = diagnostics.logger()
        let signals = try SignalWatch()
        var loop = try capture.loop(processes, signals)
        loop.logger = logger
        try processes.checkAlive()
        var options = try capture.options(processes, filters, aliases: try probes.aliases() ?? .all)
        options.notedFilters = filters.words
        var format = RecordingFormat()
        format.compression = compress ? .zstd : .none
        if let version = TraceDatWriter.Options.Version(rawValue: fileVersion) { format.version = version }

        let recording = try Recording(options, to: FilePath(path), as: format)
        CaptureNotes.log(recording.plan, to: logger)
        if capture.command.isEmpty, capture.duration == nil, Terminal.hasReader {
            Messages.say("recording to \(path); Ctrl-C ends it")
        }
        let (capture, path) = (self.capture, self.path)
        throw ExitCode(
            try loop.run(RecordingCapture(recording)) { result in
                if let trouble = result.report.trouble { Messages.say("\(trouble)") }
                Messages.say("\(path) is complete; sockftrace report \(path) shows it")
                return capture.tell(result)
            })
    }
}
