internal import BasicContainers
internal import ProbeContract

/// Attempts to connect: each ends once, be it with the call that began it or behind its back.
extension Pairing {
    /// The attempt continues in the background, or will be made again by the kernel itself: EINPROGRESS, EALREADY, EINTR,
    /// and ERESTARTSYS to ERESTART_RESTARTBLOCK (include/linux/errno.h).
    static func goesOn(_ error: Int32) -> Bool {
        [-115, -114, -4].contains(error) || (-516 ... -512).contains(error)
    }

    /// EISCONN.
    private static var isConnected: Int32 { -106 }

    /// A call of connect(2) has returned.
    mutating func concludeConnect(
        _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp, _ error: Int32, into output: inout TraceBatch
    ) {
        let socket = frames[place].facts.known.contains(.socket) ? frames[place].facts.socket : 0
        if mayAskForLostAttempt(place, error) { return }
        guard knowsSockets, let index = sockets.index(ofSocket: socket) else {
            if !frames[place].life.isUnspecified, !Self.goesOn(error), error != Self.isConnected {
                tellConnected(place, &task, stamp, error, into: &output)
            }
            return
        }
        let attempt = sockets[index].attempt
        if attempt >= 0 { return concludeAttempt(attempt, index, place, &task, stamp, error, into: &output) }
        if sockets[index].isOutcomeUntold {
            // It asked how the last attempt had ended.
            sockets[index].isOutcomeUntold = Self.goesOn(error)
            return
        }
        guard !frames[place].life.isUnspecified, !Self.goesOn(error), error != Self.isConnected else { return }
        // As above, where the change of state is not told.
        let isDeferred =
            error == 0 && sockets[index].isTCP && tellsStates
            && sockets[index].tcpState != TCPState.established && frames[place].head.state == TCPState.close
        guard !isDeferred else { return }
        if error == 0, sockets[index].family == 1 { sockets[index].establishedAt = stamp.time }
        tellConnected(place, &task, stamp, error, into: &output)
    }

    /// Records are missing, and it returned what a call does that asks how an earlier attempt ended: of TCP, if the handshake
    /// was not seen within it, that attempt may have been shown already.
    private func mayAskForLostAttempt(_ place: Int32, _ error: Int32) -> Bool {
        losses > 0 && tellsStates && !frames[place].life.beganHandshake
            && frames[place].facts.known.contains(.protocol) && frames[place].facts.protocol == 6
            && Self.outcomes.contains(error)
    }

    /// Of a handshake: success, ECONNREFUSED, ETIMEDOUT, ECONNRESET, EHOSTUNREACH.
    private static var outcomes: [Int32] { [0, -111, -110, -104, -113] }

    private mutating func concludeAttempt(
        _ attempt: Int32, _ index: Int32, _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp,
        _ error: Int32, into output: inout TraceBatch
    ) {
        let isOwn = frames[place].life.beganHandshake
        // With TCP_FASTOPEN_CONNECT the call leaves the handshake to the first message.
        let isDeferred = error == 0 && sockets[index].tcpState == TCPState.synSent
        if isOwn, Self.goesOn(error) || isDeferred {
            attempts[attempt].isInCall = false
            if let outcome = attempts[attempt].outcome { tell(outcome, of: attempt, index, stamp.cpu, into: &output) }
            return
        }
        guard isOwn || !(Self.goesOn(error) || error == Self.isConnected) else { return }
        guard !frames[place].life.isUnspecified else { return }
        tell(
            .init(time: stamp.time, error: error, tcpState: sockets[index].tcpState), of: attempt, index, stamp.cpu,
            isAsked: true, into: &output)
    }

