internal import ArgumentParser
internal import Logging
internal import SocketEvents
internal import SocketTracing
internal import SystemPackage
internal import TraceDat

/// `sockftrace record`: captures to a trace.dat.
struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Captures to a trace.dat, to be looked at later.",
        discussion: """
            The kernel's pages are moved to the file as they are, which costs less than showing events; the file is \
            compressed at the end. \
            `sockftrace report` shows them, on any machine and unprivileged; trace-cmd and KernelShark open the file, \
            too. It holds all that any alias needs, of the whole machine, unless --probe narrows it; --pid, -- COMMAND \
            and the filters are noted in the file, and `report` keeps to them (`report --all` does not).

            It ends with Ctrl-C (or SIGTERM, SIGHUP), after --duration, with the command, or with the last process of \
            --pid. Every end, a full disk included, leaves a complete file.

            Examples, as root:
              sockftrace record -- ping -c 1 ::1
              sockftrace record -o web.dat --pid 812 --follow --duration 60
              sockftrace record --probe socket.send --compression none
              sockftrace record --duration 60 --export report.html
              sockftrace record --discard --errors
              sockftrace record --max-size 200M --keep 5
              sockftrace record --flight-recorder 30s --buffer-kb 32768
              sockftrace record --flight-recorder 64M --on error=ECONNREFUSED --on 'latency>2s'
              ssh root@board sockftrace record -o - | sockftrace report -
            """)

    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp("The file; - for a stream to standard output.", valueName: "file"))
    var path = "trace.dat"

    @Option(
        help: ArgumentHelp(
            "How to compress the file when the recording has ended: zstd, zlib or none.",
            discussion: """
                By default zstd, which every trace-cmd 3 reads; Debian 12's has no zlib. It needs room for both files for \
                as long as it takes. Version 6 knows no compression.
                """,
            valueName: "how"))
    var compression: Compression?

    @Option(
        help: ArgumentHelp("Version of the file format: 7, or 6 for readers older than trace-cmd 3.", valueName: "6|7"))
    var fileVersion = 7

    @OptionGroup var later: LaterExportArguments

    @OptionGroup(title: "How much to keep") var bounds: BoundsArguments
    @OptionGroup(title: "What to record") var processes: ProcessArguments
    @OptionGroup(title: "What to record") var probes: ProbeArguments
    @OptionGroup(title: "What to record") var optional: FieldArguments
    @OptionGroup(title: "What report shows of it") var filters: FilterArguments

    @Flag(
        name: .customLong("discard"),
        help: ArgumentHelp(
            "Leave out messages that the filters do not pass, so that the file is smaller.",
            discussion: """
                What report shows is the same. Each message is then decoded while it is recorded, which takes more \
                processor time than sockftrace trace does. Whatever tells who sockets and processes are is kept, and so is what had not ended \
                within a second. Without --probe, messages count by what report shows by default: socket.send and \
                socket.receive.
                """))
    var discards = false

    @OptionGroup var capture: CaptureArguments
    @OptionGroup var diagnostics: DiagnosticArguments

    mutating func validate() throws {
        try capture.check(processes)
        try later.check(besides: path)
        try filters.checkRecordable()
        try checkDiscarding()
        guard TraceDatWriter.Options.Version(rawValue: fileVersion) != nil else {
            throw ValidationError("--file-version \(fileVersion): give 6 or 7")
        }
        if path == "-", compression != nil || fileVersion != 7 || bounds.isSet || later.isSet {
            throw ValidationError(
                "-o - writes a stream: --compression, --file-version, --max-size, --flight-recorder and --export are for files"
            )
        }
        if path == "-", !filters.cgroup.isEmpty {
            throw ValidationError(
                "-o - and --cgroup cannot be combined: the paths of groups are noted at the end; record to a file, or use trace"
            )
        }
        if bounds.keep != nil, later.isSet {
            throw ValidationError("--export and --keep cannot be combined; use sockftrace export on the files")
        }
        if try bounds.conditions.exit, processes.processes.isEmpty, capture.command.isEmpty {
            throw ValidationError("--on exit needs --pid or a command after --: whose end is meant?")
        }
        if fileVersion == 6, let compression, compression != .none {
            throw ValidationError("--compression \(compression.rawValue) needs --file-version 7")
        }
    }

    private func checkDiscarding() throws {
        guard discards else { return }
        if path == "-" {
            throw ValidationError("--discard is for files: -o - sends all that is recorded; filter it where it is read")
        }
        if bounds.flight != nil {
            throw ValidationError(
                "--discard and --flight-recorder cannot be combined: what a flight recorder has is read at its end")
        }
        guard try filters.filter().hasPartsForDiscarding else {
            throw ValidationError(
                "--discard needs a filter that the kernel cannot apply, as --errors, --family or --min-size: "
                    + "of --pid, --comm and a command the kernel records nothing else, and --cgroup is left to report")
        }
    }

    /// The events that count for --discard: those that are recorded for, and those that report shows if none are named.
    private func countedAliases() throws -> AliasSet? {
        discards ? (try probes.aliases() ?? []).union(.standard) : nil
    }

    /// What became of the file.
    private static func outcome(_ report: TraceReport, _ path: String) -> String {
        if let first = report.files.first, report.fileTrouble == nil {
            let names = report.files.count > 1 ? "\(first) and \(report.files.count - 1) more" : first
            return "wrote \(names); view with: sockftrace report \(path).*"
        }
        let remedy = "view it with: sockftrace report \(path)"
        if report.fileTrouble != nil { return "\(path) is not finished: what it holds can be read; \(remedy)" }
        if report.trouble != nil { return "\(path) holds what was recorded until then; \(remedy)" }
        return "wrote \(path); \(remedy)"
    }

    mutating func run() throws {
        if path == "-" { throw ExitCode(try stream(try prepared())) }
        guard let export = try later.wanted() else { throw ExitCode(try record(try prepared())) }
        // Refused before anything is traced.
        let loop = try prepared()
        let file = try PartialFile(for: export.path, besides: [path], export.format.what, option: "--export")
        let status = try record(loop)
        try make(export.format, file, loop.signals)
        throw ExitCode(status)
    }

    /// Makes an export of what was recorded.
    private func make(
        _ format: ExportFormat, _ file: consuming PartialFile, _ signals: SignalWatch
    ) throws {
        let name = file.name
        // What is recorded may have come to be by another name of the same file.
        try file.check(besides: [path], format.what, option: "--export")
        var options = ReplayOptions()
        (options.aliases, options.readsAhead) = (format.aliases, true)
        let inputs = ReportInputs([try ReportInput(path, options)])
        let shown = try RecordingExport(inputs, format, file, signals).make().first ?? 0
        Messages.say("wrote \(name): \(shown) event\(shown == 1 ? "" : "s")")
    }

    private func prepared() throws -> CaptureLoop {
        var loop = try capture.loop(processes, diagnostics.logger(), triggers: bounds.triggers)
        if try bounds.conditions.exit {
            (loop.processes, loop.endsWithFirst) = (processes.processes, true)
        }
        return loop
    }

    private func options(_ signals: SignalWatch) throws -> TraceOptions {
        var options = try capture.options(signals, processes, filters, aliases: try probes.aliases() ?? .all)
        options.notedFilters = filters.words
        // `report --user` goes by the owner.
        options.optionalFields = [.user] + (try optional.optionalFields())
        return options
    }

    /// - Returns: the exit status.
    private func record(_ loop: CaptureLoop) throws -> Int32 {
        let logger = diagnostics.logger()
        var format = RecordingFormat()
        format.compression = compression ?? (fileVersion == 6 ? .none : .zstd)
        if let version = TraceDatWriter.Options.Version(rawValue: fileVersion) { format.version = version }

        bounds.apply(to: &format)
        format.discarding = try countedAliases()
        let (file, captured, layout) = (FilePath(path), try options(loop.signals), format)
        let recording = try loop.signals.interruptible { try Recording(captured, to: file, as: layout) }
        CaptureLogging.log(recording.plan, recording.verdict, calibrationTime: recording.calibrationTime, to: logger)
        capture.announce("recording to \(path)")
        let (capture, path, isVerbose) = (self.capture, self.path, diagnostics.verbose)
        return try loop.run(RecordingCapture(recording, isCompressed: format.compression != .none)) { result in
            let status = capture.tell(result, isVerbose: isVerbose)
            Messages.say(Self.outcome(result.report, path))
            return status
        }
    }

    /// Records to standard output.
    /// - Returns: the exit status.
    private func stream(_ loop: consuming CaptureLoop) throws -> Int32 {
        let logger = diagnostics.logger()
        loop.command?.writesToError = true
        let (captured, output) = (try options(loop.signals), try StreamOutput(loop.signals))
        let recording = try loop.signals.interruptible { try StreamedRecording(captured) { output.write($0) } }
        CaptureLogging.log(recording.plan, recording.verdict, calibrationTime: recording.calibrationTime, to: logger)
        capture.announce("recording to standard output")
        let (capture, isVerbose) = (capture, diagnostics.verbose)
        return try loop.run(StreamingCapture(recording, output)) { capture.tell($0, isVerbose: isVerbose) }
    }
}
