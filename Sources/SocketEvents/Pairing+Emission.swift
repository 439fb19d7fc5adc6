internal import ProbeContract
internal import BasicContainers

extension Pairing {
    /// Tells the entry of an operation, as soon as its socket is known.
    @inline(__always)
    mutating func announce(
        _ operation: Int32, _ task: inout TaskState, _ stamp: RecordStamp, into output: inout TraceBatch
    ) {
        guard toldEntries.contains(frames[operation].function.rawKind) else { return }
        announceEntry(operation, &task, stamp, into: &output)
    }

    @inline(never)
    private mutating func announceEntry(
        _ operation: Int32, _ task: inout TaskState, _ stamp: RecordStamp, into output: inout TraceBatch
    ) {
        // What was entered before records were lost may be another call's than what is inside it now.
        guard !frames[operation].isAnnounced, !lacksSocket(operation), !isUncertain(operation),
            !beganBeforeTrace(frames[operation].time, task)
        else { return }
        if frames[operation].function.isLife { return announceStep(operation, &task, stamp, into: &output) }
        frames[operation].isAnnounced = true
        guard let alias = frames[operation].entryAlias, wanted.contains(alias) else { return }
        let begin = RecordStamp(time: frames[operation].time, cpu: stamp.cpu)
        emit(alias, operation, &task, begin, into: &output)
    }

    /// socket.write_iter and socket.read_iter tell of every call of these functions, whatever is around them.
    @inline(never)
    mutating func announceIteration(
        _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp, into output: inout TraceBatch
    ) {
        guard !beganBeforeTrace(stamp.time, task) else { return }
        let isWrite = frames[place].function.role == .writeIter
        emit(isWrite ? .writeIter : .readIter, place, &task, stamp, into: &output)
    }

    @inline(never)
    mutating func concludeIteration(
        _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp, result: Int64?, into output: inout TraceBatch
    ) {
        guard !beganBeforeTrace(frames[place].time, task) else { return }
        let alias: Alias = frames[place].function.role == .writeIter ? .writeIterReturn : .readIterReturn
        guard wanted.contains(alias) else { return }
        tell(
            alias, alias.arguments, place, &task, stamp, result: result, isUncertain: isUncertain(place),
            into: &output)
    }

    /// Tells the end of an operation.
    @inline(__always)
    mutating func conclude(
        _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp, result: Int64?, into output: inout TraceBatch
    ) {
        let function = frames[place].function
        if function.isLife { return concludeStep(place, &task, stamp, result: result, into: &output) }
        // It failed before it reached a socket.
        guard !function.isOf(.context), !lacksSocket(place) else { return }
        guard !beganBeforeTrace(frames[place].time, task) else {
            statistics.begunBeforeTrace += 1
            return
        }
        let isUncertain = isUncertain(place)
        if isUncertain { statistics.uncertainPairs &+= 1 }
        if function.isIteration { concludeIteration(place, &task, stamp, result: result, into: &output) }
        if toldReturns.contains(function.rawKind) {
            concludeReturn(place, &task, stamp, result: result, into: &output)
        }
        guard function.isOf(.send) || function.isOf(.receive) else { return }
        let alias: Alias = function.isOf(.send) ? .send : .receive
        guard wanted.contains(alias) else { return }
        // Both have the same arguments, which so are a constant.
        tell(
            alias, Alias.send.arguments, place, &task, stamp, result: result, isUncertain: isUncertain, into: &output)
    }

    @inline(never)
    private mutating func concludeReturn(
        _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp, result: Int64?, into output: inout TraceBatch
    ) {
        guard let alias = frames[place].returnAlias, wanted.contains(alias) else { return }
        tell(
            alias, alias.arguments, place, &task, stamp, result: result, isUncertain: isUncertain(place),
            into: &output)
    }

    /// Tells a message of which one record is all there is.
    mutating func message(
        _ direction: OperationKind, _ place: Int32, sock: UInt64, _ task: inout TaskState, _ stamp: RecordStamp,
        result: Int64?, into output: inout TraceBatch
    ) {
        let alias: Alias = direction == .send ? .send : .receive
        guard wanted.contains(alias), !beganBeforeTrace(stamp.time, task) else { return }
        if attempts.count > 0 { tellUnseenOutcome(place, stamp, into: &output) }
        let hasSocket = frames[place].facts.known.contains(.socket)
        let entry = hasSocket || !knowsSockets ? nil : sockets.index(ofSock: sock)
        if tellsEnds, knowsSockets, let used = entry ?? sockets.index(ofSocket: frames[place].facts.socket) {
            note(SocketUser(task), of: used)
        }
        let details = details(of: place, orOf: entry, into: &output)
        let index = output.add()
        var known = fill(&output.events[index], alias, alias.arguments, place, &task, stamp)
        if let entry { fill(&output.events[index], fromEntry: entry, &known) }
        output.events[index].details = details
        output.events[index].facts.known = known
        output.events[index].size = result
        output.events[index].success = result.map { $0 >= 0 }
        statistics.events &+= 1
    }

