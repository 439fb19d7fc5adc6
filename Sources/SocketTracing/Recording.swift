internal import LinuxSystem
package import ProbePlanning
internal import RingBuffer
internal import SocketEvents
public import SystemPackage
public import TraceDat
internal import TraceFS

/// How a recording is written.
public struct RecordingFormat: Sendable {
    /// 7 is today's; 6 for old readers.
    package var version: TraceDatWriter.Options.Version = .seven
    /// How the file is compressed when the recording has ended; version 6 knows no compression.
    public var compression: Compression = .zstd

    /// Version 7, compressed by zstd.
    public init() {}
}

/// A capture of the running kernel to a trace.dat: raw sub-buffers are moved, nothing is decoded.
public struct Recording: ~Copyable {
    private var session: ProbeSession
    private var writer: TraceDatWriter
    private let options: TraceOptions
    private let compression: Compression
    private let survey: KernelSurvey
    private let subBufferSize: Int
    private let path: FilePath
    private var notes = RecordingMetadata()
    /// The probes, and why these.
    package let plan: ProbePlan
    /// Whether known calls were seen as they should; nil where that was not tried.
    package let verdict: SelfTestVerdict?
    /// Nanoseconds that calibration took; nil where nothing had to be learnt.
    package let calibrationTime: UInt64?

    /// Sub-buffers moved from one CPU before the next one gets its turn: 1 MiB of 4 KiB pages, so that one busy CPU
    /// cannot starve the others.
    private static let turn = 256

    /// Installs the probes and begins the file; nothing is recorded yet.
    public init(
        _ options: TraceOptions = TraceOptions(), to path: FilePath, as format: RecordingFormat = RecordingFormat()
    ) throws(TracingError) {
        let prepared = try TraceSetup.make(options)
        writer = try Self.writer(for: prepared.session, facts: prepared.kernel.survey.facts, path: path, format)
        survey = prepared.kernel.survey
        verdict = prepared.verdict
        calibrationTime = prepared.kernel.calibrationTime
        subBufferSize = prepared.session.layout.size
        plan = prepared.session.plan
        session = prepared.session
        self.path = path
        self.options = options
        compression = format.version == .six ? .none : format.compression
    }

    /// What the file lacks.
    private static func remarks(_ summary: TraceDatWriter.Summary) -> [String] {
        var remarks: [String] = []
        if let reason = summary.uncompressed { remarks.append("the file is not compressed: \(reason)") }
        if summary.droppedExtension {
            remarks.append("the file lacks what sockftrace itself notes of a recording: there was no room")
        }
        if summary.droppedCommandLines > 0 {
            remarks.append("the file lacks \(summary.droppedCommandLines) names of tasks: there was no room")
        }
        return remarks
    }

    /// What `doctor` would say of the machine, in short.
    private static func remarks(_ survey: KernelSurvey, _ options: TraceOptions) -> [String] {
        let facts = survey.facts
        let features = survey.capabilities.features.map(\.rawValue).sorted().joined(separator: ", ")
        let lockdown = facts.lockdown.map { ", lockdown \($0.rawValue)" } ?? ""
        let cpus = facts.onlineCPUs.map { "\($0)" } ?? "an unknown number"
        return [
            "machine: \(cpus) CPUs at work, \(options.bufferKilobytes) KiB of buffer a CPU\(lockdown)",
            "tracefs: \(features)",
        ]
    }

    private static func writer(
        for session: borrowing ProbeSession, facts: SystemInfo, path: FilePath, _ format: RecordingFormat
    ) throws(TracingError) -> TraceDatWriter {
        var options = TraceDatWriter.Options(
            pageSize: session.layout.size, cpuCount: Int(session.cpus.max() ?? 0) + 1, headerPage: session.headerPage,
            headerEvent: session.headerEvent,
            formats: session.descriptions.map { .init(system: $0.name.group, text: Array($0.format.utf8)) },
            clock: ProbeSession.clock)
        options.version = format.version
        options.uname = "Linux \(facts.nodeName) \(facts.release) \(facts.version) \(facts.machine)"
        options.recorderVersion = "sockftrace"
        options.extensionRoom += noteSize * ((try? TaskList.current().tasks.count) ?? 0)
        do {
            return try TraceDatWriter(path: path, options: options)
        } catch {
            throw .traceDat(error)
        }
    }

    /// Bytes that a task takes among the notes, with room for those that are born until they are written.
    private static let noteSize = 80

    /// Bytes of ring buffer moved to the file so far.
    public var byteCount: UInt64 { writer.byteCount }

    /// Begins to record. What this process starts after the call is recorded from its first instruction.
    public mutating func start() throws(TracingError) {
        try session.start(options)
        notes.tasks = session.tasks
        notes.begin = session.begin
        notes.recorder = "sockftrace " + ProgramVersion.current
        notes.wallClock = ClockOffset.wallClock()
        notes.bootID = ClockOffset.bootID()
        notes.waiting = session.waiting
        notes.tracer = session.numbers.process
        notes.filters = options.notedFilters
        notes.processes = session.processes
        notes.followsChildren = options.followsChildren
        notes.followsTracersChildren = options.onlyOwnChildren
        notes.othersAreLeftOut = session.othersAreLeftOut
        notes.countsFromBegin = true
        notes.probes = plan.probes.map { $0.text(group: session.group) } + plan.tracepoints
        notes.selfTest = verdict
        notes.origin = plan.origin
        try note()
        session.awaitBegin()
    }