    /// TCP begins a handshake: within a call of connect(2), or of a message that takes the connection along.
    mutating func beginAttempt(
        _ index: Int32, _ task: borrowing TaskState, isInScope: Bool, _ stamp: RecordStamp
    ) {
        releaseAttempt(of: index)
        sockets[index].isOutcomeUntold = false
        sockets[index].error = -1
        guard tellsConnects else { return isInScope ? beginUnseenAttempt(index, task, stamp) : () }
        guard task.top >= 0 else { return }
        let operation = frames[task.top].operation
        guard operation >= 0,
            frames[operation].function.isOf(.connect) || frames[operation].function.isOf(.send)
        else { return }
        frames[operation].life.beganHandshake = frames[operation].function.isOf(.connect)
        guard wanted.contains(.connected) else { return }
        var attempt = ConnectAttempt()
        attempt.time = frames[operation].time
        (attempt.tid, attempt.process, attempt.name) = (task.tid, task.tgid, task.rawName)
        attempt.knownOfTask = task.known
        attempt.facts = frames[operation].facts
        attempt.descriptor = frames[operation].descriptor
        if frames[operation].function.isOf(.connect) {
            (attempt.address, attempt.hasAddress) = (frames[operation].life.address, frames[operation].life.hasAddress)
        } else {
            // Nobody waits for it.
            attempt.isInCall = false
            attempt.facts.known.subtract([.size])
            if sockets[index].known.contains(.remote) {
                (attempt.address, attempt.hasAddress) = (sockets.address(sockets[index].remote), true)
            }
        }
        sockets[index].attempt = attempts.add(attempt)
    }

    /// Where calls of connect(2) are not probed, the handshake is all that is seen of one.
    private mutating func beginUnseenAttempt(_ index: Int32, _ task: borrowing TaskState, _ stamp: RecordStamp) {
        guard wanted.contains(.connected) else { return }
        var attempt = ConnectAttempt()
        attempt.time = stamp.time
        (attempt.tid, attempt.process, attempt.name) = (task.tid, task.tgid, task.rawName)
        attempt.knownOfTask = task.known
        attempt.facts.family = sockets[index].family
        attempt.facts.protocol = sockets[index].protocol
        attempt.facts.type = sockets[index].type
        attempt.facts.known = [.family, .protocol, .type]
        if sockets[index].known.contains(.remote) {
            (attempt.address, attempt.hasAddress) = (sockets.address(sockets[index].remote), true)
        }
        attempt.isInCall = false
        sockets[index].attempt = attempts.add(attempt)
    }

    /// TCP's handshake ended.
    mutating func endAttempt(
        _ index: Int32, _ error: Int32?, isTimeKnown: Bool = true, _ stamp: RecordStamp, into output: inout TraceBatch
    ) {
        let attempt = sockets[index].attempt
        guard attempt >= 0 else { return }
        let outcome = ConnectAttempt.Outcome(
            time: stamp.time, isTimeKnown: isTimeKnown, error: error, tcpState: sockets[index].tcpState)
        if attempts[attempt].isInCall {
            attempts[attempt].outcome = outcome
        } else {
            tell(outcome, of: attempt, index, stamp.cpu, into: &output)
        }
    }

    private mutating func tell(
        _ outcome: ConnectAttempt.Outcome, of attempt: Int32, _ index: Int32, _ cpu: UInt32, isAsked: Bool = false,
        into output: inout TraceBatch
    ) {
        defer {
            releaseAttempt(of: index)
            sockets[index].isOutcomeUntold = !isAsked
        }
        guard wanted.contains(.connected) else { return }
        let details = tellsEndpoints ? details(ofEntry: index, into: &output) : -1
        if details >= 0 { output.details[Int(details)].rawDescriptor = attempts[attempt].descriptor }
        if details >= 0, outcome.error != 0, attempts[attempt].hasAddress {
            output.details[Int(details)].rawRemote = attempts[attempt].address
            output.details[Int(details)].known.insert(.remote)
        }
        let event = output.add()
        output.events[event].begin(.connected, outcome.time, cpu: cpu, tid: attempts[attempt].tid)
        output.events[event].rawPid = attempts[attempt].process
        output.events[event].name = attempts[attempt].name
        output.events[event].facts = attempts[attempt].facts
        var known = attempts[attempt].facts.known.intersection(Alias.connected.arguments)
        known.formUnion(attempts[attempt].knownOfTask)
        output.events[event].details = details
        output.events[event].rawTCPState = outcome.tcpState
        output.events[event].rawErr = outcome.error ?? 0
        if outcome.error != nil { known.insert(.err) }
        output.events[event].rawSuccess = outcome.error == 0 ? 1 : 0
        known.insert(.success)
        output.events[event].rawDuration = outcome.time &- attempts[attempt].time
        if outcome.isTimeKnown, outcome.time >= attempts[attempt].time { known.insert(.duration) }
        output.events[event].facts.known = known
        statistics.events &+= 1
        if outcome.error == 0 { note(SocketUser(attempts[attempt]), of: index) }
    }

