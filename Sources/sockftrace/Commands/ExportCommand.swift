internal import ArgumentParser
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
        let wanted = try export.wanted()
        let inputs = try recordings.inputs(
            files, processes, aliases: try probes.aliases() ?? wanted.format.aliases, filters, readsAhead: true)
        throw ExitCode(
            try RecordingExport.run(inputs, wanted, signals, isStrict: strict, diagnostics).rawValue)
    }
}
