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
    let cpus: ContiguousArray<UInt32>
    let swapped: Bool
    let begin: UInt64
    /// An alias is wanted that tells the beginning of an operation.
    let wantsEntries: Bool
    /// An alias is wanted that tells the end of an operation, other than the message itself.
    let wantsReturns: Bool
    var tasks = TaskTable()
    var frames = FramePool()

    /// Losses begun so far; a frame entered before the latest may have lost its return.
    var losses: UInt64 = 0
    /// Streams whose records are missing between the last one seen and the next.
    var openLosses = 0
    var lossIsOpen: ContiguousArray<Bool>

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
        self.cpus = ContiguousArray(cpus)
        self.wanted = aliases
        wantsEntries = !aliases.isDisjoint(with: .entries)
        wantsReturns = !aliases.isDisjoint(with: .returns)
        self.scope = scope
        swapped = byteOrder != .host
        lossIsOpen = ContiguousArray(repeating: false, count: cpus.count)
    }

    /// Decodes until a stream is hungry, the output is full, or nothing is left before the merge's horizon.
    /// - Parameters:
    ///   - output: items are appended, in time order.
    ///   - capacity: stop when `output` holds this many; a single record may exceed it by a few.
    public mutating func decode(
        _ merge: inout RecordMerge, in bytes: RawSpan, into output: inout ContiguousArray<TraceItem>, capacity: Int
    ) -> Stop {
        while output.count < capacity {
            switch merge.next(in: bytes) {
            case .record:
                record(
                    at: merge.current.payload, length: merge.current.payloadLength, time: merge.current.time,
                    stream: merge.stream, in: bytes, into: &output)
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
        for index in tasks.tasks.indices {
            while tasks[index].top >= 0 {
                let top = tasks[index].top
                if frames[top].operation == top, !lacksSocket(top) { statistics.unfinished += 1 }
                pop(task: index)
            }
        }
    }

    private mutating func loss(count: UInt64?, stream: Int, into output: inout ContiguousArray<TraceItem>) {
        losses += 1
        if !lossIsOpen[stream] {
            lossIsOpen[stream] = true
            openLosses += 1
        }
        if let count {
            let (sum, isTooLarge) = statistics.lostRecords.addingReportingOverflow(count)
            statistics.lostRecords = isTooLarge ? .max : sum
        } else {
            statistics.uncountedLosses += 1
        }
        output.append(.lost(cpu: cpus[stream], count: count))
    }

    @inline(__always)
    private mutating func record(
        at payload: Int, length: Int, time: UInt64, stream: Int, in bytes: RawSpan,
        into output: inout ContiguousArray<TraceItem>
    ) {
        if openLosses > 0, lossIsOpen[stream] {
            lossIsOpen[stream] = false
            openLosses -= 1
        }
        guard length >= 4 else { return }
        let rawID = bytes.unsafeLoadUnaligned(fromByteOffset: payload, as: UInt16.self)
        let index = plans.indices[Int(swapped ? rawID.byteSwapped : rawID)]
        guard index != EventPlanTable.none else { return }
        guard length >= plans.plans[Int(index)].minimumLength else {
            statistics.malformed += 1
            return
        }
        statistics.records += 1
        let moment = Moment(time: time, cpu: cpus[stream])
        // Plans are constant, but the compiler does not see that no call below replaces them; a copy of the array
        // would cost two atomic operations a record, one of a plan costs eight plain ones.
        let plan = plans.plans[Int(index)]
        let task = taskIndex(plan, at: payload, cpu: moment.cpu, in: bytes)
        switch plan.kind {
        case .newTask: newTask(plan, parent: task, at: payload, in: bytes)
        case .renameTask: renameTask(plan, current: task, at: payload, in: bytes)
        case .entry(let role):
            guard isOfInterest(task) else { return }
            enter(role, plan, task: task, moment, at: payload, in: bytes, into: &output)
        case .call(let role):
            guard isOfInterest(task) else { return }
            call(role, plan, task: task, moment, at: payload, in: bytes, into: &output)
        case .return(let role):
            guard isOfInterest(task) else { return }
            let result = plan.resultValue(at: payload, in: bytes, swapped: swapped)
            leave(role, plan.function, task: task, moment, result: result, into: &output)
        case .message(let direction):
            guard isOfInterest(task) else { return }
            let result = plan.resultValue(at: payload, in: bytes, swapped: swapped)
            let facts = plan.facts(at: payload, in: bytes, swapped: swapped)
            message(direction, facts, task: task, moment, result: result, into: &output)
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

    public func contains(_ alias: Alias) -> Bool {
        rawValue & 1 << UInt32(alias.rawValue) != 0
    }

    /// What a user gets who names no alias.
    public static let standard = AliasSet([.send, .receive, .createReturn, .close])
    public static let all = AliasSet(Alias.allCases)
    /// Those that fire when an operation ends, as told from its outermost frame; but for the message itself.
    static let returns = AliasSet([
        .sendmsgReturn, .recvmsgReturn, .aioWriteReturn, .aioReadReturn, .writevReturn, .readvReturn, .createReturn,
        .closeReturn,
    ])
    /// Those that fire when an operation begins, as told from its outermost frame.
    static let entries = AliasSet([.sendmsg, .recvmsg, .aioWrite, .aioRead, .writev, .readv, .create, .close])

    /// The aliases in the set.
    public var members: [Alias] { Alias.allCases.filter { contains($0) } }
}