    /// Notes the process that is recorded with all that it starts: the record of its birth is still in a buffer, and the disk
    /// may be full before it is moved.
    /// - Parameter process: a child of this process, by its number here.
    package mutating func noteCommand(_ process: Int32) throws(TracingError) {
        guard let number = session.numbers.kernels(process) else { return }
        notes.command = number
        try note()
    }

    /// Puts into the file what readers have to know, before there is any record.
    private mutating func note() throws(TracingError) {
        do {
            if try writer.note(extension: notes.encoded) { return }
            _ = try writer.note(extension: notes.withoutTasks.encoded)
        } catch {
            throw .traceDat(error)
        }
    }

    /// Rounds over all CPUs before `move` returns: a disk that is slower than the traffic must not keep the caller from
    /// noticing that it is to end.
    private static let rounds = 16

    /// Moves the sub-buffers that are full into the file.
    /// - Returns: whether there may be more to move already.
    @discardableResult
    public mutating func move() throws(TracingError) -> Bool {
        session.lookAround()
        for _ in 0..<Self.rounds {
            var isBusy = false
            for stream in 0..<session.streamCount
            where try session.splice(stream: stream, limit: Self.turn, into: &writer) == Self.turn {
                isBusy = true
            }
            guard isBusy else { return false }
        }
        return true
    }

    /// What somebody else did to the recording, as far as it was noticed.
    public var disturbances: [Disturbance] { session.disturbances }

    /// Whether processes and threads have the numbers that /proc tells here: not so in a container with numbers of its own.
    package var hasNumbersOfProc: Bool { session.numbers.areProcs }

    /// Ends the recording, moves the rest, completes the file, and takes everything out of the kernel again.
    ///
    /// Whatever happens, the kernel is left as it was found and the file is completed with what was captured.
    /// - Parameters:
    ///   - trouble: an error of `move` that ends the recording.
    ///   - compresses: asked now and then while the file is compressed, when the kernel is as it was; once it says false
    ///     the file is left uncompressed.
    /// - Returns: a report whose `trouble` is the first thing that went wrong, a full disk for one.
    public consuming func stop(
        after trouble: TracingError? = nil, whileCompressing compresses: () -> Bool = { true }
    ) -> TraceReport {
        var report = TraceReport(statistics: DecodeStatistics())
        var failures = session.stop().map(\.description)
        var trouble = trouble
        do throws(TracingError) {
            if trouble == nil { try moveRest() }
        } catch {
            trouble = error
        }
        do throws(TracingError) {
            report.kernel = try session.kernelCounts()
        } catch {
            trouble = trouble ?? error
        }
        notes.disturbances = session.disturbances
        let names = commandLines()
        failures += session.remove()
        report.origin = plan.origin
        report.selfTest = verdict
        report.leftBehind = failures
        notes.lostRecords = report.kernel?.lostRecords
        notes.missedHits = report.kernel?.missedReturns ?? 0
        notes.remarks = Self.remarks(survey, options)
        notes.choices = plan.choices
        notes.earlyEnd = trouble?.description
        let statistics = zip(session.cpus, report.kernel?.cpus ?? []).map { "CPU: \($0)\n\($1.text)" }
        do {
            let summary = try writer.finish(
                cmdlines: names, cpuStats: statistics, extension: notes.encoded, compressing: compression,
                while: compresses)
            report.fileRemarks = Self.remarks(summary)
            if trouble == nil, let counts = report.kernel { Self.compare(counts, path, &session, while: compresses) }
        } catch {
            report.fileTrouble = .traceDat(error)
        }
        report.trouble = trouble
        report.disturbances = session.disturbances
        return report
    }

    /// Compares the records of the file with those that the kernel says were read. What cannot be read of it says the
    /// reader of the file.
    private static func compare(
        _ counts: KernelCounts, _ path: FilePath, _ session: inout ProbeSession, while goesOn: () -> Bool
    ) {
        guard let records = try? RecordCounts.byCPU(in: path, layout: session.layout, while: goesOn) else { return }
        session.compare(counts, withRecords: session.cpus.map { records[Int($0)] ?? 0 })
    }

    /// Takes everything out of the kernel again, and leaves no file.
    /// - Returns: what could not be removed, and why.
    public consuming func abandon() -> [String] { session.abandon() }

    /// The switch is off: what is left, full or not, is read page by page.
    private mutating func moveRest() throws(TracingError) {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * subBufferSize, alignment: 4096)
        defer { room.deallocate() }
        for stream in 0..<session.streamCount {
            while true {
                let count = try session.read(stream, into: room)
                if count == 0 { break }
                do {
                    try writer.append(
                        cpu: Int(session.cpus[stream]), bytes: UnsafeRawBufferPointer(rebasing: room[..<count]))
                } catch {
                    throw .traceDat(error)
                }
            }
        }
    }

    /// Names for readers that know nothing of the task events: the latest wins.
    private func commandLines() -> [TraceFile.CommandLine] {
        var names: [Int32: TaskName] = [:]
        let living = session.numbers.areProcs ? (try? TaskList.current().tasks) ?? [] : []
        let atEnd = living.map { KnownTask(tid: $0.thread, tgid: $0.process, name: TaskName($0.name)) }
        for task in notes.tasks + session.savedCommandLines() + atEnd {
            if let name = task.name { names[task.tid] = name }
        }
        return names.sorted { $0.key < $1.key }.map { tid, name in
            TraceFile.CommandLine(tid: tid, name: (0..<name.count).map { name[$0] })
        }
    }
}