    /// An outcome went unseen: it came in an interrupt of a task that is left out of the trace. The record of the next message
    /// or of the close shows that there was one.
    @inline(never)
    mutating func tellUnseenOutcome(_ place: Int32, _ stamp: RecordStamp, into output: inout TraceBatch) {
        guard knowsSockets, frames[place].head.isKnown, frames[place].facts.known.contains(.socket),
            let index = sockets.index(ofSocket: frames[place].facts.socket), sockets[index].isTCP,
            sockets[index].attempt >= 0, !attempts[sockets[index].attempt].isInCall,
            sockets[index].changedAt < frames[place].time
        else { return }
        let state = frames[place].head.state
        guard state != TCPState.synSent, state != TCPState.synReceived else { return }
        sockets[index].tcpState = state
        let outcome = ConnectAttempt.Outcome(
            time: stamp.time, isTimeKnown: false, error: state == TCPState.close ? nil : 0, tcpState: state)
        tell(outcome, of: sockets[index].attempt, index, stamp.cpu, into: &output)
    }

    /// An attempt that ended with the call.
    private mutating func tellConnected(
        _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp, _ error: Int32, into output: inout TraceBatch
    ) {
        guard wanted.contains(.connected) else { return }
        tellStep(.connected, place, &task, stamp, error: error, isUncertain: false, into: &output)
    }

    // MARK: Ends of connections

    /// A connection is over. Where no function shows that its socket is closed, this is as near as records come.
    private mutating func tellEnd(_ index: Int32, _ stamp: RecordStamp, into output: inout TraceBatch) {
        guard tellsEnds, let user = sockets[index].user else { return }
        sockets[index].user = nil
        let details = tellsEndpoints ? details(ofEntry: index, into: &output) : -1
        let event = output.add()
        output.events[event].begin(.close, stamp.time, cpu: stamp.cpu, tid: user.tid)
        output.events[event].rawPid = user.process
        output.events[event].name = user.name
        output.events[event].facts.family = sockets[index].family
        output.events[event].facts.protocol = sockets[index].protocol
        output.events[event].facts.type = sockets[index].type
        var known = user.known.union([.family, .protocol, .type])
        if sockets[index].socket != 0 {
            output.events[event].facts.socket = sockets[index].socket
            known.insert(.socket)
        }
        output.events[event].facts.known = known
        output.events[event].rawTCPState = TCPState.close
        output.events[event].details = details
        statistics.events &+= 1
    }

    /// Notes whose end it will be.
    mutating func note(_ user: SocketUser, of index: Int32) {
        guard tellsEnds, wanted.contains(.close), sockets[index].user == nil else { return }
        sockets[index].user = user
    }

    // MARK: TCP's states

    /// A segment was sent once more.
    mutating func retransmitted(by sock: UInt64) {
        guard knowsSockets, let index = sockets.index(ofSock: sock) else { return }
        sockets[index].retransmits &+= 1
        sockets[index].batch = 0
    }

