internal import BasicContainers
package import RingBuffer

/// Turns the merged records of a trace into alias events.
///
/// It knows what records say and which task wrote them; `Pairing` makes operations of that. No allocation, string or
/// dictionary look-up happens per record once the tasks are known.
package struct SocketDecoder: ~Copyable {
    /// Why `decode` came back.
    package enum Stop: Sendable, Equatable {
        /// A stream has to be fed or closed.
        case hungry(stream: Int)
        /// The output holds as many items as asked for.
        case full
        /// Nothing is left before the horizon.
        case done
    }

    /// What was seen so far.
    package var statistics: DecodeStatistics { pairing.statistics }

    /// Begins to count anew.
    package mutating func forgetCounts() { pairing.statistics = DecodeStatistics() }

    /// How many tasks it knows.
    package var taskCount: Int { tasks.count }
    /// How many sockets it knows, and attempts to connect.
    package var socketCount: Int { pairing.sockets.count }
    package var attemptCount: Int { pairing.attempts.count }

    /// Records of a stream that were seen so far, of whatever event.
    package func recordCount(stream: Int) -> UInt64 { streams[stream].records }

    /// Of these, those that were passed over because another buffer has them, too.
    package func repetitionCount(stream: Int) -> UInt64 { streams[stream].repetitions }

    private(set) var plans: EventPlanTable
    let scope: TaskScope
    private let isSwapped: Bool
    private let hasSeveralBuffers: Bool
    /// The buffer whose records of each plan's event are shown, where there are several buffers; nil while none has any.
    private var shownBuffers: ContiguousArray<Int?>
    var tasks = TaskTable()
    var pairing: Pairing
    var streams = UniqueArray<Stream>()
    /// Batches begun, from which each has its number.
    var batches: UInt64 = 0
    /// The task that was born last while no records were missing, and the number of losses known then.
    var lastBirth: (tid: Int32, losses: UInt64)?

    /// - Parameters:
    ///   - plans: of the trace's events.
    ///   - cpus: the CPU of each stream of the merge.
    ///   - buffers: the ring buffer of each, where there are several: an event that two of them have is shown once.
    ///   - byteOrder: of the trace.
    ///   - aliases: those to emit.
    ///   - scope: the tasks of interest.
    ///   - begin: operations entered earlier are not told but for tasks born in the trace: of an operation that was
    ///     under way when the probes came on, only inner functions may have been seen.
    package init(
        plans: EventPlanTable, cpus: [UInt32], buffers: [Int] = [], byteOrder: ByteOrder, aliases: AliasSet,
        scope: TaskScope, begin: UInt64 = 0
    ) {
        self.plans = plans
        pairing = Pairing(aliases, begin: begin)
        pairing.tellsEndpoints = plans.tellsEndpoints || plans.shownFields.contains(.descriptor)
        pairing.tellsStates = plans.tellsStates
        pairing.tellsDestinations = plans.tellsDestinations
        pairing.tellsConnects = plans.tellsConnects
        pairing.tellsEnds = plans.tellsEnds
        pairing.tellsDescriptors = plans.shownFields.contains(.descriptor)
        self.scope = scope
        isSwapped = byteOrder != .host
        for (index, cpu) in cpus.enumerated() {
            streams.append(Stream(cpu: cpu, buffer: index < buffers.count ? buffers[index] : 0))
        }
        hasSeveralBuffers = Set(buffers).count > 1
        shownBuffers = ContiguousArray(repeating: nil, count: hasSeveralBuffers ? plans.plans.count : 0)
    }

    /// Arguments that nobody asks for: events need not tell them, and from now on may not know them.
    package mutating func omit(_ arguments: Alias.Arguments) {
        plans.omit(arguments)
        if arguments.isSuperset(of: .ends) { pairing.showsEnds = false }
    }

    /// Decodes until a stream is hungry, the output is full, or nothing is left before the merge's horizon.
    /// - Parameters:
    ///   - output: items are appended, in time order.
    ///   - capacity: stop when `output` holds this many; a single record may exceed it by a few.
    package mutating func decode(
        _ merge: inout RecordMerge, in bytes: RawSpan, into output: inout TraceBatch, capacity: Int
    ) -> Stop {
        isSwapped
            ? decode(&merge, in: bytes, into: &output, capacity: capacity, SwappedByteOrder.self)
            : decode(&merge, in: bytes, into: &output, capacity: capacity, HostByteOrder.self)
    }

    private mutating func decode<Order: TraceByteOrder>(
        _ merge: inout RecordMerge, in bytes: RawSpan, into output: inout TraceBatch, capacity: Int,
        _ order: Order.Type
    ) -> Stop {
        if output.isEmpty, output.detailsCount == 0 {
            batches &+= 1
            output.serial = batches
        }
        // Held here, lest the compiler, which does not see that plans are constant, hold them anew for each record.
        let table = plans
        while output.count < capacity {
            // Here, since no stream's last task is at hand otherwise than in `streams`.
            if tasks.isFullOfEnded { forgetEnded(all: false) }
            switch merge.next(in: bytes) {
            case .record:
                let (stream, limit) = (merge.stream, merge.limit)
                let reached = run(
                    along: &merge.current, until: limit, stream: stream, in: bytes, table, into: &output,
                    capacity: capacity, order)
                merge.endRun(reached)
            case .loss:
                loss(count: merge.current.lostCount, stream: merge.stream, into: &output)
            case .hungry(let stream):
                return .hungry(stream: stream)
            case .done:
                return .done
            }
        }
        return .full
    }

    /// Decodes the record that a cursor has found, and those behind it up to a time.
    @inline(__always)
    private mutating func run<Order: TraceByteOrder>(
        along cursor: inout RecordCursor, until limit: UInt64, stream index: Int, in bytes: RawSpan,
        _ table: EventPlanTable, into output: inout TraceBatch, capacity: Int, _ order: Order.Type
    ) -> RecordMerge.RunEnd {
        var stream = streams[index]
        defer { streams[index] = stream }
        if stream.lossIsOpen {
            stream.lossIsOpen = false
            pairing.openLosses -= 1
            // What was learnt meanwhile may have changed in the records that are missing.
            pairing.forgetAllSockets()
        }
        let room = capacity - output.losses.count
        while true {
            let time = cursor.time
            stream.records &+= 1
            if let payload = RecordPayload(at: cursor.payload, count: cursor.payloadLength, in: bytes) {
                record(payload, time: time, &stream, table, into: &output, order)
            }
            guard output.eventCount < room else { return .paused(time) }
            let step = cursor.advance(in: bytes, order)
            guard step == .record, cursor.time <= limit else { return .ended(step, time) }
        }
    }

    /// The trace is over: what is still open is unfinished.
    package mutating func finish(malformedPages: Int) {
        pairing.statistics.malformed += UInt64(malformedPages)
        for index in tasks.slots { pairing.finish(&tasks[index]) }
    }

    @inline(never)
    mutating func loss(count: UInt64?, stream: Int, into output: inout TraceBatch) {
        pairing.losses += 1
        pairing.forgetAllSockets()
        if !streams[stream].lossIsOpen {
            streams[stream].lossIsOpen = true
            pairing.openLosses += 1
        }
        if let count {
            let (sum, isTooLarge) = pairing.statistics.lostRecords.addingReportingOverflow(count)
            pairing.statistics.lostRecords = isTooLarge ? .max : sum
        } else {
            pairing.statistics.uncountedLosses += 1
        }
        output.addLoss(cpu: streams[stream].cpu, count: count)
        // What comes now under the number of a task that ended may be the task's last, or another's first.
        forgetEnded(all: true)
    }

    @inline(__always)
    mutating func record<Order: TraceByteOrder>(
        _ payload: RecordPayload, time: UInt64, _ stream: inout Stream, _ table: EventPlanTable,
        into output: inout TraceBatch, _ order: Order.Type
    ) {
        let rawID = payload.load(at: 0, as: UInt16.self)
        let index = Int(table.indices[Int(Order.isSwapped ? rawID.byteSwapped : rawID)])
        guard index != EventPlanTable.none else { return }
        guard payload.count >= table.plans[index].minimumLength else {
            shortRecord(RecordStamp(time: time, cpu: stream.cpu))
            return
        }
        if hasSeveralBuffers, isRepetition(of: index, &stream) { return }
        pairing.statistics.records &+= 1
        let task = taskIndex(of: payload, table, index, &stream, order)
        let stamp = RecordStamp(time: time, cpu: stream.cpu)
        switch table.plans[index].kind {
        case .entry:
            guard tasks[task].isInScope(scope) else { return }
            let place = pairing.frames.take()
            table.read(payload, index, order, into: &pairing.frames[place])
            if table.plans[index].function.isStep { readStep(payload, table, index, into: place, order) }
            pairing.enter(place, table.plans[index].function, &tasks[task], stamp, into: &output)
        case .return:
            guard tasks[task].isInScope(scope) else { return }
            let result = table.result(of: payload, index, order)
            pairing.leave(table.plans[index].function, &tasks[task], stamp, result: result, into: &output)
        default:
            rareRecord(payload, table, index, task: task, stamp, into: &output, order)
        }
    }

    @inline(never)
    private mutating func shortRecord(_ stamp: RecordStamp) {
        pairing.statistics.malformed += 1
        pairing.statistics.shortRecords += 1
        if pairing.statistics.firstShortRecord == nil { pairing.statistics.firstShortRecord = stamp }
    }

    /// Whether another buffer's records of an event are shown, so that this record is the same once more. The buffer in which an
    /// event is seen first is the one whose records are shown.
    @inline(never)
    private mutating func isRepetition(of plan: Int, _ stream: inout Stream) -> Bool {
        if shownBuffers[plan] == nil { shownBuffers[plan] = stream.buffer }
        guard shownBuffers[plan] != stream.buffer else { return false }
        stream.repetitions &+= 1
        return true
    }

    /// A record that is neither an entry nor a return; by itself, lest the loop over records grow by it.
    @inline(never)
    private mutating func rareRecord<Order: TraceByteOrder>(
        _ payload: RecordPayload, _ table: EventPlanTable, _ index: Int, task: Int, _ stamp: RecordStamp,
        into output: inout TraceBatch, _ order: Order.Type
    ) {
        let plan = table.plans[index]
        switch plan.kind {
        case .newTask: newTask(plan, parent: task, in: payload, swapped: Order.isSwapped)
        case .renameTask: renameTask(plan, current: task, in: payload, swapped: Order.isSwapped)
        case .endTask: tasks.end(task)
        case .call:
            guard tasks[task].isInScope(scope) else { return }
            let place = pairing.frames.take()
            pairing.frames[place].begin(plan.function, time: stamp.time, losses: pairing.losses, below: -1)
            table.read(payload, index, order, into: &pairing.frames[place])
            if plan.function.isStep { readStep(payload, table, index, into: place, order) }
            pairing.call(place, plan.function, &tasks[task], stamp, into: &output)
            pairing.frames.release(place)
        case .message(let kind):
            guard tasks[task].isInScope(scope) else { return }
            message(kind, payload, table, index, task: task, stamp, into: &output, order)
        case .notice(let notice):
            self.notice(notice, payload, table, index, task: task, stamp, into: &output, order)
        case .kernelEvent(let event):
            kernelEvent(event, payload, table, index, task: task, stamp, into: &output, order)
        case .entry, .return: break
        }
    }
}

