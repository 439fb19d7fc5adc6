internal import BasicContainers
public import RingBuffer

/// Turns the merged records of a trace into alias events.
///
/// Per task it keeps a small stack of the probed functions that the task is in. The outermost frame on a socket is the
/// operation; frames inside it on the same socket only add what the outer one does not know. So a message counts once,
/// however many probed functions it passes, and its result is that of the outermost function.
///
/// No allocation, string or dictionary look-up happens per record once the tasks are known.
public struct SocketDecoder: ~Copyable {
    /// Why `decode` came back.
    public enum Stop: Sendable, Equatable {
        /// A stream has to be fed or closed.
        case hungry(stream: Int)
        /// The output holds as many items as asked for.
        case full
        /// Nothing is left before the horizon.
        case done
    }

    public internal(set) var statistics = DecodeStatistics()

    let plans: EventPlanTable
    let wanted: AliasSet
    let scope: TaskScope
    private let isSwapped: Bool
    let begin: UInt64
    /// Operations of which an alias is wanted that tells their beginning.
    let toldEntries: DirectionSet
    /// Operations of which an alias is wanted that tells their end, other than the message itself.
    let toldReturns: DirectionSet
    var tasks = TaskTable()
    var frames = FramePool()

    /// Losses begun so far; a frame entered before the latest may have lost its return.
    var losses: UInt64 = 0
    /// Streams whose records are missing between the last one seen and the next.
    var openLosses = 0
    var streams = UniqueArray<Stream>()

    /// - Parameters:
    ///   - plans: of the trace's events.
    ///   - cpus: the CPU of each stream of the merge.
    ///   - byteOrder: of the trace.
    ///   - aliases: those to emit.
    ///   - scope: the tasks of interest.
    ///   - begin: operations entered earlier are not told but for tasks born in the trace: of an operation that was
    ///     under way when the probes came on, only inner functions may have been seen.
    public init(
        plans: EventPlanTable, cpus: [UInt32], byteOrder: ByteOrder, aliases: AliasSet, scope: TaskScope,
        begin: UInt64 = 0
    ) {
        self.begin = begin
        self.plans = plans
        self.wanted = aliases
        toldEntries = DirectionSet { !aliases.isDisjoint(with: $0.entryAliases) }
        toldReturns = DirectionSet { !aliases.isDisjoint(with: $0.returnAliases) }
        self.scope = scope
        isSwapped = byteOrder != .host
        for cpu in cpus { streams.append(Stream(cpu: cpu)) }
    }

