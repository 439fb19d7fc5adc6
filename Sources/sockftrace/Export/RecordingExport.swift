internal import EventExport
internal import EventOutput
internal import SocketEvents
internal import SocketNames
internal import SocketTracing

/// Makes an export of recordings.
struct RecordingExport: ~Copyable, ExportTask {
    private let inputs: ReportInputs
    private let format: ExportFormat
    private var file: PartialFile
    private let signals: SignalWatch
    /// Requests to stop that came before it began were for something else.
    private let earlierRequests: Int

    init(
        _ inputs: ReportInputs, _ format: ExportFormat, _ file: consuming PartialFile, _ signals: SignalWatch
    ) {
        (self.inputs, self.format, self.signals) = (inputs, format, signals)
        self.file = file
        earlierRequests = signals.stopRequests.count
    }

    /// Makes an export and says what the recordings came to.
    static func run(
        _ inputs: ReportInputs, _ wanted: WantedExport, _ signals: SignalWatch, isStrict: Bool,
        _ diagnostics: DiagnosticArguments
    ) throws -> ExitStatus {
        try inputs.tell(diagnostics.logger())
        let file = try PartialFile(for: wanted.path, besides: inputs.files.map(\.path), wanted.format.what)
        let shown = try RecordingExport(inputs, wanted.format, file, signals).make()
        return inputs.tellClosing(
            tallies: shown.map { .events($0) }, isStrict: isStrict, isVerbose: diagnostics.verbose)
    }

    /// Reads all recordings into the export, and gives its file the name when it is complete.
    /// - Returns: events taken, of each recording.
    consuming func make() throws -> [UInt64] {
        let (format, path, signals, earlier) = (self.format, file.path, self.signals, earlierRequests)
        let sources = try Self.sources(inputs)
        return try format.run(self, writing: path, sources) { signals.hasStopRequest(after: earlier) }
    }

    consuming func run<Target: Exporter & ~Copyable>(_ make: () throws(ExportError) -> Target) throws -> [UInt64] {
        let (what, name) = (format.what, file.name)
        func failure(_ error: ExportError) -> CommandFailure {
            CommandFailure("cannot write \(what) to \(name): \(error.reason)")
        }
        var exporter: Target
        do throws(ExportError) {
            exporter = try make()
        } catch {
            throw failure(error)
        }
        do throws(TracingError) {
            try inputs.run(into: &exporter, besides: -1)
        } catch {
            // What is left of a damaged recording is worth having, and the export says that it is damaged.
            if inputs.files.allSatisfy({ $0.damage.isEmpty }) { throw error }
            exporter.end()
        }
        try Self.checkWanted(signals, earlierRequests, what)
        do throws(ExportError) {
            try exporter.finish(inputs.files.map(Self.closing))
        } catch {
            throw failure(error)
        }
        try Self.checkWanted(signals, earlierRequests, what)
        let shown = exporter.shown
        try file.keep(what)
        return shown
    }

    /// Throws where the end was asked for.
    private static func checkWanted(
        _ signals: SignalWatch, _ earlier: Int, _ what: String
    ) throws(CommandFailure) {
        guard signals.hasStopRequest(after: earlier), let request = signals.stopRequests.last else { return }
        throw CommandFailure("stopped by signal \(request.number): \(what) was not written")
    }

    private static func sources(_ inputs: ReportInputs) throws -> [ExportSource] {
        try inputs.files.map { file in
            var source = ExportSource(name: file.name)
            let facts = file.facts
            (source.machine, source.recorder, source.boot) = (facts.uname, facts.recorder, facts.bootID)
            (source.clock, source.countsNanoseconds) = (facts.clock, facts.countsNanoseconds)
            source.wallClock = facts.wallClock
            source.beginning = try facts.beginning ?? file.beginning()
            source.flagNames = file.flagNames ?? .unknown
            source.remarks = facts.filters.map { "shown: \($0)" } + facts.remarks
            return source
        }
    }

    private static func closing(_ file: ReportInput) -> ExportClosing {
        var closing = ExportClosing(file.closingReport)
        closing.remarks = file.damage + closing.remarks
        return closing
    }
}

extension ExportClosing {
    /// What a trace came to.
    init(_ report: TraceReport) {
        self.init()
        (lostRecords, uncountedLosses) = (report.lostRecords, report.uncountedLosses)
        (missedReturns, unfinished) = (report.missedReturns, report.statistics.unfinished)
        remarks = report.earlyEnd.map { ["the recording ended early: \($0)"] } ?? []
    }
}
