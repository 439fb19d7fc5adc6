internal import RingBuffer

extension SocketDecoder {
    /// Tells the entry of an operation, as soon as its socket is known.
    mutating func announce(
        _ operation: Int32, task: Int, _ moment: Moment, into output: inout ContiguousArray<TraceItem>
    ) {
        let frame = frames[operation]
        guard !frame.isAnnounced, !lacksSocket(frame), !beganBeforeTrace(frame.time, task: task) else { return }
        frames[operation].isAnnounced = true
        guard let alias = frame.entryAlias, wanted.contains(alias) else { return }
        emit(alias, frame.facts, task: task, Moment(time: frame.time, cpu: moment.cpu), into: &output)
    }

    /// socket.write_iter and socket.read_iter tell of every call of these functions, whatever is around them.
    mutating func announceIteration(
        _ frame: Frame, task: Int, _ moment: Moment, into output: inout ContiguousArray<TraceItem>
    ) {
        guard !beganBeforeTrace(moment.time, task: task) else { return }
        emit(frame.role == .writeIter ? .writeIter : .readIter, frame.facts, task: task, moment, into: &output)
    }

    mutating func concludeIteration(
        _ frame: Frame, task: Int, _ moment: Moment, result: Int64?, into output: inout ContiguousArray<TraceItem>
    ) {
        guard frame.role == .writeIter || frame.role == .readIter else { return }
        let alias: Alias = frame.role == .writeIter ? .writeIterReturn : .readIterReturn
        guard wanted.contains(alias), !beganBeforeTrace(frame.time, task: task) else { return }
        output.append(.event(conclusion(alias, frame, task: task, moment, result: result)))
        statistics.events += 1
    }

    /// Tells the end of an operation.
    mutating func conclude(
        _ frame: Frame, task: Int, _ moment: Moment, result: Int64?, into output: inout ContiguousArray<TraceItem>
    ) {
        // It failed before it reached a socket.
        guard frame.role.direction != .mark, !lacksSocket(frame) else { return }
        guard !beganBeforeTrace(frame.time, task: task) else {
            statistics.begunBeforeTrace += 1
            return
        }
        if isUncertain(frame) { statistics.uncertainPairs += 1 }
        concludeIteration(frame, task: task, moment, result: result, into: &output)
        tell(frame.returnAlias, frame, task: task, moment, result: result, into: &output)
        tell(frame.messageAlias, frame, task: task, moment, result: result, into: &output)
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

    private mutating func tell(
        _ alias: Alias?, _ frame: Frame, task: Int, _ moment: Moment, result: Int64?,
        into output: inout ContiguousArray<TraceItem>
    ) {
        guard let alias, wanted.contains(alias) else { return }
        var event = conclusion(alias, frame, task: task, moment, result: result)
        if alias.arguments.contains(.via), !isUncertain(frame) { event.via = frame.route }
        output.append(.event(event))
        statistics.events += 1
    }

    func beganBeforeTrace(_ time: UInt64, task: Int) -> Bool {
        time < begin && !tasks[task].isBornInTrace
    }

    /// Records were lost between the entry and now: the entry may belong to an earlier call whose return is among
    /// them, and the return to a later call.
    private func isUncertain(_ frame: Frame) -> Bool {
        openLosses > 0 || frame.losses != losses
    }

    private func conclusion(
        _ alias: Alias, _ frame: Frame, task: Int, _ moment: Moment, result: Int64?
    ) -> SocketEvent {
        var event = event(alias, isUncertain(frame) ? SocketFacts() : frame.facts, task: task, moment)
        let arguments = alias.arguments
        event.size = nil
        if let result {
            if arguments.contains(.size) { event.size = result }
            if arguments.contains(.err) { event.err = Int32(truncatingIfNeeded: result) }
            if arguments.contains(.success) { event.success = result >= 0 }
        }
        // CPUs whose clocks differ can write a return that seems older than its entry.
        if !isUncertain(frame), moment.time >= frame.time { event.duration = moment.time - frame.time }
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

    private func event(_ alias: Alias, _ facts: SocketFacts, task: Int, _ moment: Moment) -> SocketEvent {
        let state = tasks[task]
        var event = SocketEvent(alias: alias, time: moment.time, cpu: moment.cpu, tid: state.tid)
        event.pid = state.tgid != 0 ? state.tgid : nil
        event.comm = state.name
        let told = facts.known.intersection(alias.arguments)
        if told.contains(.socket) { event.socket = facts.socket }
        if told.contains(.size) { event.size = facts.size }
        if told.contains(.flags) { event.flags = facts.flags }
        if told.contains(.protocol) { event.protocol = facts.protocol }
        if told.contains(.family) { event.family = facts.family }
        if told.contains(.state) { event.state = facts.state }
        if told.contains(.type) { event.type = facts.type }
        if told.contains(.requester) { event.requester = facts.requester }
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
