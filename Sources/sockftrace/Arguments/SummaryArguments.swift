internal import ArgumentParser
internal import EventOutput
internal import EventStatistics
internal import SocketEvents
internal import SocketNames

/// What to summarise by, and how to show it.
struct SummaryArguments: ParsableArguments {
    @Option(
        name: .customLong("by"),
        help: ArgumentHelp(
            """
            Group by: process (pid and comm), comm, pid, family, protocol, type, socket, inode, error, peer, remote, \
            local, port, listener, cgroup, file; repeatable, or separated by commas.
            """,
            discussion: """
                By default process,family,protocol. peer is the address at the other end, remote with its port; port \
                the lower port of both ends, which nearly always is the service's; listener the inode of the socket \
                that listened when the connection was accepted; cgroup the control group of a socket's maker.
                """,
            valueName: "what"), completion: Completions.groupings)
    var dimensions: [String] = []

    @Option(
        help: ArgumentHelp(
            "Sort by this, the largest first.",
            discussion: "latency is the same as p99; total is the sum of all latencies."))
    var sort = SummaryOrder.messages

    @Flag(help: "Show messages sent and received on separate lines; JSON and CSV always do.")
    var split = false

    @Option(help: ArgumentHelp("Show the distribution of latency or size.", valueName: "latency|size"))
    var histogram: HistogramSubject?

    @Option(help: ArgumentHelp("Show the N messages that took longest, in place of groups.", valueName: "count"))
    var slowest: Int?

    @Option(
        name: .customLong("diff"),
        help: ArgumentHelp(
            "Compare with an earlier recording.",
            discussion:
                "Groups that changed most in what --sort says come first; by default grouped by name, not process.",
            valueName: "file"), completion: Completions.recordings)
    var before: String?

    @Option(help: ArgumentHelp("Show only the first N groups.", valueName: "count"))
    var top: Int?

    @Option(
        help: ArgumentHelp(
            "How to write the summary: text, json (one object a line), csv or hdr.",
            discussion: """
                hdr is for --histogram: a log with a histogram for each group and direction, in nanoseconds or bytes, which \
                HistogramLogProcessor and other tools of HdrHistogram read.
                """))
    var format = SummaryFormat.text

    @OptionGroup var file: OutputFileArguments

    mutating func validate() throws {
        if let top, top < 1 { throw ValidationError("--top must be 1 or more") }
        if let slowest {
            guard (1...100_000).contains(slowest) else { throw ValidationError("--slowest must be 1 to 100000") }
            if histogram != nil || top != nil || split || !dimensions.isEmpty {
                throw ValidationError(
                    "--slowest shows messages, not groups: leave out --by, --top, --split, --histogram")
            }
        }
        if before != nil, slowest != nil || histogram != nil || split || format == .csv {
            throw ValidationError("--diff cannot be combined with --slowest, --histogram, --split or --format csv")
        }
        if format == .hdr, histogram == nil { throw ValidationError("--format hdr needs --histogram") }
        if histogram != nil, format == .csv {
            throw ValidationError("--histogram is for text and json, or for a log with --format hdr")
        }
        _ = try options()
    }

    func options() throws -> SummaryOptions {
        var options = SummaryOptions()
        (options.order, options.top, options.isSplit) = (sort, top, split)
        (options.histogram, options.slowest) = (histogram, slowest)
        options.encodesHistograms = format == .hdr
        // Process numbers are others in another run.
        if before != nil { options.dimensions = [.comm, .family, .protocol] }
        if !dimensions.isEmpty {
            options.dimensions = Set(
                try dimensions.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
                    .flatMap(dimensions(named:)))
        }
        return options
    }

    static var groupingNames: [String] { ["process"] + SummaryDimension.allCases.map(\.rawValue) }

    private func dimensions(named text: Substring) throws -> [SummaryDimension] {
        let lower = text.lowercased()
        if lower == "process" { return [.pid, .comm] }
        if let dimension = SummaryDimension(rawValue: lower) { return [dimension] }
        let names = Self.groupingNames
        var message = "unknown --by key '\(text)'"
        if let nearest = NameArguments.nearest(to: String(text), among: names) {
            message += "; did you mean \(nearest)?"
        }
        throw ValidationError(message + "\nknown: " + names.joined(separator: ", "))
    }

    /// What writes the summary.
    /// - Parameters:
    ///   - inputs: files that are read meanwhile.
    ///   - sources: name, flags and wall clock of each trace or recording.
    func consumer(
        _ signals: SignalWatch?, besides inputs: [String] = [],
        sources: [(name: String, flagNames: SocketFlagNames?, wallClock: Int64?)],
        groupPaths: @escaping () -> [UInt64: String] = { [:] }
    ) throws -> SummaryConsumer<OutputSink> {
        let width = file.isStandardOutput ? Terminal.columns() : nil
        let form: OutputFormat = format == .text ? .text : format == .json ? .json : .csv
        let renderers = sources.map {
            EventRenderer(
                format: form, flagNames: $0.flagNames ?? .unknown,
                layout: TextLayout(fitting: width, aliases: AliasSet([.send, .receive])), wallClock: $0.wallClock)
        }
        return SummaryConsumer(
            OutputSink(try file.sink(besides: inputs, signals), signals), try options(), format: format, width: width,
            sources: renderers, fileNames: sources.map(\.name), wallClock: sources.first?.wallClock,
            groupPaths: groupPaths)
    }

    /// Writes how two summaries differ.
    /// - Parameter inputs: the files that they are of.
    func write(_ difference: SummaryDifference, besides inputs: [String]) throws {
        var out = OutputBuffer()
        if format == .text {
            difference.renderText(width: file.isStandardOutput ? Terminal.columns() : nil, into: &out)
        } else {
            difference.renderJSON(into: &out)
        }
        var sink = OutputSink(try file.sink(besides: inputs, nil))
        sink.write(out)
        if case .failed(let error) = sink.sink.end {
            throw CommandFailure("cannot write the summary to \(sink.sink.name): \(error)")
        }
    }
}