/// What is known of one CPU's records.
struct Stream: Sendable {
    let cpu: UInt32
    /// The ring buffer that it is a part of.
    let buffer: Int
    /// Records seen so far.
    var records: UInt64 = 0
    /// Of these, those that another buffer has, too.
    var repetitions: UInt64 = 0
    /// Records are missing between the last one seen and the next.
    var lossIsOpen = false
    /// The task that wrote the last record outside of interrupts: its number, and what of a payload tells it.
    var task: Int32 = 0
    var writer = UInt64.max

    init(cpu: UInt32, buffer: Int) {
        self.cpu = cpu
        self.buffer = buffer
    }
}

/// When and where a record was written.
package struct RecordStamp: Sendable, Equatable {
    /// In units of the trace clock.
    package var time: UInt64
    package var cpu: UInt32
}

/// A set of aliases.
public struct AliasSet: OptionSet, Sendable {
    /// A bit for each alias, by its number.
    public let rawValue: UInt64
    /// The set of these bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The set of these aliases.
    public init(_ aliases: some Sequence<Alias>) {
        self.init(rawValue: aliases.reduce(0) { $0 | 1 << UInt64($1.rawValue) })
    }

    /// Whether an alias is in the set.
    @inline(__always)
    public func contains(_ alias: Alias) -> Bool {
        rawValue & 1 << UInt64(alias.rawValue) != 0
    }

    /// What a user gets who names no alias.
    public static let standard = AliasSet([
        .send, .receive, .createReturn, .close, .connected, .acceptReturn, .bindReturn, .listenReturn, .shutdownReturn,
    ])
    /// Every alias there is.
    public static let all = AliasSet(Alias.allCases)

    /// The aliases in the set.
    public var members: [Alias] { Alias.allCases.filter { contains($0) } }
}
