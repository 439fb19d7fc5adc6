internal import LinuxSystem
package import ProbePlanning
internal import RingBuffer
internal import SocketEvents
internal import TraceDat
internal import TraceFS

/// A recording that is sent through a pipe as it is made; `Replay` reads it at the other end.
///
/// All sub-buffers are read now and then, full or not, as somebody may be watching. After each round the stream says up to
/// when nothing is missing, so that the reader can put all CPUs' records in order without waiting for one that is idle.
package struct StreamedRecording: ~Copyable {
    private var session: ProbeSession
    private var stream: TraceStreamWriter
    private var notes: RecordingMetadata
    private let options: TraceOptions
    private let write: ([UInt8]) -> Bool
    private let page: UnsafeMutableRawBufferPointer
    /// The last records that were sent are later than the horizon that was.
    private var owesHorizon = false
    /// Records that were sent of each CPU.
    private var records: [UInt64]
    /// The probes, and why these.
    package let plan: ProbePlan
    /// Whether known calls were seen as they should; nil where that was not tried.
    package let verdict: SelfTestVerdict?
    /// Nanoseconds that calibration took; nil where nothing had to be learnt.
    package let calibrationTime: UInt64?
    /// Nobody takes what is sent any more: the recording is to be stopped.
    package private(set) var isAbandoned = false

    /// Rounds before `move` returns, and the sub-buffers of a CPU in one: the shorter a round, the less is held back by the
    /// reader, and lost of a stream that is cut.
    private static let rounds = 16
    private static let turn = 64

    /// Bytes that are worth a system call.
    private static let enough = 64 << 10

    /// Installs the probes; nothing is recorded or sent yet.
    /// - Parameter write: takes all the bytes, and says whether it will take more.
    package init(
        _ options: TraceOptions = TraceOptions(), write: @escaping ([UInt8]) -> Bool
    ) throws(TracingError) {
        let prepared = try TraceSetup.make(options)
        let survey = prepared.kernel.survey
        notes = RecordingMetadata()
        notes.remarks = Recording.remarks(survey, options)
        stream = TraceStreamWriter(Recording.fileOptions(prepared.session, survey.facts, RecordingFormat(), options))
        verdict = prepared.verdict
        calibrationTime = prepared.kernel.calibrationTime
        plan = prepared.session.plan
        session = prepared.session
        records = Array(repeating: 0, count: session.streamCount)
        page = .allocate(byteCount: 16 * session.layout.size, alignment: 4096)
        self.options = options
        self.write = write
    }

    deinit {
        page.deallocate()
    }

    /// Begins to record, and sends what the reader must know.
    package mutating func start() throws(TracingError) {
        try session.start(options)
        // Else a CPU whose buffer is less than half full would be taken to have no records.
        _ = session.wake(atPercent: 0)
        notes.note(session, options, plan, verdict)
        notes.note(options.fetching.details.contains(.cgroup) ? ControlGroups() : nil)
        stream.putHead(extension: notes.encoded)
        flush()
        session.awaitBegin()
    }

    /// Sends what was recorded.
    /// - Returns: whether more is to be sent soon, though nothing may be recorded meanwhile.
    package mutating func move() throws(TracingError) -> Bool {
        session.lookAround()
        for _ in 0..<Self.rounds where !isAbandoned {
            if try sendRound() { return owesHorizon }
        }
        return true
    }

    /// Sends what was recorded, as far as a round goes, and up to when nothing is missing.
    /// - Parameter isEnd: nothing more is recorded.
    /// - Returns: whether that was all.
    private mutating func sendRound(isEnd: Bool = false) throws(TracingError) -> Bool {
        // Taken before any buffer is read: whatever led to a record before this moment has been committed by now.
        var horizon = Clock.monotonic.now - ProbeSession.commitTime
        if !isEnd { session.lookForRecords() }
        var hasSent = false
        var isDrained = true
        for index in 0..<session.streamCount where session.hasRecords(index) {
            let sent = try send(index)
            hasSent = hasSent || sent.count > 0
            guard sent.count >= Self.turn else { continue }
            // What is left of this CPU is later than what was sent.
            isDrained = false
            horizon = min(horizon, sent.lastTime)
        }
        if hasSent || owesHorizon {
            stream.put(horizon: horizon)
            owesHorizon = hasSent
        }
        flush()
        return isDrained
    }

    /// Sends a CPU's sub-buffers, up to a turn: a CPU that is faster than we are must not keep the others waiting.
    /// - Returns: sub-buffers, and when the last of them begins.
    private mutating func send(_ index: Int) throws(TracingError) -> (count: Int, lastTime: UInt64) {
        let size = session.layout.size
        var sent = 0
        var lastTime: UInt64 = 0
        while sent < Self.turn, !isAbandoned {
            let count = try session.read(index, into: page)
            if count == 0 { break }
            let read = UnsafeRawBufferPointer(rebasing: page[..<count])
            stream.put(cpu: session.cpus[index], read)
            records[index] &+= RecordCounts.records(in: read, session.layout)
            sent += count / size
            lastTime = page.loadUnaligned(fromByteOffset: count - size, as: UInt64.self)
            if stream.count >= Self.enough { flush() }
            // What comes meanwhile belongs to the next round, or else a busy CPU would never let this one end.
            if count < page.count { break }
        }
        return (sent, lastTime)
    }

    private mutating func flush() {
        let bytes = stream.take()
        if !bytes.isEmpty, !isAbandoned { isAbandoned = !write(bytes) }
    }

    /// The CPUs' buffers, to be polled.
    package var buffers: [Int32] { session.descriptors }
    /// What somebody else did to the recording, as far as it was noticed.
    package var disturbances: [Disturbance] { session.disturbances }
    /// Whether processes and threads have the numbers that /proc tells here.
    package var hasNumbersOfProc: Bool { session.numbers.areProcs }

    /// Ends the recording, sends the rest and the end, and takes everything out of the kernel again, whatever happens.
    /// - Parameter trouble: an error that ended it.
    package consuming func stop(after trouble: TracingError? = nil) -> TraceReport {
        var report = TraceReport(statistics: DecodeStatistics())
        var failures = session.stop().map(\.description)
        var trouble = trouble
        do throws(TracingError) {
            if trouble == nil {
                while try !sendRound(isEnd: true), !isAbandoned {}
            }
        } catch {
            trouble = error
        }
        report.kernel = session.kernelCounts(&trouble)
        if trouble == nil, let counts = report.kernel { session.compare(counts, withRecords: records) }
        notes.lostRecords = report.kernel?.lostRecords
        notes.missedHits = report.kernel?.missedReturns ?? 0
        notes.disturbances = session.disturbances
        notes.earlyEnd = trouble?.description
        // The tasks are in the head.
        notes.tasks = []
        stream.putEnd(extension: notes.encoded)
        flush()
        failures += session.remove()
        report.origin = plan.origin
        report.selfTest = verdict
        report.leftBehind = failures
        report.trouble = trouble
        report.disturbances = session.disturbances
        return report
    }

    /// Takes everything out of the kernel again, and sends nothing.
    /// - Returns: what could not be removed, and why.
    package consuming func abandon() -> [String] { session.abandon() }
}
