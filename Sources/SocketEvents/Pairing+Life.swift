internal import BasicContainers
internal import ProbeContract

/// Steps in a socket's life: connect, accept, bind, listen, shutdown.
extension Pairing {
    /// Tells the end of a step, and puts what came of it into the table.
    @inline(never)
    mutating func concludeStep(
        _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp, result: Int64?, into output: inout TraceBatch
    ) {
        guard !beganBeforeTrace(frames[place].time, task) else {
            statistics.begunBeforeTrace += 1
            return
        }
        let isUncertain = isUncertain(place)
        if isUncertain {
            // What is around it ends next, be it of this call or of one before: the call is shown once.
            let below = frames[place].below
            if below >= 0, frames[below].function.rawKind == frames[place].function.rawKind { return }
            statistics.uncertainPairs &+= 1
        }
        let error = result.map { frames[place].function.role.error(of: $0) }
        if !isUncertain, knowsSockets, let error { settle(place, error, stamp) }
        // It failed before it reached a socket: now it is known that nothing more will be.
        if !frames[place].isAnnounced, !isUncertain { announceStep(place, &task, stamp, into: &output) }
        if frames[place].function.role == .sysAccept, let made = result.flatMap({ Int32(exactly: $0) }), made >= 0 {
            frames[place].descriptor = made
        }
        if let alias = frames[place].returnAlias, wanted.contains(alias) {
            tellStep(alias, place, &task, stamp, error: error, isUncertain: isUncertain, into: &output)
        }
        if frames[place].function.isOf(.connect), !isUncertain, let error {
            concludeConnect(place, &task, stamp, error, into: &output)
        }
    }

    /// Tells the beginning of a step.
    mutating func announceStep(
        _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp, into output: inout TraceBatch
    ) {
        frames[place].isAnnounced = true
        guard let alias = frames[place].entryAlias, wanted.contains(alias) else { return }
        let begin = RecordStamp(time: frames[place].time, cpu: stamp.cpu)
        tellStep(alias, place, &task, begin, error: nil, isUncertain: false, into: &output)
    }

    mutating func tellStep(
        _ alias: Alias, _ place: Int32, _ task: inout TaskState, _ stamp: RecordStamp, error: Int32?,
        isUncertain: Bool, into output: inout TraceBatch
    ) {
        let details = isUncertain ? -1 : stepDetails(alias, place, error, stamp, into: &output)
        if details >= 0 { output.details[Int(details)].rawDescriptor = frames[place].descriptor }
        let index = output.add()
        var known = fill(&output.events[index], alias, alias.arguments, place, &task, stamp)
        if frames[place].function.isOf(.accept) {
            known = fillAccept(&output.events[index], alias, place, error, known)
        }
        output.events[index].details = details
        if alias != frames[place].entryAlias, !frames[place].function.isOf(.accept) {
            putState(place, into: &output.events[index])
        }
        if frames[place].life.hasNumber {
            output.events[index].facts.size = Int64(frames[place].life.number)
            known.formUnion(alias.arguments.intersection([.backlog, .how]))
        }
        if alias.arguments.contains(.duration) {
            if let error {
                output.events[index].rawErr = error
                output.events[index].rawSuccess = error == 0 ? 1 : 0
                known.formUnion([.err, .success])
            }
            output.events[index].rawDuration = stamp.time &- frames[place].time
            if stamp.time >= frames[place].time { known.insert(.duration) }
        }
        if isUncertain { known.formIntersection([.pid, .comm, .err, .success]) }
        output.events[index].facts.known = known
        statistics.events &+= 1
    }

    /// TCP's state when a step ended; its record has the one when it began, which bind(2) alone does not change.
    private func putState(_ place: Int32, into event: inout SocketEvent) {
        if knowsSockets, frames[place].facts.known.contains(.socket),
            let index = sockets.index(ofSocket: frames[place].facts.socket), sockets[index].isTCP,
            sockets[index].tcpState != 0
        {
            event.rawTCPState = sockets[index].tcpState
        } else if !frames[place].function.isOf(.bind) {
            event.rawTCPState = 0
        }
    }