    /// What the table knows of a socket of which the record tells nothing but its sock.
    private func fill(_ event: inout SocketEvent, fromEntry entry: Int32, _ known: inout Alias.Arguments) {
        if sockets[entry].type >= 0, !known.contains(.type) {
            event.facts.type = sockets[entry].type
            known.insert(.type)
        }
        if sockets[entry].socket != 0 {
            event.facts.socket = sockets[entry].socket
            known.insert(.socket)
        }
        if sockets[entry].isTCP { event.rawTCPState = sockets[entry].tcpState }
    }

    @inline(__always)
    private mutating func tell(
        _ alias: Alias, _ arguments: Alias.Arguments, _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp,
        result: Int64?, isUncertain: Bool, into output: inout TraceBatch
    ) {
        if attempts.count > 0, !isUncertain { tellUnseenOutcome(place, stamp, into: &output) }
        let details = isUncertain ? -1 : details(of: place, into: &output)
        let index = output.add()
        var known = fill(&output.events[index], alias, arguments.subtracting(.size), place, &task, stamp)
        output.events[index].details = details
        if let result {
            output.events[index].facts.size = result
            output.events[index].rawErr = Int32(truncatingIfNeeded: result)
            output.events[index].rawSuccess = result >= 0 ? 1 : 0
            known.formUnion(arguments.intersection([.size, .err, .success]))
        }
        output.events[index].rawVia = frames[place].rawRoute
        if frames[place].rawRoute != Route.unknown { known.formUnion(arguments.intersection(.via)) }
        // CPUs whose clocks differ can write a return that seems older than its entry.
        output.events[index].rawDuration = stamp.time &- frames[place].time
        if stamp.time >= frames[place].time { known.insert(.duration) }
        // Of an uncertain pair the entry tells nothing.
        if isUncertain {
            known.formIntersection([.pid, .comm, .size, .err, .success])
            output.events[index].rawTCPState = 0
        }
        output.events[index].facts.known = known
        statistics.events &+= 1
    }

    /// Records were lost between the entry and now: the entry may belong to an earlier call whose return is among
    /// them, and the return to a later call.
    @inline(__always)
    func isUncertain(_ place: Int32) -> Bool {
        openLosses > 0 || frames[place].losses != losses
    }

    mutating func emit(
        _ alias: Alias, _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp, into output: inout TraceBatch
    ) {
        guard wanted.contains(alias) else { return }
        let details = details(of: place, into: &output)
        let index = output.add()
        var known = fill(&output.events[index], alias, alias.arguments, place, &task, stamp)
        if alias == .close, !known.contains(.family) { fillFamily(of: &output.events[index], &known) }
        output.events[index].details = details
        output.events[index].facts.known = known
        statistics.events &+= 1
    }

    /// A socket that is closed without ever having had a sock: accept(2) found nobody.
    private func fillFamily(of event: inout SocketEvent, _ known: inout Alias.Arguments) {
        guard known.contains(.socket), knowsSockets, let index = sockets.index(ofSocket: event.facts.socket),
            sockets[index].family >= 0
        else { return }
        event.facts.family = sockets[index].family
        known.insert(.family)
    }

    /// Makes an event of what was known at the entry, where it lies.
    /// - Returns: what of it is known, which is for the caller to note in it.
    @inline(__always)
    func fill(
        _ event: inout SocketEvent, _ alias: Alias, _ arguments: Alias.Arguments, _ place: Int32,
        _ task: inout TaskState, _ stamp: RecordStamp
    ) -> Alias.Arguments {
        event.begin(alias, stamp.time, cpu: stamp.cpu, tid: task.tid)
        event.rawPid = task.tgid
        event.name = task.rawName
        event.facts = frames[place].facts
        if frames[place].facts.protocol == 6, frames[place].head.family == 2 || frames[place].head.family == 10 {
            event.rawTCPState = frames[place].head.state
        }
        return frames[place].facts.known.intersection(arguments).union(task.known)
    }
}

extension Frame {
    /// The alias that fires at the operation's entry; none for splices, which the tapset does not know.
    var entryAlias: Alias? {
        switch function.role.kind {
        case .create: .create
        case .close: .close
        case .connect: .connect
        case .accept: .accept
        case .bind: .bind
        case .listen: .listen
        case .shutdown: .shutdown
        case .send, .receive, .context:
            switch Route(rawValue: rawRoute) {
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
        case .connect: .connectReturn
        case .accept: .acceptReturn
        case .bind: .bindReturn
        case .listen: .listenReturn
        case .shutdown: .shutdownReturn
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
