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
    /// What is held in the kernel until the end; nil where all is written as it comes.
    package var flight: FlightWindow?
    /// Events on which that is written and the recording ends, besides its end.
    package var triggers: [TriggerCondition] = []
    /// How large it becomes; nil for any size.
    package var bounds: RecordingBounds?
    /// Messages are left out of which none of these events passes the filter of the recording's selection; nil where all is
    /// recorded. Not with a flight window.
    package var discarding: AliasSet?

    /// Version 7, compressed by zstd.
    public init() {}
}

/// A capture of the running kernel to a trace.dat: raw sub-buffers are moved, and nothing is decoded but to leave out what is
/// not wanted, if that is asked for.
public struct Recording: ~Copyable {
    /// Before the session: its probes can be removed when nothing else has them on.
    private var triggers: TriggerWatch?
    var session: ProbeSession
    var writer: TraceDatWriter
    let options: TraceOptions
    let flight: FlightWindow?
    private let compression: Compression
    private let survey: KernelSurvey
    private let subBufferSize: Int
    /// The file that is written.
    var path: FilePath
    let fileOptions: TraceDatWriter.Options
    let bounds: RecordingBounds?
    /// Leaves out what is not wanted; nil where all is recorded.
    var discarder: RecordDiscarder?
    let discarding: AliasSet?
    /// Records that were left out of all files, and how many there were.
    var discarded: (dropped: UInt64, all: UInt64) = (0, 0)
    /// Of a recording that goes on in the next file when one is full.
    var parts: RecordingParts?
    /// What the file has that the one before has, too.
    var sharedBytes: UInt64 = 0
    /// What the kernel had counted when the file began.
    var countedBefore = KernelCounts()
    /// The file is as large as it may be, and the only one: the recording is to be stopped.
    package var isFull: Bool { bounds?.keep == nil && hasReachedSize }
    /// Where control groups are looked for; nil where nobody wants them.
    let groups: ControlGroups?
    var notes = RecordingMetadata()
    var watermark = Watermark()
    /// Every record of an earlier time is in the file, as it says to who follows it.
    var horizon: UInt64 = 0
    /// Somebody follows the file, so that it gets what there is several times a second.
    package internal(set) var isFollowed = false
    /// Records were moved since that are later than the horizon.
    var isHorizonDue = false
    /// Where the file does not begin with the recording.
    var seen: SeenTasks?
    /// When a flight recorder looks for names and sockets next, on the monotonic clock; nil of others, and before its first
    /// look.
    package internal(set) var nextLook: UInt64?
    /// The probes, and why these.
    package let plan: ProbePlan
    /// Whether known calls were seen as they should; nil where that was not tried.
    package let verdict: SelfTestVerdict?
    /// Nanoseconds that calibration took; nil where nothing had to be learnt.
    package let calibrationTime: UInt64?

    /// Sub-buffers moved from one CPU before the next one gets its turn: 1 MiB of 4 KiB pages, so that one busy CPU
    /// cannot starve the others.
    static let turn = 256

    /// Installs the probes and begins the file; nothing is recorded yet.
    public init(
        _ options: TraceOptions = TraceOptions(), to path: FilePath, as format: RecordingFormat = RecordingFormat()
    ) throws(TracingError) {
        var options = options
        if let flight = format.flight { Self.sizeBuffers(&options, for: flight) }
        let parts = try Self.parts(path, format)
        let prepared = try TraceSetup.make(options)
        let fileOptions = Self.fileOptions(prepared.session, prepared.kernel.survey.facts, format, options)
        if !format.triggers.isEmpty {
            triggers = try TriggerWatch(format.triggers, on: prepared.kernel.survey, options)
        }
        writer = try Self.writer(parts?.path ?? path, fileOptions)
        self.parts = parts
        self.path = parts?.path ?? path
        self.fileOptions = fileOptions
        compression = format.version == .six ? .none : format.compression
        survey = prepared.kernel.survey
        verdict = prepared.verdict
        calibrationTime = prepared.kernel.calibrationTime
        subBufferSize = prepared.session.layout.size
        plan = prepared.session.plan
        session = prepared.session
        bounds = format.bounds
        self.options = options
        flight = format.flight
        discarding = format.discarding
        groups = options.fetching.details.contains(.cgroup) ? ControlGroups() : nil
    }

    private static func parts(
        _ path: FilePath, _ format: RecordingFormat
    ) throws(TracingError) -> RecordingParts? {
        guard let keep = format.bounds?.keep else { return nil }
        return try RecordingParts(path, keep: keep, format.version == .six ? .none : format.compression)
    }

    /// What the file lacks.
    static func remarks(_ summary: TraceDatWriter.Summary, _ path: FilePath) -> [String] {
        var remarks: [String] = []
        if let reason = summary.uncompressed { remarks.append("\(path) is not compressed: \(reason)") }
        if summary.droppedExtension {
            remarks.append("\(path) lacks what sockftrace itself notes of a recording: there was no room")
        }
        if summary.droppedCommandLines > 0 {
            remarks.append("\(path) lacks \(summary.droppedCommandLines) names of tasks: there was no room")
        }
        return remarks
    }

