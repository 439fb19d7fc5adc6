internal import EventExport
internal import EventOutput
internal import SocketEvents
internal import SocketTracing

/// A live trace that an export is made of. However the trace ends, the export is completed and gets its name.
struct ExportCapture<Target: Exporter & ~Copyable>: ~Copyable, Capture {
    private var trace: LiveTrace
    private var exporter: Target
    private var file: PartialFile
    private let what: String

    /// Takes a trace whose probes are installed.
    /// - Parameters:
    ///   - file: what the exporter writes to.
    ///   - what: the export, for messages.
    init(
        _ trace: consuming LiveTrace, _ exporter: consuming Target, _ file: consuming PartialFile, _ what: String
    ) {
        self.trace = trace
        self.exporter = exporter
        self.file = file
        self.what = what
    }

    /// Nothing more can be written.
    var isOver: Bool { exporter.isOver }
    var disturbances: [Disturbance] { trace.disturbances }
    var hasNumbersOfProc: Bool { trace.hasNumbersOfProc }

    mutating func start() throws(TracingError) {
        try trace.start()
        exporter.begin()
    }

    var waking: Waking { .onAnyRecord(trace.buffers) }

    mutating func collect(_ signals: SignalWatch) throws(TracingError) -> Bool {
        let hasMore = try trace.drain(into: &exporter)
        exporter.flush()
        return hasMore
    }

    consuming func finish(_ signals: SignalWatch, after trouble: TracingError?) -> CaptureResult {
        // The kernel first: a large export takes its time.
        let report = trace.stop(after: trouble, into: &exporter)
        exporter.end()
        var closing = ExportClosing(report)
        closing.remarks += [report.trouble].compactMap { $0 }.map { "the trace ended early: \($0)" }
        var result = CaptureResult(report: report)
        let name = file.name
        do throws(ExportError) {
            try exporter.finish([closing])
            result.tally = exporter.shown.first.map { .events($0) }
            try Self.keep(&file, what)
            result.export = .success("wrote \(name)")
        } catch {
            result.tally = exporter.shown.first.map { .events($0) }
            result.export = .failure(CommandFailure("cannot write \(what) to \(name): \(error.reason)"))
        }
        return result
    }

    private static func keep(_ file: inout PartialFile, _ what: String) throws(ExportError) {
        do throws(CommandFailure) {
            try file.keep(what)
        } catch {
            throw ExportError(error.description)
        }
    }

    consuming func abandon() -> [String] { trace.abandon() }
}

/// Makes an export of a live trace.
struct LiveExport: ~Copyable, ExportTask {
    private var trace: LiveTrace
    private let format: ExportFormat
    private var file: PartialFile
    private let loop: CaptureLoop
    private let tell: (CaptureResult) -> ExitStatus

    private init(
        _ trace: consuming LiveTrace, _ format: ExportFormat, _ file: consuming PartialFile, _ loop: CaptureLoop,
        tell: @escaping (CaptureResult) -> ExitStatus
    ) {
        self.trace = trace
        self.file = file
        (self.format, self.loop, self.tell) = (format, loop, tell)
    }

    /// Traces into an export.
    /// - Returns: the exit status.
    static func run(
        _ wanted: WantedExport, _ options: TraceOptions, _ loop: CaptureLoop, _ capture: CaptureArguments,
        _ diagnostics: DiagnosticArguments
    ) throws -> Int32 {
        let format = wanted.format
        let file = try PartialFile(for: wanted.path, besides: [], format.what)
        let trace = try loop.signals.interruptible { try LiveTrace(options) }
        CaptureLogging.log(
            trace.plan, trace.verdict, calibrationTime: trace.calibrationTime, to: diagnostics.logger())
        capture.announce("tracing", "Ctrl-C ends it and writes \(format.what)")
        let isVerbose = diagnostics.verbose
        return try LiveExport(trace, format, file, loop) { capture.tell($0, isVerbose: isVerbose) }.make()
    }

    /// Traces until the end of the loop.
    /// - Returns: the exit status.
    consuming func make() throws -> Int32 {
        let (format, path, source) = (self.format, file.path, Self.source(trace))
        // What asks for the end asks for that of the trace.
        return try format.run(self, writing: path, [source]) { false }
    }

    consuming func run<Target: Exporter & ~Copyable>(_ make: () throws(ExportError) -> Target) throws -> Int32 {
        let (what, name, loop, tell) = (format.what, file.name, self.loop, self.tell)
        let exporter: Target
        do throws(ExportError) {
            exporter = try make()
        } catch {
            throw CommandFailure("cannot write \(what) to \(name): \(error.reason)")
        }
        return try loop.run(ExportCapture(trace, exporter, file, what), tell: tell)
    }

    private static func source(_ trace: borrowing LiveTrace) -> ExportSource {
        var source = ExportSource(name: "live trace")
        (source.machine, source.boot, source.beginning) = (trace.machine, trace.bootID, trace.installed)
        source.recorder = "sockftrace \(ProgramVersion.current)"
        source.wallClock = trace.wallClock
        source.flagNames = trace.flagNames ?? .unknown
        return source
    }
}
