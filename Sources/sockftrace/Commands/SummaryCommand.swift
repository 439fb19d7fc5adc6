internal import ArgumentParser
internal import EventStatistics
internal import Glibc
internal import LinuxSystem
internal import Logging
internal import SocketEvents
internal import SocketTracing

/// `sockftrace summary`: who sent and received how much, offline or live.
struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "Shows who sends and receives how much, how fast, and what fails.",
        discussion: """
            It counts the messages of a captured trace.dat, or, with -- COMMAND or --live, those of the running \
            system, which needs root. A line stands for the messages of one process over one protocol, unless --by \
            says otherwise. Latency is the time from a call's entry to its return: that of receives is mostly \
            waiting for data. Percentiles are exact to two digits. FAILED and ERRORS count all calls that failed, \
            those that make sockets included; BYTES and sizes are those of messages that did not fail.

            Examples:
              sockftrace summary
              sockftrace summary web.dat --by comm --sort bytes --top 10
              sockftrace summary web.dat --by error,protocol --errors --exclude error=EAGAIN
              sockftrace summary web.dat --by protocol --histogram latency
              sockftrace summary web.dat --slowest 10
              sockftrace summary --diff before.dat after.dat --sort p99
              sockftrace summary monday.dat -i tuesday.dat --since +60 --until +120
              sockftrace summary -- curl -s http://example.org/ -o /dev/null
              sockftrace summary --live --duration 10 --by family,type
            """)

    @OptionGroup var source: LiveSourceArguments
    @OptionGroup var recordings: RecordingArguments

    @OptionGroup(title: "What to show") var processes: ProcessArguments
    @OptionGroup(title: "What to show") var filters: FilterArguments
    @OptionGroup(title: "How to show it") var summary: SummaryArguments
    @OptionGroup var capture: CaptureArguments
    @OptionGroup var threads: ThreadArguments
    @OptionGroup var diagnostics: DiagnosticArguments

    mutating func validate() throws {
        try source.check(recordings, processes, filters, capture)
    }

    mutating func run() throws {
        if source.isLive(capture) {
            try runLive()
        } else if let before = summary.before {
            try compare(with: before)
        } else {
            try runOffline()
        }
    }

    /// Shows what differs between what was captured before and what was captured now.
    private func compare(with before: String) throws {
        signal(SIGPIPE, SIG_IGN)
        let options = try summary.options()
        let old = try count([before], options)
        let new = try count(source.files + recordings.more, options)
        try summary.write(SummaryDifference(old, new, options), besides: [before] + source.files + recordings.more)
    }

    private func count(_ files: [String], _ options: SummaryOptions) throws -> EventSummary {
        var recordings = recordings
        recordings.more = []
        let inputs = try recordings.inputs(
            files, processes, aliases: EventSummary.aliases(options), filters, readsAhead: false,
            needsEnds: options.looksAtEnds, needsGroups: options.dimensions.contains(.cgroup))
        var counter = SummaryCounter(options, sources: inputs.files.count)
        try inputs.run(into: &counter, besides: -1)
        let status = inputs.tellClosing(
            tallies: counter.tallies, isStrict: capture.strict, isVerbose: diagnostics.verbose)
        guard status == .done else { throw ExitCode(status.rawValue) }
        counter.name(groups: inputs.groupPaths)
        return counter.finish()
    }

    private func runLive() throws {
        let logger = diagnostics.logger()
        let loop = try capture.loop(processes, logger)
        var options = try capture.options(
            loop.signals, processes, filters, aliases: EventSummary.aliases(try summary.options()))
        let asksForGroups = try summary.options().dimensions.contains(.cgroup)
        if asksForGroups { options.optionalFields = [.cgroup] }
        // What is gone in the end has its name from the beginning.
        let paths = asksForGroups ? ControlGroups()?.paths() ?? [:] : [:]

        let trace = try loop.signals.interruptible { try LiveTrace(options) }
        let consumer = try summary.consumer(loop.signals, sources: [("", trace.flagNames, trace.wallClock)]) {
            asksForGroups ? paths.merging(ControlGroups()?.paths() ?? [:]) { $1 } : [:]
        }
        CaptureLogging.log(trace.plan, trace.verdict, calibrationTime: trace.calibrationTime, to: logger)
        capture.announce("tracing", "Ctrl-C ends it and shows the summary")
        let (capture, isVerbose) = (self.capture, diagnostics.verbose)
        throw ExitCode(
            try loop.run(LiveCapture(trace, consumer, whenDone: { Self.sayMore($0) })) {
                capture.tell($0, isVerbose: isVerbose)
            })
    }

    private func runOffline() throws {
        signal(SIGPIPE, SIG_IGN)
        let inputs = try recordings.inputs(
            source.files, processes, aliases: EventSummary.aliases(try summary.options()), filters,
            readsAhead: threads.count > 1, needsEnds: try summary.options().looksAtEnds,
            needsGroups: try summary.options().dimensions.contains(.cgroup))
        let groupPaths = inputs.groupPaths
        try inputs.tell(diagnostics.logger())
        let unasked = try summary.options().unasked
        for file in inputs.files { file.omit(unasked) }
        var consumer = try summary.consumer(
            nil, besides: inputs.files.map(\.path),
            sources: inputs.files.map { ($0.name, $0.flagNames, $0.facts.wallClock) }
        ) { groupPaths }
        // Nothing is written until all is counted.
        try inputs.run(into: &consumer, besides: -1)
        Self.sayMore(consumer)
        try inputs.close(consumer, "summary", isStrict: capture.strict, isVerbose: diagnostics.verbose)
    }

    private static func sayMore(_ consumer: borrowing SummaryConsumer<OutputSink>) {
        let count = consumer.summary.groupCount
        if let top = consumer.summary.options.top, count > top { Messages.say("showing \(top) of \(count) groups") }
    }
}
