internal import ArgumentParser
internal import EventOutput
internal import EventStatistics
internal import Glibc
internal import Logging
internal import SocketEvents
internal import SocketTracing

/// `sockftrace connections`: who talked to whom, how much, how long, and how it ended.
struct ConnectionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "Shows a line for each connection when it ends or fails.",
        discussion: """
            Connections of TCP and of UNIX stream sockets, of a captured trace.dat, or, with -- COMMAND or --live, of \
            the running system, which needs root. Each end that is traced has a line of its own; those still open at \
            the end come last.

            DIR is out for who connected and in for who accepted; - for a connection older than the trace. WAIT is how \
            long connect took, or how long the connection waited to be accepted. SENT and RECV are the bytes of its \
            messages: what programs sent and received, not TCP's segments. END says how it ended: closed, refused, \
            timed out, reset (by the other end), given up, failed, open (at the end of the trace), unknown (records \
            are missing).

            Examples:
              sockftrace connections
              sockftrace connections web.dat --comm nginx
              sockftrace connections web.dat --format csv -o web.csv
              sockftrace connections -- curl -s http://example.org/ -o /dev/null
              sockftrace connections --live --duration 60
              sockftrace connections client.dat -i server.dat
              sockftrace connections --format html -o fetch.html -- curl -s http://example.org/
            """)

    @OptionGroup var source: LiveSourceArguments
    @OptionGroup var recordings: RecordingArguments

    @OptionGroup(title: "What to show") var processes: ProcessArguments
    @OptionGroup(title: "What to show") var filters: FilterArguments
    @OptionGroup(title: "How to show it") var output: ConnectionArguments
    @OptionGroup var capture: CaptureArguments
    @OptionGroup var diagnostics: DiagnosticArguments

    mutating func validate() throws {
        try source.check(recordings, processes, filters, capture)
        _ = try output.export()
    }

    mutating func run() throws {
        if source.isLive(capture) { try runLive() } else { try runOffline() }
    }

    private func runLive() throws {
        let logger = diagnostics.logger()
        let loop = try capture.loop(processes, logger)
        let export = try output.export()
        let aliases = export?.format.aliases ?? ConnectionTracker.aliases
        let options = try capture.options(loop.signals, processes, filters, aliases: aliases)
        if let export { throw ExitCode(try LiveExport.run(export, options, loop, capture, diagnostics)) }
        let sink = try output.file.sink(besides: [], loop.signals)
        let trace = try loop.signals.interruptible { try LiveTrace(options) }
        let renderer = output.renderer(
            time: output.time.column(wallClock: trace.wallClock), wallClock: trace.wallClock)
        let consumer = ConnectionConsumer(OutputSink(sink, loop.signals), [.init(renderer)])
        CaptureLogging.log(trace.plan, trace.verdict, calibrationTime: trace.calibrationTime, to: logger)
        capture.announce("tracing")
        let (capture, isVerbose) = (self.capture, diagnostics.verbose)
        throw ExitCode(
            try loop.run(LiveCapture(trace, consumer)) { capture.tell($0, isVerbose: isVerbose) })
    }

    private func runOffline() throws {
        if let export = try output.export() { return try makeOffline(export) }
        signal(SIGPIPE, SIG_IGN)
        let inputs = try inputs(ConnectionTracker.aliases)
        try inputs.tell(diagnostics.logger())
        var consumer = ConnectionConsumer(
            OutputSink(try output.file.sink(besides: inputs.files.map(\.path), nil)), try sources(inputs),
            title: inputs.files.count == 1 ? "" : LineLabel.title(output.format, width: inputs.labelWidth))
        try inputs.run(into: &consumer, besides: consumer.sink.sink.descriptor)
        try inputs.close(consumer, "connections", isStrict: capture.strict, isVerbose: diagnostics.verbose)
    }

    /// Makes an export of recordings in place of lines.
    private func makeOffline(_ wanted: WantedExport) throws {
        let signals = try SignalWatch()
        let inputs = try inputs(wanted.format.aliases)
        throw ExitCode(
            try RecordingExport.run(inputs, wanted, signals, isStrict: capture.strict, diagnostics).rawValue)
    }

    private func inputs(_ aliases: AliasSet) throws -> ReportInputs {
        try recordings.inputs(source.files, processes, aliases: aliases, filters, readsAhead: true, needsEnds: true)
    }

    private func sources(_ inputs: ReportInputs) throws -> [ConnectionConsumer<OutputSink>.Source] {
        let isAlone = inputs.files.count == 1
        return zip(inputs.files, try inputs.timeColumns(output.time)).map { file, column in
            .init(
                output.renderer(
                    time: column, wallClock: file.facts.wallClock, indent: isAlone ? 0 : inputs.labelWidth + 1),
                label: isAlone ? nil : LineLabel(file.name, output.format, width: inputs.labelWidth))
        }
    }
}
