internal import KernelLayout
internal import LinuxSystem
package import ProbePlanning
internal import RingBuffer
public import SocketEvents
public import SocketNames
internal import TraceFS

/// A trace of the running kernel, decoded as it happens.
public struct LiveTrace: ~Copyable {
    private var session: ProbeSession
    private var pipeline: DecodePipeline?
    private let options: TraceOptions
    private var selector: EventSelector
    private var batch = TraceBatch(capacity: DecodePipeline.batchSize + 16)

    /// The meaning of the bits of `socket.flags` on this kernel, for renderers; nil where unknown.
    public let flagNames: SocketFlagNames?
    /// The probes, and why these.
    package let plan: ProbePlan
    /// Whether known calls were seen as they should; nil where that was not tried.
    package let verdict: SelfTestVerdict?
    /// Nanoseconds that calibration took; nil where nothing had to be learnt.
    package let calibrationTime: UInt64?

    /// Nanoseconds from the trace clock to the time since 1970, as it was when the probes were installed.
    package let wallClock = ClockOffset.wallClock()

    /// When the probes were installed, on the trace clock.
    package let installed = Clock.monotonic.now
    /// What uname(1) prints.
    package let machine: String
    /// Which boot of the machine it is; nil where /proc does not tell.
    package let bootID = ClockOffset.bootID()

    /// Installs the probes; nothing is recorded yet.
    public init(_ options: TraceOptions = TraceOptions()) throws(TracingError) {
        var options = options
        options.packsFields = true
        let prepared = try TraceSetup.make(options)
        verdict = prepared.verdict
        calibrationTime = prepared.kernel.calibrationTime
        plan = prepared.session.plan
        session = prepared.session
        self.options = options
        selector = EventSelector(options.selection, isLive: true)
        flagNames = plan.layout.flagNames
        let name = KernelName.current
        machine = "Linux \(name.nodeName) \(name.release) \(name.version) \(name.machine)"
    }

    /// Begins to record. What this process starts after the call is traced from its first instruction.
    public mutating func start() throws(TracingError) {
        try session.start(options)
        _ = session.wake(atPercent: 0)
        var scope = options.selection.scope
        scope.processes = session.processes
        scope.tracer = session.numbers.process
        var decoder = SocketDecoder(
            plans: EventPlanTable(formats: session.formats), cpus: session.cpus, byteOrder: .host,
            aliases: options.aliases, scope: scope, begin: session.begin)
        decoder.know(session.tasks)
        pipeline = DecodePipeline(
            layouts: Array(repeating: session.layout, count: session.streamCount), decoder: decoder)
        session.awaitBegin()
    }

    /// Hands over what was recorded since the last call, in time order.
    /// - Returns: whether records were held back, as older ones may come: call again soon, though the buffers may be empty.
    @discardableResult
    public mutating func drain(
        deliver: (borrowing TraceBatch) throws(TracingError) -> Void
    ) throws(TracingError) -> Bool {
        session.lookAround()
        // Taken before any buffer is read: whatever led to a record before this moment has been committed by now.
        let horizon = Clock.monotonic.now - ProbeSession.commitTime
        session.lookForRecords()
        try read(until: horizon, deliver: deliver)
        return pipeline?.holdsBack ?? false
    }

    /// The descriptors of the CPUs' buffers, which poll(2) finds readable at the first record; -1 for a CPU that has none yet.
    package var buffers: [Int32] { session.descriptors }

    private mutating func read(
        until horizon: UInt64 = .max, deliver: (borrowing TraceBatch) throws(TracingError) -> Void
    ) throws(TracingError) {
        selector.beginRound()
        try pipeline?.begin(&session, until: horizon)
        while try pipeline?.nextBatch(from: &session, into: &batch) == true {
            selector.apply(to: &batch)
            try deliver(batch)
        }
    }

    /// What somebody else did to the trace, as far as it was noticed.
    public var disturbances: [Disturbance] { session.disturbances }

    /// Whether processes and threads have the numbers that /proc tells here: not so in a container with numbers of its own.
    package var hasNumbersOfProc: Bool { session.numbers.areProcs }

    /// Ends the trace, hands over the rest, and takes everything out of the kernel again, whatever becomes of the rest.
    /// - Parameter trouble: an error that ended it; then there is no rest.
    /// - Returns: what the trace came to. Its `trouble` is the first thing that went wrong.
    public consuming func stop(
        after trouble: TracingError? = nil, deliver: (borrowing TraceBatch) throws(TracingError) -> Void
    ) -> TraceReport {
        var failures = session.stop().map(\.description)
        var report = TraceReport(statistics: DecodeStatistics())
        report.trouble = trouble
        do throws(TracingError) {
            if trouble == nil { try read(deliver: deliver) }
        } catch {
            report.trouble = error
        }
        report.kernel = session.kernelCounts(&report.trouble)
        if report.trouble == nil, let counts = report.kernel, let records = pipeline?.recordCounts {
            session.compare(counts, withRecords: records)
        }
        report.disturbances = session.disturbances
        pipeline?.finish()
        report.statistics = pipeline?.statistics ?? DecodeStatistics()
        report.malformedRemarks = MalformedParts.remarks(
            session.cpus.map { "CPU \($0)" }, pipeline?.pageFaults ?? [], report.statistics)
        report.waitingAtStart = session.waiting
        report.origin = plan.origin
        report.selfTest = verdict
        failures += session.remove()
        report.leftBehind = failures
        return report
    }

    /// Takes everything out of the kernel again, and hands nothing over.
    /// - Returns: what could not be removed, and why.
    public consuming func abandon() -> [String] { session.abandon() }
}
