internal import ArgumentParser
internal import EventOutput
internal import EventStatistics
internal import SocketEvents
internal import SocketNames

/// How and where to write events.
struct OutputArguments: ParsableArguments {
    @Option(
        name: .customLong("format"),
        help: ArgumentHelp(
            "How to write events: text, json (one object a line) or csv.",
            discussion: """
                `trace` also makes exports, to the file of -o: html (a page), sqlite (a database), perfetto or chrome \
                (timelines). Of recordings `sockftrace export` makes them.
                """,
            valueName: "format"))
    private var choice = FormatChoice.events(.text)

    var format: OutputFormat { choice.lines }

    @Option(help: ArgumentHelp("Stop after this many events.", valueName: "count"))
    var count: UInt64?

    @OptionGroup var file: OutputFileArguments

    @Option(
        help: ArgumentHelp(
            """
            What the column TIME shows: trace (seconds of the trace clock), relative (to the beginning of the trace or \
            recording) or wall (time of day).
            """,
            discussion: "JSON and CSV always have nanoseconds of the trace clock, and since 1970 as `wall`.",
            valueName: "what"))
    var time = TimeStyle.trace

    @Flag(
        name: [.customLong("story"), .customLong("by-socket")],
        help: ArgumentHelp(
            "Show the story of each socket when it is closed, in place of events.",
            discussion: """
                How it was made, both ends, its messages in both directions with the times between them, errors, totals, \
                as text or JSON. Those that are open at the end come last.
                """))
    var isStory = false

    @Option(
        help: ArgumentHelp(
            "With --story, show at most this many steps of each socket: the first half and the last half.",
            discussion: "By default 40.", valueName: "count"))
    var steps: Int?

    @OptionGroup var optional: FieldArguments

    @Flag(help: "Show all columns and exact numbers, whatever the width of the terminal.")
    var wide = false

    @Option(
        name: .customLong("columns"),
        help: ArgumentHelp(
            "Show these columns, separated by commas.",
            discussion: "Known: \(TextColumn.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "names"),
        completion: Completions.columns)
    var columnNames: [String] = []

    @Flag(name: .customLong("no-header"), help: "Omit the line of column titles.")
    var isHeaderless = false

    @Flag(
        name: [.customLong("no-colour"), .customLong("no-color")],
        help: "Disable colour (also off without a terminal or with NO_COLOR set).")
    var isColourless = false

    mutating func validate() throws {
        if count == 0 { throw ValidationError("--count must be 1 or more") }
        try checkStory()
        if format == .text, !optional.fields.isEmpty { throw ValidationError("--fields is for --format json and csv") }
        let columns = try columns()
        if wide, !columns.isEmpty { throw ValidationError("--wide and --columns cannot be combined") }
        guard format != .text else { return }
        if time != .trace {
            throw ValidationError(
                "--time \(time.rawValue) is for text: \(format.rawValue) always has nanoseconds of the trace clock")
        }
        if wide || !columns.isEmpty {
            throw ValidationError("\(wide ? "--wide" : "--columns") is for text: \(format.rawValue) has all fields")
        }
    }

    /// The export to make in place of lines; nil for lines. Refuses what is for lines only.
    func export() throws -> WantedExport? {
        try choice.export(
            to: file.path,
            besides: [
                (isStory, "--story"), (count != nil, "--count"), (!columnNames.isEmpty, "--columns"),
                (wide, "--wide"), (time != .trace, "--time"), (isHeaderless, "--no-header"),
            ])
    }

    /// Refuses exports, where other commands make them.
    func checkLines() throws { try choice.checkLines() }

    private func checkStory() throws {
        guard isStory else {
            if steps != nil { throw ValidationError("--steps needs --story") }
            return
        }
        if let steps, !(2...1_000_000).contains(steps) { throw ValidationError("--steps must be 2 to 1000000") }
        if format == .csv { throw ValidationError("--story is for text and json") }
        if count != nil || !columnNames.isEmpty {
            throw ValidationError("--story cannot be combined with --count or --columns")
        }
    }

    /// What writes the stories of one source.
    func storyRenderer(time: TimeColumn, wallClock: Int64?) -> StoryRenderer {
        let isForTerminal = file.isStandardOutput
        return StoryRenderer(
            isJSON: format == .json, width: wide || !isForTerminal ? nil : Terminal.columns(), time: time,
            wallClock: wallClock, hasHeader: !isHeaderless)
    }

    /// How many steps of each socket are shown.
    var stepLimit: Int { steps ?? 40 }

    /// What to say of events that are part of no story.
    static func sayStrangers(_ count: UInt64) {
        guard count > 0 else { return }
        Messages.say("\(count) event\(count == 1 ? "" : "s") not shown: it is not known of which socket")
    }

    /// The columns that the user named.
    private func columns() throws -> [TextColumn] {
        try columnNames.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map { name in
            if let column = TextColumn.named(String(name)) { return column }
            let names = TextColumn.allCases.map(\.rawValue)
            var message = "unknown column '\(name)'"
            if let nearest = NameArguments.nearest(to: String(name), among: names) {
                message += "; did you mean \(nearest)?"
            }
            throw ValidationError(message + "\nknown: " + names.joined(separator: ", "))
        }
    }

    /// - Parameters:
    ///   - flagNames: what the bits of `socket.flags` mean on the traced kernel, if known.
    ///   - aliases: whose events there may be.
    ///   - time: what the column TIME shows.
    ///   - wallClock: nanoseconds from the trace clock to the time since 1970, if known.
    ///   - indent: columns of the terminal that are taken by something else.
    func renderer(
        flagNames: SocketFlagNames?, aliases: AliasSet, time: TimeColumn, wallClock: Int64?, indent: Int = 0
    ) throws -> EventRenderer {
        let isForTerminal = file.isStandardOutput
        let columns = try columns()
        let layout =
            wide || !columns.isEmpty
            ? TextLayout(columns, aliases: aliases, time: time)
            : TextLayout(
                fitting: isForTerminal ? Terminal.columns().map { max($0 - indent, 1) } : nil, aliases: aliases,
                time: time)
        return EventRenderer(
            format: format, flagNames: flagNames ?? .unknown, layout: layout,
            colour: isForTerminal && !isColourless && Terminal.wantsColour(), time: time, wallClock: wallClock,
            optional: try optional.optionalFields(), hasHeader: !isHeaderless)
    }
}