    /// Of accept the socket is at first the one that listens, then the one that was made.
    private func fillAccept(
        _ event: inout SocketEvent, _ alias: Alias, _ place: Int32, _ error: Int32?, _ known: Alias.Arguments
    ) -> Alias.Arguments {
        var known = known
        let isNew = alias == .acceptReturn
        if isNew, error != 0 {
            known.subtract([.socket, .state, .flags])
        } else if !isNew {
            event.facts.socket = frames[place].life.listener
            if frames[place].life.listener == 0 { known.remove(.socket) } else { known.insert(.socket) }
        }
        // The record has the state of the socket that listens.
        if isNew { event.rawTCPState = 0 }
        let socket = isNew && error == 0 ? frames[place].facts.socket : frames[place].life.listener
        guard knowsSockets, let index = sockets.index(ofSocket: socket) else { return known }
        func take(_ field: Alias.Arguments, _ value: Int32, _ member: inout Int32) {
            guard value >= 0, !known.contains(field) else { return }
            member = value
            known.insert(field)
        }
        take(.family, sockets[index].family, &event.facts.family)
        take(.type, sockets[index].type, &event.facts.type)
        take(.protocol, sockets[index].protocol, &event.facts.protocol)
        if sockets[index].isTCP { event.rawTCPState = sockets[index].tcpState }
        return known
    }

    // MARK: Ends

    private mutating func stepDetails(
        _ alias: Alias, _ place: Int32, _ error: Int32?, _ stamp: RecordStamp, into output: inout TraceBatch
    ) -> Int32 {
        guard tellsEndpoints else { return -1 }
        if frames[place].function.isOf(.accept) { return acceptDetails(alias, place, error, stamp, into: &output) }
        let socket = frames[place].facts.known.contains(.socket) ? frames[place].facts.socket : 0
        var details: Int32
        let isInForce = alias != frames[place].entryAlias && error == 0
        let goesOn = alias != frames[place].entryAlias && error.map { Self.goesOn($0) } ?? false
        if isInForce || goesOn, knowsSockets, let index = sockets.index(ofSocket: socket) {
            details = self.details(ofEntry: index, into: &output)
        } else {
            // Not the shared one: it gets an address of its own.
            let shared = self.details(of: place, into: &output)
            details = output.addDetails()
            if shared >= 0 { output.details[Int(details)] = output.details[Int(shared)] }
        }
        if alias != frames[place].entryAlias { putChosenPort(place, into: &output.details[Int(details)]) }
        guard frames[place].life.hasAddress || frames[place].life.isUnspecified || frames[place].life.isForeign else {
            return details
        }
        switch frames[place].function.rawKind {
        case OperationKind.connect.rawValue where !isInForce:
            output.details[Int(details)].known.subtract([.remote, .remoteInode])
            guard frames[place].life.hasAddress else { break }
            output.details[Int(details)].rawRemote = frames[place].life.address
            output.details[Int(details)].known.insert(.remote)
        case OperationKind.bind.rawValue where !isInForce && !frames[place].life.hasAddress:
            output.details[Int(details)].known.remove(.local)
        case OperationKind.bind.rawValue where !isInForce:
            output.details[Int(details)].rawLocal = frames[place].life.address
            output.details[Int(details)].known.insert(.local)
        default: break
        }
        return details
    }

    private mutating func acceptDetails(
        _ alias: Alias, _ place: Int32, _ error: Int32?, _ stamp: RecordStamp, into output: inout TraceBatch
    ) -> Int32 {
        guard knowsSockets else { return -1 }
        let listener = sockets.index(ofSocket: frames[place].life.listener)
        guard alias == .acceptReturn else {
            if let listener { return self.details(ofEntry: listener, into: &output) }
            return frames[place].descriptor >= 0 ? output.addDetails() : -1
        }
        var details: Int32
        if error == 0, let index = sockets.index(ofSocket: frames[place].facts.socket) {
            details = self.details(ofEntry: index, into: &output)
            let since = sockets[index].establishedAt
            if since != 0, since <= stamp.time {
                output.details[Int(details)].rawBacklogWait = stamp.time - since
                output.details[Int(details)].known.insert(.backlogWait)
            }
        } else {
            details = output.addDetails()
        }
        if let listener, sockets[listener].known.contains(.inode) {
            output.details[Int(details)].rawListener = sockets[listener].inode
            output.details[Int(details)].known.insert(.listener)
        }
        return details
    }

    /// Puts into the table what a step that has ended did to its socket.
    private mutating func settle(_ place: Int32, _ error: Int32, _ stamp: RecordStamp) {
        guard frames[place].facts.known.contains(.socket) else { return }
        let index = sockets.entry(ofSocket: frames[place].facts.socket)
        note(frames[place].facts, of: index)
        switch frames[place].function.rawKind {
        case OperationKind.bind.rawValue where error == 0: settleBind(place, index)
        // netlink_bind may have chosen a port before it failed.
        case OperationKind.bind.rawValue where sockets[index].family == 16: sockets.set(local: nil, of: index)
        case OperationKind.listen.rawValue where error == 0: settlePort(index)
        case OperationKind.shutdown.rawValue
        where error == 0 && sockets[index].isTCP && frames[place].head.state == TCPState.synSent:
            // inet_shutdown gives the attempt up.
            settleDissolved(index)
        case OperationKind.connect.rawValue: settleConnect(place, index, error)
        default: return
        }
        sockets[index].change(at: stamp.time)
    }

