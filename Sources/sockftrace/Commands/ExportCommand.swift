internal import ArgumentParser
internal import EventExport
internal import Logging
internal import SocketEvents
internal import SocketTracing

/// `sockftrace export`: what people take away.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Makes a file of captured events that other programs open.",
        discussion: """
            html: a page for any browser that shows what went when, between whom, how fast and what failed; one file that \
            asks nothing of any network.
            sqlite: a database with tables of events, sockets, connections, processes and losses, and views for what is \
            asked most.
            perfetto: a timeline for ui.perfetto.dev, with calls, connections and what they carried.
            chrome: the same as JSON, for older viewers.

            The file takes its name when it is complete; what was there before stays until then. Of several recordings \
            each event says which one it is of.

            Examples:
              sockftrace export web.dat -o web.html
              sockftrace export web.dat -o web.sqlite
              sockftrace export web.dat -o web.pftrace
              sockftrace export client.dat server.dat --protocol tcp -o both.db
            """)

    @Argument(
        help: ArgumentHelp("What was captured; - for standard input. (default: trace.dat)", valueName: "file"),
        completion: Completions.recordings)
    var files: [String] = []

    @OptionGroup var recordings: RecordingArguments
    @OptionGroup(title: "What to take") var processes: ProcessArguments
    @OptionGroup(title: "What to take") var probes: ProbeArguments
    @OptionGroup(title: "What to take") var filters: FilterArguments
    @OptionGroup(title: "What to make of it") var export: ExportArguments

    @Flag(help: "Exit status 3 where records were lost or returns missed.")
    var strict = false

    @OptionGroup var diagnostics: DiagnosticArguments

    mutating func validate() throws {
        try recordings.check(files, processes, filters)
    }

    mutating func run() throws {
        let signals = try SignalWatch()
        let format = try export.chosen()
        let inputs = try recordings.inputs(
            files, processes, aliases: try probes.aliases() ?? aliases(format), filters, readsAhead: true)
        try inputs.tell(diagnostics.logger())
        let file = try PartialFile(for: export.path, besides: inputs.files.map(\.path), format.what)
        let shown = try run(format, RecordingExport(inputs: inputs, what: format.what, signals: signals), file)
        throw ExitCode(
            inputs.tellClosing(shown: shown, isStrict: strict, isVerbose: diagnostics.verbose).rawValue)
    }

    private func aliases(_ format: ExportFormat) -> AliasSet {
        switch format {
        case .html: HTMLExport.aliases
        case .sqlite: SQLiteExport.aliases
        case .perfetto: PerfettoExport.aliases
        case .chrome: ChromeExport.aliases
        }
    }

    private func run(
        _ format: ExportFormat, _ recording: RecordingExport, _ file: consuming PartialFile
    ) throws -> [UInt64] {
        let sources = try RecordingExport.sources(recording.inputs)
        let (program, signals) = ("sockftrace \(ProgramVersion.current)", recording.signals)
        let isCancelled: @Sendable () -> Bool = { signals.isStopRequested }
        let path = file.path
        switch format {
        case .html:
            return try recording.run(file) { () throws(ExportError) in
                try HTMLExport(path: path, sources, program: program, isCancelled: isCancelled)
            }
        case .sqlite:
            return try recording.run(file) { () throws(ExportError) in
                try SQLiteExport(path: path, sources, program: program, isCancelled: isCancelled)
            }
        case .perfetto:
            return try recording.run(file) { () throws(ExportError) in
                try PerfettoExport(path: path, sources, isCancelled: isCancelled)
            }
        case .chrome:
            return try recording.run(file) { () throws(ExportError) in
                try ChromeExport(path: path, sources, isCancelled: isCancelled)
            }
        }
    }
}
