internal import ArgumentParser
internal import EventOutput
internal import EventStatistics

/// How and where to write connections.
struct ConnectionArguments: ParsableArguments {
    @Option(
        name: .customLong("format"),
        help: ArgumentHelp(
            "How to write connections: text, json (one object a line) or csv.",
            discussion: """
                Or an export of all that is traced, connections included, to the file of -o, as `sockftrace export` makes \
                it: html (a page), sqlite (a database), perfetto or chrome (timelines).
                """,
            valueName: "format"))
    private var choice = FormatChoice.events(.text)

    var format: OutputFormat { choice.lines }

    @OptionGroup var file: OutputFileArguments

    @Option(
        help: ArgumentHelp(
            "What the column TIME shows: trace, relative (to the beginning of the trace) or wall (time of day).",
            valueName: "what"))
    var time = TimeStyle.trace

    @Flag(help: "Show all columns, whatever the width of the terminal.")
    var wide = false

    /// The export to make in place of lines; nil for lines. Refuses what is for lines only.
    func export() throws -> WantedExport? {
        try choice.export(to: file.path, besides: [(wide, "--wide"), (time != .trace, "--time")])
    }

    /// - Parameter indent: columns of the terminal that are taken by something else.
    func renderer(time: TimeColumn, wallClock: Int64?, indent: Int = 0) -> ConnectionRenderer {
        let isForTerminal = file.isStandardOutput
        let width = wide || !isForTerminal ? nil : Terminal.columns().map { max($0 - indent, 1) }
        return ConnectionRenderer(format: format, width: width, time: time, wallClock: wallClock)
    }
}