    private mutating func note(_ facts: SocketFields, of index: Int32) {
        if facts.known.contains(.family) { sockets[index].family = facts.family }
        if facts.known.contains(.type) { sockets[index].type = facts.type }
        if facts.known.contains(.protocol) { sockets[index].protocol = facts.protocol }
    }

    /// What is left to the kernel (port 0, a name of no bytes) is its choice, which a later record shows.
    private mutating func settleBind(_ place: Int32, _ index: Int32) {
        guard frames[place].life.hasAddress else {
            (sockets[index].isAddressBound, sockets[index].isPortBound) = (nil, nil)
            return sockets.set(local: nil, of: index)
        }
        var address = frames[place].life.address
        sockets[index].isPortBound = address.rawPort != 0
        sockets[index].isAddressBound = !(0..<address.count).allSatisfy { address[$0] == 0 }
        switch address.kind {
        case .ipv4, .ipv6: if address.rawPort == 0 { address.hasPort = false }
        case .netlink: if address.rawPort == 0 { return sockets.set(local: nil, of: index) }
        case .path: if address.count == 0 { return sockets.set(local: nil, of: index) }
        case .abstractName, .number: break
        }
        sockets.set(local: address, of: index)
    }

    /// The kernel has chosen a port where there was none; which one a later record shows.
    private mutating func settlePort(_ index: Int32) {
        guard sockets[index].known.contains(.local), sockets[index].local.hasPort, sockets[index].local.port == 0
        else { return }
        var local = sockets[index].local
        local.hasPort = false
        sockets.set(local: local, of: index)
    }

    /// An address that the connection chose is given back (tcp_disconnect, __udp_disconnect), and of UDP the port, too.
    private mutating func settleDissolved(_ index: Int32) {
        let family = sockets[index].family
        guard let isBound = sockets[index].isAddressBound, let isPortBound = sockets[index].isPortBound,
            sockets[index].known.contains(.local), family == 2 || family == 10
        else { return sockets.set(local: nil, of: index) }
        var local = isBound ? sockets[index].local : StoredAddress(family == 2 ? .ipv4 : .ipv6)
        (local.hasPort, local.port) = (sockets[index].local.hasPort, sockets[index].local.port)
        if !isPortBound, !sockets[index].isTCP { (local.hasPort, local.port) = (true, 0) }
        sockets.set(local: local, of: index)
    }

    private mutating func settleConnect(_ place: Int32, _ index: Int32, _ error: Int32) {
        if frames[place].life.isUnspecified {
            guard error == 0 else { return }
            sockets.set(remote: nil, of: index)
            sockets[index].peerSock = 0
            if sockets[index].family != 1 { settleDissolved(index) }
            return
        }
        // TCP's ends come with its states.
        guard !sockets[index].isTCP else {
            if error != 0, error != -115, error != -114, error != -106 { sockets.set(remote: nil, of: index) }
            return
        }
        guard error == 0 else { return }
        if frames[place].hasRemote, frames[place].remoteSock != 0 {
            sockets[index].peerSock = frames[place].remoteSock
        }
        guard frames[place].life.hasAddress else { return sockets.set(remote: nil, of: index) }
        let asked = frames[place].life.address
        let isWildcard = (asked.kind == .ipv4 || asked.kind == .ipv6) && (0..<asked.count).allSatisfy { asked[$0] == 0 }
        // Whoever connects to the wildcard reaches an address of this machine, which the look for a route shows.
        if isWildcard, frames[place].hasRemote, frames[place].remoteSock == 0, !frames[place].remote.isWildcard {
            sockets.set(remote: frames[place].remote, of: index)
        } else {
            sockets.set(remote: isWildcard ? nil : asked, of: index)
        }
        guard sockets[index].family != 1 else { return }
        if frames[place].hasLocal, !frames[place].local.isWildcard {
            sockets.set(local: frames[place].local, of: index)
        } else {
            sockets.set(local: nil, of: index)
        }
    }
}

extension FrameRole {
    /// The error number, negative, that a step's result is; 0 for none.
    func error(of result: Int64) -> Int32 {
        if returnsPointer { return (-4095 ... -1).contains(result) ? Int32(result) : 0 }
        return result < 0 ? Int32(truncatingIfNeeded: result) : 0
    }
}