    /// A reset came, which says why a connection ends: ECONNREFUSED for one that was asked for, EPIPE for one that its peer had
    /// ended, else ECONNRESET (tcp_reset in net/ipv4/tcp_input.c).
    mutating func resetReceived(by sock: UInt64) {
        guard knowsSockets, let index = sockets.index(ofSock: sock) else { return }
        switch sockets[index].tcpState {
        case TCPState.synSent: sockets[index].error = 111
        case TCPState.closeWait: sockets[index].error = 32
        case TCPState.close, 0: break
        default: sockets[index].error = 104
        }
        sockets[index].batch = 0
    }

    /// A TCP sock has changed its state.
    mutating func changed(
        _ change: StateChange, _ task: borrowing TaskState, isInScope: Bool, _ stamp: RecordStamp,
        into output: inout TraceBatch
    ) {
        guard change.sock != 0, knowsSockets else { return }
        guard let index = entry(changing: change, task) else { return }
        sockets[index].family = change.family
        sockets[index].protocol = change.protocol
        if change.protocol == 6 { sockets[index].type = 1 }
        sockets[index].tcpState = change.new
        if let local = change.local { set(local: local, of: index) }
        if change.new != TCPState.close, let remote = change.remote { sockets.set(remote: remote, of: index) }
        sockets[index].change(at: stamp.time)
        switch change.new {
        case TCPState.synSent: beginAttempt(index, task, isInScope: isInScope, stamp)
        case TCPState.established:
            sockets[index].establishedAt = stamp.time
            endAttempt(index, 0, stamp, into: &output)
        case TCPState.close:
            if change.old == TCPState.synSent || change.old == TCPState.synReceived {
                let error = sockets[index].error
                endAttempt(index, error > 0 ? -error : nil, stamp, into: &output)
            } else {
                // The handshake succeeded, in a change that was not recorded.
                endAttempt(index, 0, isTimeKnown: false, stamp, into: &output)
                tellEnd(index, stamp, into: &output)
            }
            sockets.set(remote: nil, of: index)
            sockets[index].change(at: stamp.time)
            sockets[index].establishedAt = 0
            if sockets[index].socket == 0 {
                releaseAttempt(of: index)
                sockets.remove(index)
            }
        default: break
        }
    }

    /// A port that is not in the record is not chosen yet, unless its owner did that before.
    private mutating func set(local: StoredAddress, of index: Int32) {
        var local = local
        if !local.hasPort, sockets[index].isPortBound == true, sockets[index].local.hasPort {
            (local.hasPort, local.port) = (true, sockets[index].local.port)
        }
        sockets.set(local: local, of: index)
    }

    /// The entry of the sock that changes; nil where nothing need be known of it.
    private mutating func entry(changing change: StateChange, _ task: borrowing TaskState) -> Int32? {
        if change.new == TCPState.synReceived, change.old == TCPState.listen { return sockets.begin(sock: change.sock) }
        if let known = sockets.index(ofSock: change.sock) { return known }
        if let index = joined(change, task) { return index }
        return change.new == TCPState.close ? nil : sockets.entry(ofSock: change.sock)
    }

    /// The sock of the socket with which the task is just busy, which nobody had told.
    private mutating func joined(_ change: StateChange, _ task: borrowing TaskState) -> Int32? {
        guard task.top >= 0 else { return nil }
        let operation = frames[task.top].operation
        guard operation >= 0, OperationKindSet.changingTCP.contains(frames[operation].function.rawKind),
            frames[operation].facts.known.contains(.socket),
            change.old == TCPState.close, change.new != TCPState.close
        else { return nil }
        let index = sockets.entry(ofSocket: frames[operation].facts.socket)
        guard sockets[index].sock == 0 else { return nil }
        return sockets.join(socket: frames[operation].facts.socket, sock: change.sock)
    }
}

/// What sock:inet_sock_set_state says.
struct StateChange {
    var sock: UInt64
    var old: UInt8
    var new: UInt8
    var family: Int32
    var `protocol`: Int32
    /// Nil where there is none yet, or no longer.
    var local: StoredAddress?
    var remote: StoredAddress?
}
