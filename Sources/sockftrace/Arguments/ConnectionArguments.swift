internal import ArgumentParser
internal import EventOutput
internal import EventStatistics

/// How and where to write connections.
struct ConnectionArguments: ParsableArguments {
    @Option(help: "How to write connections: text, json (one object a line) or csv.")
    var format = OutputFormat.text

    @OptionGroup var file: OutputFileArguments

    @Option(
        help: ArgumentHelp(
            "What the column TIME shows: trace, relative (to the beginning of the trace) or wall (time of day).",
            valueName: "what"))
    var time = TimeStyle.trace

    @Flag(help: "Show all columns, whatever the width of the terminal.")
    var wide = false

    /// - Parameter indent: columns of the terminal that are taken by something else.
    func renderer(time: TimeColumn, wallClock: Int64?, indent: Int = 0) -> ConnectionRenderer {
        let isForTerminal = file.isStandardOutput
        let width = wide || !isForTerminal ? nil : Terminal.columns().map { max($0 - indent, 1) }
        return ConnectionRenderer(format: format, width: width, time: time, wallClock: wallClock)
    }
}
