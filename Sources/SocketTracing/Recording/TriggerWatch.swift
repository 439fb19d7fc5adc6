internal import LinuxSystem
internal import RingBuffer
package import SocketEvents
internal import TraceFS

/// An event that a flight recorder waits for.
package struct TriggerCondition: Sendable, Equatable {
    /// As the user wrote it.
    package var text: String
    /// Which events meet it.
    package var filter: EventFilter

    package init(text: String, filter: EventFilter) {
        self.text = text
        self.filter = filter
    }
}

/// Looks for the event that a flight recorder waits for.
///
/// Nobody reads the recorder's rings before the end, so the same probes record into a second instance, which is read and
/// decoded as a live trace is: what is an error there, or how long an operation took, is the same here. Where nothing is
/// recorded it wakes nobody.
struct TriggerWatch: ~Copyable {
    private var instance: TracerInstance
    private var pipeline: DecodePipeline?
    private var selector: EventSelector
    private var batch = TraceBatch(capacity: DecodePipeline.batchSize + 16)
    private let conditions: [TriggerCondition]
    /// What was found first: the condition, and what met it.
    private(set) var finding: String?
    /// What its decoder counted, when it has ended.
    private var statistics = DecodeStatistics()
    /// Why nobody looks any more.
    private var trouble: TracingError?

    /// KiB of ring a CPU: what comes while others keep this process from a CPU.
    private static let bufferKilobytes = 2048

    init(
        _ conditions: [TriggerCondition], on survey: KernelSurvey, _ options: TraceOptions
    ) throws(TracingError) {
        self.conditions = conditions
        selector = EventSelector(options.selection, isLive: true)
        instance = try TracerInstance.make(
            on: survey, bufferKilobytes: min(options.bufferKilobytes, Self.bufferKilobytes))
    }

    /// Records births and names of tasks from here on: before the session lists those that live, so that none is unknown.
    mutating func begin() throws(TracingError) {
        do {
            try instance.buffer.clear()
            try instance.buffer.setTracing(true)
        } catch {
            throw .traceFS(error)
        }
    }

    /// Begins to look: the session's probes record here, too.
    mutating func start(_ session: borrowing ProbeSession, _ options: TraceOptions) throws(TracingError) {
        session.limit(instance.buffer, to: options)
        do {
            for event in session.eventNames { try instance.enable(event) }
            // Sockets that are older than the trace are known from the kernel's lists.
            for event in session.snapshotEvents {
                try instance.buffer.setFilter("common_pid == \(session.numbers.current)", on: event)
                try instance.enable(event)
            }
            SocketLists.readAll()
            for event in session.snapshotEvents { try instance.disable(event) }
        } catch {
            throw .traceFS(error)
        }
        try? instance.buffer.set("buffer_percent", to: "0")
        var scope = options.selection.scope
        scope.processes = session.processes
        scope.tracer = session.numbers.process
        var decoder = SocketDecoder(
            plans: EventPlanTable(formats: session.formats), cpus: instance.cpus, byteOrder: .host, aliases: .standard,
            scope: scope, begin: session.begin)
        decoder.know(session.tasks)
        pipeline = DecodePipeline(
            layouts: Array(repeating: instance.layout, count: instance.readerCount), decoder: decoder)
    }

    /// The CPUs' buffers, for poll(2).
    var descriptors: [Int32] { instance.descriptors }

    /// Looks at what was recorded since the last time.
    /// - Returns: whether there is more to look at soon.
    mutating func look() -> Bool {
        guard finding == nil, trouble == nil else { return false }
        // Taken before any buffer is read: whatever led to a record before this moment has been committed by now.
        let horizon = Clock.monotonic.now - ProbeSession.commitTime
        do throws(TracingError) {
            // Not by poll(2), which before 5.0 does not tell of single records.
            instance.assumeRecords()
            selector.beginRound()
            try pipeline?.begin(&instance, until: horizon)
            while finding == nil, try pipeline?.nextBatch(from: &instance, into: &batch) == true {
                selector.apply(to: &batch)
                finding = find()
            }
        } catch {
            trouble = error
        }
        return pipeline?.holdsBack ?? false
    }

    /// Opens the readers of CPUs that have come since.
    mutating func openMissingReaders() { instance.openMissingReaders() }

    private func find() -> String? {
        for index in 0..<batch.eventCount {
            for condition in conditions where condition.filter.accepts(batch[index]) {
                let name = batch[index].comm?.description ?? "-"
                let process = (batch[index].pid ?? batch[index].tid).description
                return "\(condition.text): \(batch[index].alias.name) of \(name)/\(process)"
            }
        }
        return nil
    }

    /// Ends it, and takes its instance out of the kernel, which goes before the probes do.
    /// - Returns: what could not be removed, and why.
    mutating func end() -> [String] {
        pipeline?.finish()
        statistics = pipeline?.statistics ?? DecodeStatistics()
        return instance.stop().map(\.description) + instance.remove()
    }

    /// What there is to say at the end.
    var remarks: [String] {
        var remarks: [String] = []
        if let finding { remarks.append("written on \(finding)") }
        if let trouble { remarks.append("--on: looking for events ended with an error: \(trouble)") }
        if statistics.lostRecords > 0 || statistics.uncountedLosses > 0 {
            remarks.append(
                "--on: \(statistics.lostRecords) records were lost before they were looked at: an event that was waited for "
                    + "may be among them")
        }
        return remarks
    }
}

extension TracerInstance: PageSource {
    mutating func fill(stream: Int, of store: borrowing PageStore) throws(TracingError) -> Range<Int> {
        let slot = store.slot(of: stream)
        guard hasRecords(stream) else { return store.memory.region(slot, count: 0) }
        return store.memory.region(slot, count: try read(stream, into: store.memory.room(slot)))
    }
}
