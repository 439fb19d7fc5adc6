internal import ArgumentParser
internal import EventOutput
internal import EventStatistics
internal import Logging
internal import SocketEvents
internal import SocketTracing

/// `sockftrace trace`: events as they happen.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Shows socket events as they happen.",
        discussion: """
            Events go to standard output, or to the file of -o; everything else goes to standard error. It ends with \
            Ctrl-C (or SIGTERM, SIGHUP), after --duration, with the command, with the last process of --pid, or when \
            the reader of its output goes away.

            A command that still runs when --duration is over, or when sockftrace is stopped, is stopped as well \
            (SIGTERM). If only the output fails, the command keeps running untraced and sockftrace waits for it.

            Examples, as root:
              sockftrace trace -- ping -c 1 ::1
              sockftrace trace --pid 812 --follow --errors
              sockftrace trace --pid 812 --by-socket
              sockftrace trace --protocol tcp --min-size 65536 --duration 10
              sockftrace trace --probe socket.create --probe socket.close -o events
              sockftrace trace --format html -o report.html -- curl -s http://example.org/
            """)

    @OptionGroup(title: "What to trace") var processes: ProcessArguments
    @OptionGroup(title: "What to trace") var probes: ProbeArguments
    @OptionGroup(title: "What to show") var filters: FilterArguments
    @OptionGroup(title: "How to show it") var output: OutputArguments
    @OptionGroup var capture: CaptureArguments
    @OptionGroup var diagnostics: DiagnosticArguments

    mutating func validate() throws {
        try capture.check(processes)
        try probes.check(output)
        _ = try output.export()
    }

    mutating func run() throws {
        let logger = diagnostics.logger()
        let loop = try capture.loop(processes, logger)
        let export = try output.export()
        let aliases = try probes.aliases() ?? export?.format.aliases ?? .standard
        var options = try capture.options(loop.signals, processes, filters, aliases: aliases)
        options.optionalFields = try output.optional.optionalFields()
        if let export { throw ExitCode(try LiveExport.run(export, options, loop, capture, diagnostics)) }
        let sink = try output.file.sink(besides: [], loop.signals)

        let trace = try loop.signals.interruptible { try LiveTrace(options) }
        CaptureLogging.log(trace.plan, trace.verdict, calibrationTime: trace.calibrationTime, to: logger)
        if output.isStory { return try tell(trace, loop, sink) }
        let wallClock = trace.wallClock
        let renderer = try output.renderer(
            flagNames: trace.flagNames, aliases: aliases, time: output.time.column(wallClock: wallClock),
            wallClock: wallClock)
        let stream = EventStream(OutputSink(sink, loop.signals), [.init(renderer)], limit: output.count)
        capture.announce("tracing")
        let (capture, isVerbose) = (self.capture, diagnostics.verbose)
        throw ExitCode(try loop.run(LiveCapture(trace, stream)) { capture.tell($0, isVerbose: isVerbose) })
    }

    /// Not all events of the system are looked at.
    private var isLimited: Bool {
        !processes.processes.isEmpty || !capture.command.isEmpty || filters.isGiven
    }

    /// Shows stories of sockets in place of events.
    private func tell(_ trace: consuming LiveTrace, _ loop: CaptureLoop, _ sink: consuming EventSink) throws {
        let wallClock = trace.wallClock
        let renderer = output.storyRenderer(time: output.time.column(wallClock: wallClock), wallClock: wallClock)
        let consumer = StoryConsumer(
            OutputSink(sink, loop.signals), [.init(renderer)], seesAll: !isLimited, stepLimit: output.stepLimit)
        capture.announce("tracing")
        let (capture, isVerbose) = (self.capture, diagnostics.verbose)
        let live = LiveCapture(
            trace, consumer, whenDone: { OutputArguments.sayStrangers($0.strangers) })
        throw ExitCode(try loop.run(live) { capture.tell($0, isVerbose: isVerbose) })
    }
}