    /// What `doctor` would say of the machine, in short.
    static func remarks(_ survey: KernelSurvey, _ options: TraceOptions) -> [String] {
        let facts = survey.facts
        let features = survey.capabilities.features.map(\.rawValue).sorted().joined(separator: ", ")
        let lockdown = facts.lockdown.map { ", lockdown \($0.rawValue)" } ?? ""
        let cpus = facts.onlineCPUs.map { "\($0)" } ?? "an unknown number"
        return [
            "machine: \(cpus) CPUs at work, \(options.bufferKilobytes) KiB of buffer per CPU\(lockdown)",
            "tracefs: \(features)",
        ]
    }

    static func writer(
        _ path: FilePath, _ options: TraceDatWriter.Options
    ) throws(TracingError) -> TraceDatWriter {
        do {
            return try TraceDatWriter(path: path, options: options)
        } catch {
            throw .traceDat(error)
        }
    }

    static func fileOptions(
        _ session: borrowing ProbeSession, _ facts: SystemInfo, _ format: RecordingFormat, _ tracing: TraceOptions
    ) -> TraceDatWriter.Options {
        var options = TraceDatWriter.Options(
            pageSize: session.layout.size, cpuCount: Int(session.cpus.max() ?? 0) + 1, headerPage: session.headerPage,
            headerEvent: session.headerEvent,
            formats: session.descriptions.map { .init(system: $0.name.group, text: Array($0.format.utf8)) },
            clock: ProbeSession.clock)
        options.version = format.version
        options.uname = "Linux \(facts.nodeName) \(facts.release) \(facts.version) \(facts.machine)"
        options.recorderVersion = "sockftrace"
        if tracing.fetching.details.contains(.cgroup) { options.extensionRoom += RecordingMetadata.groupRoom }
        options.extensionRoom += noteSize * ((try? TaskList.current().tasks.count) ?? 0)
        return options
    }

    /// Bytes that a task takes among the notes, with room for those that are born until they are written.
    private static let noteSize = 80

    /// Bytes of ring buffer moved to the file that is written so far.
    public var byteCount: UInt64 { writer.byteCount }

    /// Begins to record. What this process starts after the call is recorded from its first instruction.
    public mutating func start() throws(TracingError) {
        try parts?.removeOldest()
        if flight != nil { try letRingsOverwrite() }
        try triggers?.begin()
        try session.start(options)
        try triggers?.start(session, options)
        if discarding != nil {
            _ = session.wake(atPercent: 0)
        } else if flight == nil {
            watermark.isTrusted = session.wake(atPercent: Watermark.percent)
        }
        notes.note(session, options, plan, verdict)
        notes.remarks = Self.remarks(survey, options)
        notes.discarding = discarding?.members.map { "\($0.name)" }
        beginDiscarding()
        // Else a file has a part of what the kernel counts.
        notes.countsFromBegin = flight == nil && parts == nil
        if !notes.countsFromBegin { seen = SeenTasks(session.tasks, at: session.begin) }
        notes.note(groups)
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
    mutating func note() throws(TracingError) {
        do {
            try Self.note(notes, in: &writer)
        } catch {
            throw .traceDat(error)
        }
        writer.publish(horizon: horizon)
    }

    static func note(_ notes: RecordingMetadata, in writer: inout TraceDatWriter) throws(TraceDatError) {
        if try writer.note(extension: notes.encoded) { return }
        _ = try writer.note(extension: notes.withoutTasks.encoded)
    }

    /// Rounds over all CPUs before `move` returns: a disk that is slower than the traffic must not keep the caller from
    /// noticing that it is to end.
    static let rounds = 16

    /// Moves the sub-buffers that are full into the file; those of a flight recorder stay where they are.
    /// - Parameter isWoken: poll(2) said of one of the `buffers` that it can be read.
    /// - Returns: whether there may be more to move already.
    @discardableResult
    public mutating func move(isWoken: Bool = false) throws(TracingError) -> Bool {
        guard flight == nil else {
            if attendRings() { triggers?.openMissingReaders() }
            return triggers?.look() ?? false
        }
        if session.lookAround() { seen?.look(session) }
        attendFollowers()
        if discarding != nil { return try moveWanted() }
        if isFollowed { return try moveAll() }
        for round in 0..<Self.rounds {
            var most = 0
            for stream in 0..<session.streamCount { most = max(most, try moveFull(stream)) }
            if round == 0, watermark.isDisproved(moved: most, of: ringSize, isWoken: isWoken) {
                watermark.isTrusted = false
                _ = session.wake(atPercent: 0)
            }
            if hasReachedSize {
                guard parts != nil else { return false }
                try goOnInNextFile()
            }
            guard most == Self.turn else { return false }
        }
        return true
    }

    /// Sub-buffers of a CPU's ring.
    private var ringSize: Int { (options.bufferKilobytes << 10) / subBufferSize }

    /// Moves full sub-buffers of a CPU without looking at them.
    /// - Returns: sub-buffers; fewer than a turn where the rest is not full yet.
    private mutating func moveFull(_ stream: Int) throws(TracingError) -> Int {
        guard let source = session.source(of: stream) else { return 0 }
        do {
            return try writer.splice(cpu: Int(session.cpus[stream]), from: source, limit: Self.turn)
        } catch {
            throw .traceDat(error)
        }
    }

    /// The CPUs' buffers, for poll(2): it finds one readable at the first record, or where `wakesLate` when a quarter of it
    /// is full. None of a flight recorder, but those in which it looks for what it waits for; -1 for a CPU that has none yet.
    package var buffers: [Int32] {
        guard flight != nil else { return session.descriptors }
        switch triggers {
        case .none: return []
        case .some(let triggers): return triggers.descriptors
        }
    }
    /// An event came that the flight recorder waits for: the recording is to be stopped.
    package var isTriggered: Bool {
        switch triggers {
        case .none: false
        case .some(let triggers): triggers.finding != nil
        }
    }
    /// See `buffers`.
    package var wakesLate: Bool { watermark.isTrusted }

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
        let (end, wasFull) = (Clock.monotonic.now, isFull)
        var failures = session.stop().map(\.description)
        report.fileRemarks += endTriggers(&failures)
        var trouble = trouble
        do throws(TracingError) {
            if trouble == nil { if flight == nil { try moveRest() } else { try writeRings(until: end) } }
        } catch {
            trouble = error
        }
        finishDiscarding(&trouble)
        report.kernel = session.kernelCounts(&trouble)
        let names = commandLines()
        failures += session.remove()
        report.origin = plan.origin
        report.selfTest = verdict
        report.leftBehind = failures
        if flight != nil { leaveOutOverwritten(&report) }
        notes.disturbances = session.disturbances
        if let counts = report.kernel { note(counts) } else { notes.lostRecords = nil }
        noteDiscarded(in: &report)
        notes.earlyEnd = trouble?.description
        notes.note(groups)
        let statistics = statistics(report.kernel)
        Self.tellEnd(notes, in: &writer)
        do {
            let summary = try writer.finish(
                cmdlines: names, cpuStats: statistics, extension: notes.encoded, compressing: compression,
                while: compresses)
            report.fileRemarks += Self.remarks(summary, path)
            if trouble == nil, notes.countsFromBegin, let counts = report.kernel {
                Self.compare(counts, path, besides: notes.discarded, &session, while: compresses)
            }
        } catch {
            report.fileTrouble = .traceDat(error)
        }
        if wasFull { report.fileRemarks.append("\(path) reached its largest size: the recording ended there") }
        if let parts { Self.finish(parts, &report, while: compresses) }
        report.trouble = trouble
        report.disturbances = session.disturbances
        return report
    }

