internal import EventExport
internal import EventOutput
internal import SocketEvents
internal import SocketNames
internal import SocketTracing

/// Makes an export of recordings.
struct RecordingExport {
    let inputs: ReportInputs
    let what: String
    let signals: SignalWatch

    /// Reads all recordings into an exporter, and gives its file the name when it is complete.
    /// - Parameter make: makes the exporter.
    /// - Returns: events taken, of each recording.
    func run<Target: Exporter & ~Copyable>(
        _ file: consuming PartialFile, _ make: () throws(ExportError) -> Target
    ) throws -> [UInt64] {
        let name = file.name
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
        try checkWanted()
        do throws(ExportError) {
            try exporter.finish(inputs.files.map(Self.closing))
        } catch {
            throw failure(error)
        }
        try checkWanted()
        let shown = exporter.shown
        try file.keep(what)
        return shown
    }

    /// Throws where the end was asked for.
    private func checkWanted() throws(CommandFailure) {
        guard signals.isStopRequested, let request = signals.stopRequests.first else { return }
        throw CommandFailure("stopped by signal \(request.number): \(what) was not written")
    }

    static func sources(_ inputs: ReportInputs) throws -> [ExportSource] {
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
        let report = file.closingReport
        var closing = ExportClosing()
        (closing.lostRecords, closing.uncountedLosses) = (report.lostRecords, report.uncountedLosses)
        (closing.missedReturns, closing.unfinished) = (report.missedReturns, report.statistics.unfinished)
        closing.remarks = file.damage + (report.earlyEnd.map { ["the recording ended early: \($0)"] } ?? [])
        return closing
    }
}
