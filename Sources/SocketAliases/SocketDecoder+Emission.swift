internal import RingBuffer

extension SocketDecoder {
    /// Tells the entry of an operation, as soon as its socket is known.
    @inline(__always)
    mutating func announce(
        _ operation: Int32, task: Int, _ moment: Moment, into output: inout ContiguousArray<TraceItem>
    ) {
        guard wantsEntries, !frames[operation].isAnnounced, !lacksSocket(operation),
            !beganBeforeTrace(frames[operation].time, task: task)
        else { return }
        frames[operation].isAnnounced = true
        guard let alias = frames[operation].entryAlias, wanted.contains(alias) else { return }
        let begin = Moment(time: frames[operation].time, cpu: moment.cpu)
        emit(alias, frames[operation].facts, task: task, begin, into: &output)
    }

    /// socket.write_iter and socket.read_iter tell of every call of these functions, whatever is around them.
    @inline(__always)
    mutating func announceIteration(
        _ place: Int32, task: Int, _ moment: Moment, into output: inout ContiguousArray<TraceItem>
    ) {
        let role = frames[place].role
        guard role == .writeIter || role == .readIter, !beganBeforeTrace(moment.time, task: task) else { return }
        emit(role == .writeIter ? .writeIter : .readIter, frames[place].facts, task: task, moment, into: &output)
    }

    @inline(__always)
    mutating func concludeIteration(
        _ place: Int32, task: Int, _ moment: Moment, result: Int64?, into output: inout ContiguousArray<TraceItem>
    ) {
        let role = frames[place].role
        guard role == .writeIter || role == .readIter else { return }
        tell(
            role == .writeIter ? .writeIterReturn : .readIterReturn, place, task: task, moment, result: result,
            into: &output)
    }

    /// Tells the end of an operation.
    @inline(__always)
    mutating func conclude(
        _ place: Int32, task: Int, _ moment: Moment, result: Int64?, into output: inout ContiguousArray<TraceItem>
    ) {
        // It failed before it reached a socket.
        guard frames[place].role.direction != .mark, !lacksSocket(place) else { return }
        guard !beganBeforeTrace(frames[place].time, task: task) else {
            statistics.begunBeforeTrace += 1
            return
        }
        if isUncertain(place) { statistics.uncertainPairs += 1 }
        concludeIteration(place, task: task, moment, result: result, into: &output)
        if wantsReturns {
            tell(frames[place].returnAlias, place, task: task, moment, result: result, into: &output)
        }
        tell(frames[place].messageAlias, place, task: task, moment, result: result, into: &output)
    }

    /// Tells a message of which one record is all there is.
    mutating func message(
        _ direction: FrameRole.Direction, _ facts: SocketFacts, task: Int, _ moment: Moment, result: Int64?,
        into output: inout ContiguousArray<TraceItem>
    ) {
        let alias: Alias = direction == .send ? .send : .receive
        guard wanted.contains(alias), !beganBeforeTrace(moment.time, task: task) else { return }
        var event = event(alias, facts, task: task, moment)
        event.size = result
        event.success = result.map { $0 >= 0 }
        output.append(.event(event))
        statistics.events += 1
    }

    @inline(__always)
    private mutating func tell(
        _ alias: Alias?, _ place: Int32, task: Int, _ moment: Moment, result: Int64?,
        into output: inout ContiguousArray<TraceItem>
    ) {
        guard let alias, wanted.contains(alias), !beganBeforeTrace(frames[place].time, task: task) else { return }
        output.append(.event(conclusion(alias, place, task: task, moment, result: result)))
        statistics.events += 1
    }

    @inline(__always)
    func beganBeforeTrace(_ time: UInt64, task: Int) -> Bool {
        time < begin && !tasks[task].isBornInTrace
    }

    /// Records were lost between the entry and now: the entry may belong to an earlier call whose return is among
    /// them, and the return to a later call.
    @inline(__always)
    private func isUncertain(_ place: Int32) -> Bool {
        openLosses > 0 || frames[place].losses != losses
    }

    @inline(__always)
    private func conclusion(
        _ alias: Alias, _ place: Int32, task: Int, _ moment: Moment, result: Int64?
    ) -> SocketEvent {
        let isUncertain = isUncertain(place)
        var event = event(alias, isUncertain ? SocketFacts() : frames[place].facts, task: task, moment)
        let arguments = alias.arguments
        event.size = nil
        if let result {
            if arguments.contains(.size) { event.size = result }
            if arguments.contains(.err) { event.err = Int32(truncatingIfNeeded: result) }
            if arguments.contains(.success) { event.success = result >= 0 }
        }
        guard !isUncertain else { return event }
        if arguments.contains(.via) { event.via = frames[place].route }
        // CPUs whose clocks differ can write a return that seems older than its entry.
        if moment.time >= frames[place].time { event.duration = moment.time - frames[place].time }
        return event
    }

    mutating func emit(
        _ alias: Alias, _ facts: SocketFacts, task: Int, _ moment: Moment,
        into output: inout ContiguousArray<TraceItem>
    ) {
        guard wanted.contains(alias) else { return }
        output.append(.event(event(alias, facts, task: task, moment)))
        statistics.events += 1
    }

    @inline(__always)
    private func event(_ alias: Alias, _ facts: SocketFacts, task: Int, _ moment: Moment) -> SocketEvent {
        var event = SocketEvent(alias: alias, time: moment.time, cpu: moment.cpu, tid: tasks[task].tid)
        event.facts = facts
        event.facts.known.formIntersection(alias.arguments)
        let tgid = tasks[task].tgid
        event.pid = tgid != 0 ? tgid : nil
        event.comm = tasks[task].name
        return event
    }
}

extension Frame {
    /// The alias that fires at the operation's entry; none for splices, which the tapset does not know.
    var entryAlias: Alias? {
        switch role.direction {
        case .create: .create
        case .close: .close
        default:
            switch route {
            case .sendmsg: .sendmsg
            case .recvmsg: .recvmsg
            case .aioWrite: .aioWrite
            case .aioRead: .aioRead
            case .writev: .writev
            case .readv: .readv
            case .sendpage, .splice, nil: nil
            }
        }
    }

    /// The alias that fires at the operation's return.
    var returnAlias: Alias? {
        switch entryAlias {
        case .create: .createReturn
        case .close: .closeReturn
        case .sendmsg: .sendmsgReturn
        case .recvmsg: .recvmsgReturn
        case .aioWrite: .aioWriteReturn
        case .aioRead: .aioReadReturn
        case .writev: .writevReturn
        case .readv: .readvReturn
        default: nil
        }
    }

    /// The alias that fires once a message.
    var messageAlias: Alias? {
        switch role.direction {
        case .send: .send
        case .receive: .receive
        default: nil
        }
    }
}