    /// Compares the records of the file, and those that were left out, with those that the kernel says were read. What cannot
    /// be read of it says the reader of the file.
    private static func compare(
        _ counts: KernelCounts, _ path: FilePath, besides discarded: [Int: UInt64], _ session: inout ProbeSession,
        while goesOn: () -> Bool
    ) {
        guard let records = try? RecordCounts.byCPU(in: path, layout: session.layout, while: goesOn) else { return }
        session.compare(
            counts, withRecords: session.cpus.map { (records[Int($0)] ?? 0) &+ (discarded[Int($0)] ?? 0) })
    }

    /// Takes everything out of the kernel again, and leaves no file.
    /// - Returns: what could not be removed, and why.
    public consuming func abandon() -> [String] {
        var failures: [String] = []
        _ = endTriggers(&failures)
        failures += session.abandon()
        writer.abandon()
        return failures
    }

    /// - Returns: what there is to say of it.
    private mutating func endTriggers(_ failures: inout [String]) -> [String] {
        guard var watch = triggers.take() else { return [] }
        failures += watch.end()
        return watch.remarks
    }

    /// The switch is off: what is left, full or not, is read page by page.
    private mutating func moveRest() throws(TracingError) {
        if discarding != nil { return try siftRest() }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * subBufferSize, alignment: 4096)
        defer { room.deallocate() }
        for stream in 0..<session.streamCount {
            while true {
                let count = try session.read(stream, into: room)
                if count == 0 { break }
                try append(stream, UnsafeRawBufferPointer(rebasing: room[..<count]))
            }
        }
    }

    /// Adds whole sub-buffers of a CPU.
    mutating func append(_ stream: Int, _ bytes: UnsafeRawBufferPointer) throws(TracingError) {
        do {
            try writer.append(cpu: Int(session.cpus[stream]), bytes: bytes)
        } catch {
            throw .traceDat(error)
        }
    }

    /// Names for readers that know nothing of the task events: the latest wins.
    func commandLines() -> [TraceFile.CommandLine] {
        var names: [Int32: TaskName] = [:]
        for task in notes.tasks + session.savedCommandLines() + session.livingTasks() {
            if let name = task.name { names[task.tid] = name }
        }
        return names.sorted { $0.key < $1.key }.map { tid, name in
            TraceFile.CommandLine(tid: tid, name: (0..<name.count).map { name[$0] })
        }
    }
}
