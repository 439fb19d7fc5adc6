internal import BasicContainers
internal import RingBuffer

extension SocketDecoder {
    /// Tells the entry of an operation, as soon as its socket is known.
    @inline(__always)
    mutating func announce(
        _ operation: Int32, task: Int, _ moment: Moment, into output: inout TraceBatch
    ) {
        guard toldEntries.contains(frames[operation].role.direction) else { return }
        announceEntry(operation, task: task, moment, into: &output)
    }

    @inline(never)
    private mutating func announceEntry(
        _ operation: Int32, task: Int, _ moment: Moment, into output: inout TraceBatch
    ) {
        guard !frames[operation].isAnnounced, !lacksSocket(operation),
            !beganBeforeTrace(frames[operation].time, task: task)
        else { return }
        frames[operation].isAnnounced = true
        guard let alias = frames[operation].entryAlias, wanted.contains(alias) else { return }
        let begin = Moment(time: frames[operation].time, cpu: moment.cpu)
        emit(alias, operation, task: task, begin, into: &output)
    }

    /// socket.write_iter and socket.read_iter tell of every call of these functions, whatever is around them.
    @inline(__always)
    mutating func announceIteration(
        _ place: Int32, task: Int, _ moment: Moment, into output: inout TraceBatch
    ) {
        let role = frames[place].role
        guard role == .writeIter || role == .readIter, !beganBeforeTrace(moment.time, task: task) else { return }
        emit(role == .writeIter ? .writeIter : .readIter, place, task: task, moment, into: &output)
    }

    @inline(__always)
    mutating func concludeIteration(
        _ place: Int32, task: Int, _ moment: Moment, result: Int64?, into output: inout TraceBatch
    ) {
        let role = frames[place].role
        guard role == .writeIter || role == .readIter, !beganBeforeTrace(frames[place].time, task: task) else { return }
        let alias: Alias = role == .writeIter ? .writeIterReturn : .readIterReturn
        guard wanted.contains(alias) else { return }
        tell(alias, alias.arguments, place, task: task, moment, result: result, into: &output)
    }

    /// Tells the end of an operation.
    @inline(__always)
    mutating func conclude(
        _ place: Int32, task: Int, _ moment: Moment, result: Int64?, into output: inout TraceBatch
    ) {
        let direction = frames[place].role.direction
        // It failed before it reached a socket.
        guard direction != .mark, !lacksSocket(place) else { return }
        guard !beganBeforeTrace(frames[place].time, task: task) else {
            statistics.begunBeforeTrace += 1
            return
        }
        if isUncertain(place) { statistics.uncertainPairs += 1 }
        concludeIteration(place, task: task, moment, result: result, into: &output)
        if toldReturns.contains(direction), let alias = frames[place].returnAlias, wanted.contains(alias) {
            tell(alias, alias.arguments, place, task: task, moment, result: result, into: &output)
        }
        guard direction == .send || direction == .receive else { return }
        let alias: Alias = direction == .send ? .send : .receive
        guard wanted.contains(alias) else { return }
        // Both have the same arguments, which so are a constant.
        tell(alias, Alias.send.arguments, place, task: task, moment, result: result, into: &output)
    }

    /// Tells a message of which one record is all there is.
    mutating func message(
        _ direction: FrameRole.Direction, _ place: Int32, task: Int, _ moment: Moment, result: Int64?,
        into output: inout TraceBatch
    ) {
        let alias: Alias = direction == .send ? .send : .receive
        guard wanted.contains(alias), !beganBeforeTrace(moment.time, task: task) else { return }
        let index = output.add()
        fill(&output.events[index], alias, alias.arguments, place, task: task, moment)
        output.events[index].size = result
        output.events[index].success = result.map { $0 >= 0 }
        statistics.events &+= 1
    }

    @inline(__always)
    private mutating func tell(
        _ alias: Alias, _ arguments: Alias.Arguments, _ place: Int32, task: Int, _ moment: Moment, result: Int64?,
        into output: inout TraceBatch
    ) {
        let index = output.add()
        conclude(&output.events[index], alias, arguments, place, task: task, moment, result: result)
        statistics.events &+= 1
    }

    @inline(__always)
    private func conclude(
        _ event: inout SocketEvent, _ alias: Alias, _ arguments: Alias.Arguments, _ place: Int32, task: Int,
        _ moment: Moment, result: Int64?
    ) {
        fill(&event, alias, arguments.subtracting(.size), place, task: task, moment)
        var known = event.facts.known
        let isUncertain = isUncertain(place)
        if isUncertain { known.formIntersection([.pid, .comm]) }
        if let result {
            if arguments.contains(.size) {
                event.facts.size = result
                known.insert(.size)
            }
            if arguments.contains(.err) {
                event.rawErr = Int32(truncatingIfNeeded: result)
                known.insert(.err)
            }
            if arguments.contains(.success) {
                event.rawSuccess = result >= 0 ? 1 : 0
                known.insert(.success)
            }
        }
        if !isUncertain {
            if arguments.contains(.via), let route = frames[place].route {
                event.rawVia = route.rawValue
                known.insert(.via)
            }
            // CPUs whose clocks differ can write a return that seems older than its entry.
            if moment.time >= frames[place].time {
                event.rawDuration = moment.time &- frames[place].time
                known.insert(.duration)
            }
        }
        event.facts.known = known
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

    mutating func emit(
        _ alias: Alias, _ place: Int32, task: Int, _ moment: Moment,
        into output: inout TraceBatch
    ) {
        guard wanted.contains(alias) else { return }
        let index = output.add()
        fill(&output.events[index], alias, alias.arguments, place, task: task, moment)
        statistics.events &+= 1
    }

    /// Makes an event of what was known at the entry, where it lies.
    @inline(__always)
    private func fill(
        _ event: inout SocketEvent, _ alias: Alias, _ arguments: Alias.Arguments, _ place: Int32, task: Int,
        _ moment: Moment
    ) {
        event.time = moment.time
        event.cpu = moment.cpu
        event.rawAlias = alias.rawValue
        event.tid = tasks[task].tid
        event.rawPid = tasks[task].tgid
        event.name = tasks[task].rawName
        event.facts = frames[place].facts
        event.facts.known = frames[place].facts.known.intersection(arguments).union(tasks[task].known)
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
}
