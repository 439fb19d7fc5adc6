internal import ArgumentParser
internal import EventOutput
internal import SocketNames

/// How and where to write events.
struct OutputArguments: ParsableArguments {
    @Option(help: "How to write events: text, json (one object a line) or csv.")
    var format = OutputFormat.text

    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp("Write events to this file instead of standard output.", valueName: "file"))
    var path: String?

    @Flag(
        name: [.customLong("no-colour"), .customLong("no-color")],
        help: "Disable colour (also off without a terminal or with NO_COLOR set).")
    var isColourless = false

    func sink() throws(CommandFailure) -> EventSink {
        guard let path, path != "-" else { return try EventSink() }
        return try EventSink(creating: path)
    }

    /// - Parameters:
    ///   - flagNames: what the bits of `socket.flags` mean on the traced kernel, if known.
    ///   - time: what the first column of text shows.
    func renderer(flagNames: SocketFlagNames?, time: TimeColumn = .clock) -> EventRenderer {
        let isForTerminal = path == nil || path == "-"
        // The widest layout would wrap on most terminals.
        let isNarrow = isForTerminal && (Terminal.columns() ?? .max) < Self.fullWidth
        return EventRenderer(
            format: format, flagNames: flagNames ?? .unknown,
            layout: isNarrow ? .narrow : .full, colour: isForTerminal && !isColourless && Terminal.wantsColour(),
            time: time)
    }

    /// Columns of the full text layout.
    private static let fullWidth = 155
}
