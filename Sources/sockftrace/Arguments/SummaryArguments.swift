internal import ArgumentParser
internal import EventOutput
internal import EventStatistics

/// What to summarise by, and how to show it.
struct SummaryArguments: ParsableArguments {
    @Option(
        name: .customLong("by"),
        help: ArgumentHelp(
            "Group by: comm, pid, family, protocol, type, socket, error; repeatable, or joined by commas.",
            discussion: "By default pid,comm,family,protocol. Sent and received messages are always told apart.",
            valueName: "what"))
    var dimensions: [String] = []

    @Option(help: "What comes first: the most messages, bytes, errors, or the longest latency (99th percentile).")
    var sort = SummaryOrder.messages

    @Option(help: ArgumentHelp("Show only the first N groups.", valueName: "count"))
    var top: Int?

    @Option(help: "How to write the summary: text, json (one object a line) or csv.")
    var format = SummaryFormat.text

    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp("Write the summary to a file.", valueName: "file"))
    var path: String?

    mutating func validate() throws {
        if let top, top < 1 { throw ValidationError("--top \(top): give 1 or more") }
        _ = try options()
    }

    func options() throws -> SummaryOptions {
        var options = SummaryOptions()
        (options.order, options.top) = (sort, top)
        if !dimensions.isEmpty {
            options.dimensions = Set(
                try dimensions.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map(dimension))
        }
        return options
    }

    private func dimension(_ text: Substring) throws -> SummaryDimension {
        if let dimension = SummaryDimension(rawValue: text.lowercased()) { return dimension }
        let names = SummaryDimension.allCases.map(\.rawValue)
        var message = "--by \(text): there is nothing of that name"
        if let nearest = NameArguments.nearest(to: String(text), among: names) {
            message += "; did you mean \(nearest)?"
        }
        throw ValidationError(message + "\nknown: " + names.joined(separator: ", "))
    }

    func sink() throws(CommandFailure) -> EventSink {
        guard let path, path != "-" else { return try EventSink() }
        return try EventSink(creating: path)
    }
}
