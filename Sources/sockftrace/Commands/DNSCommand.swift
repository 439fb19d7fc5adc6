internal import ArgumentParser
internal import EventOutput
internal import EventStatistics
internal import Glibc
internal import Logging
internal import SocketEvents
internal import SocketTracing

/// `sockftrace dns`: who asks which name server, and how long answers take.
struct DNSCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dns",
        abstract: "Shows which processes ask which DNS servers, and how long answers take.",
        discussion: """
            It pairs the queries that programs send to port 53 with the answers that they get, by socket and server, in \
            a captured trace.dat, or, with -- COMMAND or --live, in the running system, which needs root. Latency is \
            the time from the call that sends a query to the return of the call that gets the answer.

            Messages are not read, so there are no names and no record types, and DNS over TLS or HTTPS is not seen. Of \
            several queries at once from one socket to one server, the first answer counts for the first query; a query \
            that is sent again counts as one more. NO ANSWER counts queries whose socket was closed before an answer \
            came, PENDING those that had none at the end of the trace.

            Examples:
              sockftrace dns web.dat
              sockftrace dns -- curl -s http://example.org/ -o /dev/null
              sockftrace dns --live --duration 60 --format json
            """)

    @OptionGroup var source: LiveSourceArguments
    @OptionGroup var recordings: RecordingArguments

    @OptionGroup(title: "What to show") var processes: ProcessArguments
    @OptionGroup(title: "What to show") var filters: FilterArguments

    @Option(help: "How to write it: text, json (one object a line) or csv.")
    var format = OutputFormat.text

    @OptionGroup var file: OutputFileArguments

    @OptionGroup var capture: CaptureArguments
    @OptionGroup var diagnostics: DiagnosticArguments

    mutating func validate() throws {
        try source.check(recordings, processes, filters, capture)
    }

    mutating func run() throws {
        if source.isLive(capture) { try runLive() } else { try runOffline() }
    }

    private func runLive() throws {
        let logger = diagnostics.logger()
        let loop = try capture.loop(processes, logger)
        let options = try capture.options(loop.signals, processes, filters, aliases: QueryMeter.aliases)
        let sink = try file.sink(besides: [], loop.signals)
        let trace = try loop.signals.interruptible { try LiveTrace(options) }
        let consumer = QueryConsumer(OutputSink(sink, loop.signals), renderer, sources: 1)
        CaptureLogging.log(trace.plan, trace.verdict, calibrationTime: trace.calibrationTime, to: logger)
        capture.announce("tracing", "Ctrl-C ends it and shows the queries")
        let (capture, isVerbose) = (self.capture, diagnostics.verbose)
        throw ExitCode(
            try loop.run(LiveCapture(trace, consumer, whenDone: { Self.sayStrangers($0.strangers) })) {
                capture.tell($0, isVerbose: isVerbose)
            })
    }

    private func runOffline() throws {
        signal(SIGPIPE, SIG_IGN)
        let inputs = try recordings.inputs(
            source.files, processes, aliases: QueryMeter.aliases, filters, readsAhead: true, needsEnds: true)
        try inputs.tell(diagnostics.logger())
        var consumer = QueryConsumer(
            OutputSink(try file.sink(besides: inputs.files.map(\.path), nil)), renderer, sources: inputs.files.count)
        // Nothing is written until all is counted.
        try inputs.run(into: &consumer, besides: -1)
        Self.sayStrangers(consumer.strangers)
        try inputs.close(consumer, "queries", isStrict: capture.strict, isVerbose: diagnostics.verbose)
    }

    /// What to say of datagrams that may have been queries or answers.
    private static func sayStrangers(_ count: UInt64) {
        guard count > 0 else { return }
        Messages.say("\(count) datagram\(count == 1 ? "" : "s") not counted: their other end is unknown")
    }

    private var renderer: QueryRenderer {
        QueryRenderer(format: format, width: file.isStandardOutput ? Terminal.columns() : nil)
    }
}