    /// Decodes until a stream is hungry, the output is full, or nothing is left before the merge's horizon.
    /// - Parameters:
    ///   - output: items are appended, in time order.
    ///   - capacity: stop when `output` holds this many; a single record may exceed it by a few.
    public mutating func decode(
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
        // Held here, lest the compiler, which does not see that plans are constant, hold them anew for each record.
        let table = plans
        while output.count < capacity {
            switch merge.next(in: bytes) {
            case .record:
                let (offset, length) = (merge.current.payload, merge.current.payloadLength)
                guard let payload = RecordPayload(at: offset, count: length, in: bytes) else { continue }
                record(payload, time: merge.current.time, stream: merge.stream, table, into: &output, order)
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

    /// The trace is over: what is still open is unfinished.
    public mutating func finish(malformedPages: Int) {
        statistics.malformed += UInt64(malformedPages)
        for index in 0..<tasks.count {
            while tasks[index].top >= 0 {
                let top = tasks[index].top
                if frames[top].operation == top, !lacksSocket(top) { statistics.unfinished += 1 }
                pop(task: index)
            }
        }
    }

    @inline(never)
    private mutating func loss(count: UInt64?, stream: Int, into output: inout TraceBatch) {
        losses += 1
        if !streams[stream].lossIsOpen {
            streams[stream].lossIsOpen = true
            openLosses += 1
        }
        if let count {
            let (sum, isTooLarge) = statistics.lostRecords.addingReportingOverflow(count)
            statistics.lostRecords = isTooLarge ? .max : sum
        } else {
            statistics.uncountedLosses += 1
        }
        output.addLoss(cpu: streams[stream].cpu, count: count)
    }

    @inline(__always)
    private mutating func record<Order: TraceByteOrder>(
        _ payload: RecordPayload, time: UInt64, stream: Int, _ table: EventPlanTable,
        into output: inout TraceBatch, _ order: Order.Type
    ) {
        if openLosses > 0, streams[stream].lossIsOpen {
            streams[stream].lossIsOpen = false
            openLosses -= 1
        }
        guard payload.count >= 4 else { return }
        let rawID = payload.load(at: 0, as: UInt16.self)
        let index = Int(table.indices[Int(Order.isSwapped ? rawID.byteSwapped : rawID)])
        guard index != EventPlanTable.none else { return }
        guard payload.count >= table.plans[index].minimumLength else {
            statistics.malformed += 1
            return
        }
        statistics.records &+= 1
        let task = taskIndex(of: payload, table, index, stream: stream, order)
        let moment = Moment(time: time, cpu: streams[stream].cpu)
        switch table.plans[index].kind {
        case .entry(let role):
            guard isOfInterest(task) else { return }
            let place = frames.take()
            table.read(payload, index, order, into: &frames[place].facts)
            let (function, tellsRoute) = (table.plans[index].function, table.plans[index].tellsRoute)
            enter(place, role, function, tellsRoute: tellsRoute, task: task, moment, into: &output)
        case .return(let role):
            guard isOfInterest(task) else { return }
            let result = table.result(of: payload, index, order)
            leave(role, table.plans[index].function, task: task, moment, result: result, into: &output)
        default:
            rareRecord(payload, table, index, task: task, moment, into: &output, order)
        }
    }

    /// A record that is neither an entry nor a return; by itself, lest the loop over records grow by it.
    @inline(never)
    private mutating func rareRecord<Order: TraceByteOrder>(
        _ payload: RecordPayload, _ table: EventPlanTable, _ index: Int, task: Int, _ moment: Moment,
        into output: inout TraceBatch, _ order: Order.Type
    ) {
        let plan = table.plans[index]
        switch plan.kind {
        case .newTask: newTask(plan, parent: task, in: payload, swapped: Order.isSwapped)
        case .renameTask: renameTask(plan, current: task, in: payload, swapped: Order.isSwapped)
        case .call(let role):
            guard isOfInterest(task) else { return }
            let place = frames.take()
            table.read(payload, index, order, into: &frames[place].facts)
            call(place, role, task: task, moment, into: &output)
            frames.release(place)
        case .message(let direction):
            guard isOfInterest(task) else { return }
            let result = table.result(of: payload, index, order)
            let place = frames.take()
            table.read(payload, index, order, into: &frames[place].facts)
            message(direction, place, task: task, moment, result: result, into: &output)
            frames.release(place)
        case .entry, .return: break
        }
    }

    /// The operation that began with this frame has not reached a socket.
    @inline(__always)
    func lacksSocket(_ place: Int32) -> Bool {
        let role = frames[place].role
        return (role == .sysSendto || role == .sysRecvfrom) && !frames[place].facts.known.contains(.socket)
    }

    @inline(__always)
    mutating func pop(task: Int) {
        let top = tasks[task].top
        tasks.setTop(of: task, frames[top].below, deeperBy: -1)
        frames.release(top)
    }
}

/// What is known of one CPU's records.
struct Stream: Sendable {
    let cpu: UInt32
    /// Records are missing between the last one seen and the next.
    var lossIsOpen = false
    /// The task that wrote the last record outside of interrupts: its number, and what of a payload tells it.
    var task: Int32 = 0
    var writer = UInt64.max

    init(cpu: UInt32) { self.cpu = cpu }
}

/// When and where a record was written.
struct Moment {
    /// In units of the trace clock.
    var time: UInt64
    var cpu: UInt32
}

/// A set of aliases.
public struct AliasSet: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public init(_ aliases: some Sequence<Alias>) {
        self.init(rawValue: aliases.reduce(0) { $0 | 1 << UInt32($1.rawValue) })
    }

    @inline(__always)
    public func contains(_ alias: Alias) -> Bool {
        rawValue & 1 << UInt32(alias.rawValue) != 0
    }

    /// What a user gets who names no alias.
    public static let standard = AliasSet([.send, .receive, .createReturn, .close])
    public static let all = AliasSet(Alias.allCases)

    /// The aliases in the set.
    public var members: [Alias] { Alias.allCases.filter { contains($0) } }
}
