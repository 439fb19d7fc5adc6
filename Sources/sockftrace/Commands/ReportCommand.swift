internal import ArgumentParser
internal import BasicContainers
internal import EventOutput
internal import EventStatistics
internal import Glibc
internal import Logging
internal import PlainText
internal import SocketEvents
internal import SocketTracing

/// `sockftrace report`: the events of trace.dat files.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Shows the socket events of captured trace.dat files.",
        discussion: """
            It needs no privileges and nothing of the machine where the file was captured, be it by `sockftrace \
            record`, or by `trace-cmd record` with the events of `sockftrace probes add`.

            With several files, each line names its file. They are put in order of time where they were recorded in one \
            boot of a machine, or where all have the time of day, as those of `sockftrace record` do; else one file \
            follows the other.

            Examples:
              sockftrace report
              sockftrace report web.dat --errors --time wall
              sockftrace report web.dat --story --comm nginx
              sockftrace report web.dat --since +1.5 --until +2 --cpu 0,2-5
              sockftrace report client.dat server.dat --protocol tcp
              sockftrace report --probe socket.sendmsg --probe socket.sendmsg.return
              ssh board cat trace.dat | sockftrace report - --format json > board.json
              sockftrace report --follow-file trace.dat --errors
              sockftrace report --info web.dat
            """)

    @Argument(
        help: ArgumentHelp("The recordings; - for standard input. (default: trace.dat)", valueName: "file"),
        completion: Completions.recordings)
    var files: [String] = []

    @OptionGroup var recordings: RecordingArguments

    @Flag(
        name: .customLong("follow-file"),
        help: ArgumentHelp(
            "Go on while the file is being recorded, as tail -f does, until the recording ends or Ctrl-C.",
            discussion: """
                Events show half a second after they happened, in order. It takes a second until the recorder notices; from \
                then on its file grows by up to 16 KiB a second for each busy CPU more than without. The file has to be on \
                the machine of its recorder. Of a recording with --keep, name the recording: events show from the latest \
                file on, and from one file to the next; or name the file to begin with.
                """))
    var followsFile = false

    @Flag(
        name: .customLong("info"),
        help: "Show a description of the recording in place of events: machine, times, contents, probes.")
    var isInfo = false

    @OptionGroup(title: "What to show") var processes: ProcessArguments
    @OptionGroup(title: "What to show") var probes: ProbeArguments
    @OptionGroup(title: "What to show") var filters: FilterArguments

    @OptionGroup(title: "How to show it") var output: OutputArguments

    @Flag(help: "Exit with status 3 if records were lost or returns missed.")
    var strict = false

    @OptionGroup var threads: ThreadArguments
    @OptionGroup var diagnostics: DiagnosticArguments

    mutating func validate() throws {
        try recordings.check(files, processes, filters)
        if followsFile { try checkFollowing() }
        try probes.check(output)
        try output.checkLines()
    }

    private func checkFollowing() throws {
        let named = files + recordings.more
        guard named.count <= 1 else {
            throw ValidationError("--follow-file follows one file; \(named.count) are named")
        }
        guard named != ["-"] else {
            throw ValidationError("--follow-file needs a file; the events of a stream show as they come without it")
        }
        if isInfo { throw ValidationError("--follow-file and --info cannot be combined") }
    }

    mutating func run() throws {
        signal(SIGPIPE, SIG_IGN)
        // Ctrl-C ends following; the closing report is the same as at any other end.
        let signals = followsFile ? try SignalWatch() : nil
        let inputs: ReportInputs
        do {
            inputs = try recordings.inputs(
                files, processes, aliases: try probes.aliases() ?? .standard, filters, readsAhead: threads.count > 1,
                following: signals)
        } catch let interruption as Interruption {
            throw ExitCode(interruption.status)
        }
        if isInfo { return try showInfo(inputs) }
        try inputs.tell(diagnostics.logger())
        if inputs.isUnordered {
            Messages.say("the files share no clock; they are shown one after the other")
        }
        try output.optional.nameMissing(in: inputs)
        if output.isStory { return try tell(inputs) }
        var stream = EventStream(
            OutputSink(try output.file.sink(besides: inputs.files.map(\.path), nil)), try sources(inputs),
            title: title(inputs), limit: output.count)
        try show(inputs, in: &stream)
        if stream.shown.allSatisfy({ $0 == 0 }) { try nameThreads(inputs) }
        try inputs.close(stream, "events", isStrict: strict, isVerbose: diagnostics.verbose)
    }

    /// Not all events of the recorded systems are looked at.
    private func isLimited(_ inputs: ReportInputs) -> Bool {
        !processes.processes.isEmpty || filters.isGiven || recordings.window.isGiven
            || (!recordings.isWholeSystem && inputs.files.contains { $0.facts.isLimited })
    }

    /// Shows stories of sockets in place of events.
    private func tell(_ inputs: ReportInputs) throws {
        let isAlone = inputs.files.count == 1
        let sources = zip(inputs.files, try inputs.timeColumns(output.time)).map { file, column in
            StoryConsumer<OutputSink>.Source(
                output.storyRenderer(time: column, wallClock: file.facts.wallClock), file: isAlone ? nil : file.name)
        }
        var consumer = StoryConsumer(
            OutputSink(try output.file.sink(besides: inputs.files.map(\.path), nil)), sources,
            seesAll: !isLimited(inputs),
            stepLimit: output.stepLimit)
        try inputs.run(into: &consumer, besides: consumer.sink.sink.descriptor)
        OutputArguments.sayStrangers(consumer.strangers)
        try inputs.close(consumer, "stories", isStrict: strict, isVerbose: diagnostics.verbose)
    }

    /// Writes all events; those of one file in as many threads as are wanted.
    private func show(_ inputs: ReportInputs, in stream: inout EventStream<OutputSink>) throws {
        let output = stream.sink.sink.descriptor
        guard threads.count > 1, self.output.count == nil, inputs.files.count == 1, let file = inputs.files.first,
            !file.isStream,
            let renderer = stream.renderer
        else { return try inputs.run(into: &stream, besides: output) }
        var worker = BatchRenderer(renderer)
        let runner = ParallelBatchRunner(helpers: UniqueArray(repeating: worker, count: threads.count - 1))
        try inputs.run(into: &stream, besides: output) { stream, isWanted throws(TracingError) in
            try runner.run(&worker) { batch, count throws(TracingError) in
                try file.read(into: &batch, count: count)
            } write: { job in
                stream.append(job.output, events: UInt64(job.batch.eventCount), of: 0)
                return isWanted(stream)
            }
        }
    }

    /// Says which threads there are, where none has a name that was asked for.
    private func nameThreads(_ inputs: ReportInputs) throws {
        guard !filters.comm.isEmpty, !(files + recordings.more).contains("-") else { return }
        var everyThread = filters
        everyThread.comm = []
        let all = try recordings.inputs(files, processes, aliases: .standard, everyThread, readsAhead: false)
        var contents = RecordingContents(countsNanoseconds: true)
        try all.run(into: &contents, besides: -1)
        let names = contents.busiestNames
        guard !names.isEmpty else { return }
        Messages.say(
            "no thread is named \(filters.comm.joined(separator: " or ")); the busiest are "
                + names.joined(separator: ", "))
    }

    private func sources(_ inputs: ReportInputs) throws -> [EventStream<OutputSink>.Source] {
        let columns = try inputs.timeColumns(output.time)
        let aliases = try probes.aliases() ?? .standard
        let isAlone = inputs.files.count == 1
        return try zip(inputs.files, columns).map { file, column in
            .init(
                try output.renderer(
                    flagNames: file.flagNames, aliases: aliases, time: column, wallClock: file.facts.wallClock,
                    indent: isAlone ? 0 : inputs.labelWidth + 1),
                label: isAlone ? nil : LineLabel(file.name, output.format, width: inputs.labelWidth))
        }
    }

    private func title(_ inputs: ReportInputs) -> String {
        inputs.files.count == 1 ? "" : LineLabel.title(output.format, width: inputs.labelWidth)
    }

    private func showInfo(_ inputs: ReportInputs) throws {
        var text: [String] = []
        for file in inputs.files {
            var contents = RecordingContents(countsNanoseconds: file.facts.countsNanoseconds)
            try ReportInputs([file]).run(into: &contents, besides: -1)
            let facts = RecordingInfoText.lines(file.facts, beginning: try file.beginning())
            text.append(file.name.substituting("\n", with: " ") + ":")
            for line in facts.known + contents.lines + facts.details {
                text += Self.wrapped(line.text.substituting("\n", with: " "), behind: line.name)
            }
            for part in file.damage { text.append("  damaged    " + part) }
        }
        try StandardOutput.print(text.joined(separator: "\n"))
    }

    /// A fact behind its name, in as many lines as the terminal needs for it.
    private static func wrapped(_ text: String, behind name: String) -> [String] {
        let indent = 13
        let start = "  " + name + String(repeating: " ", count: max(indent - 2 - name.count, 1))
        guard let width = Terminal.columns(), width > 2 * indent else { return [start + text] }
        var lines = [start]
        for word in text.split(separator: " ") {
            let isFirst = lines[lines.count - 1].count <= indent
            if !isFirst, lines[lines.count - 1].count + word.count + 1 > width {
                lines.append(String(repeating: " ", count: indent))
            }
            lines[lines.count - 1] += (lines[lines.count - 1].count <= indent ? "" : " ") + word
        }
        return lines
    }
}
