internal import ArgumentParser
internal import EventOutput
internal import EventStatistics
internal import Logging
internal import SocketEvents
internal import SocketTracing

/// `sockftrace top`: who uses what now.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows who sends and receives how much, refreshed each second.",
        discussion: """
            On a terminal it fills the screen; h shows the keys, q quits. Elsewhere, or with --batch, it writes one \
            snapshot after the other, with --format json one object a line. Rates, failures, connections and latencies \
            are those of the last interval, totals count from the start. CONNS are connections made or accepted. \
            Latency of receives includes waiting for data.

            Examples, as root:
              sockftrace top
              sockftrace top --by user --sort messages
              sockftrace top --protocol udp --interval 5
              sockftrace top --batch --count 10 > top.txt
              sockftrace top --format json --interval 10 >> top.json
            """)

    @OptionGroup(title: "What to show") var processes: ProcessArguments
    @OptionGroup(title: "What to show") var filters: FilterArguments

    @Option(name: .customLong("by"), help: ArgumentHelp("Group by this.", valueName: "what"))
    var grouping = TopGrouping.process

    @Option(help: "Sort by this, the largest first: of the last interval, or total.")
    var sort = TopOrder.bytes

    @Option(help: ArgumentHelp("Time between refreshes, as in 1, 0.5 or 10s.", valueName: "time"))
    var interval = TimeSpan(nanoseconds: 1_000_000_000)

    @Option(help: ArgumentHelp("Stop after this many snapshots.", valueName: "count"))
    var count: Int?

    @Flag(name: [.long, .customShort("b")], help: "Write snapshots one after the other, even on a terminal.")
    var batch = false

    @Option(help: "How to write snapshots: text or json (one object a line).")
    var format = TopFormat.text

    @OptionGroup var capture: CaptureArguments
    @OptionGroup var diagnostics: DiagnosticArguments

    /// A form in which snapshots can be written.
    enum TopFormat: String, CaseIterable, WordArgument {
        case text
        case json
    }

    mutating func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be 1 or more") }
        guard interval.nanoseconds >= 100_000_000 else { throw ValidationError("--interval must be at least 100ms") }
        try capture.check(processes)
    }

    mutating func run() throws {
        let logger = diagnostics.logger()
        let loop = try capture.loop(processes, logger)
        var options = try capture.options(loop.signals, processes, filters, aliases: TrafficMeter.aliases)
        options.optionalFields = [.cgroup]
        let trace = try loop.signals.interruptible { try LiveTrace(options) }
        CaptureLogging.log(trace.plan, trace.verdict, calibrationTime: trace.calibrationTime, to: logger)
        let consumer = TopConsumer(OutputSink(try EventSink(), loop.signals), style, wallClock: trace.wallClock)
        let (capture, isVerbose) = (self.capture, diagnostics.verbose)
        throw ExitCode(try loop.run(LiveCapture(trace, consumer)) { capture.tell($0, isVerbose: isVerbose) })
    }

    private var style: TopConsumer.Style {
        var style = TopConsumer.Style()
        (style.view.grouping, style.view.order) = (grouping, sort)
        (style.isJSON, style.isBatch) = (format == .json, batch)
        (style.interval, style.count, style.columns) = (interval.nanoseconds, count, Terminal.columns())
        return style
    }
}
