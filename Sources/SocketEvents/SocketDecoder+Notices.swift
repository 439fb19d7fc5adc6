internal import BasicContainers
internal import ProbeContract
internal import RingBuffer
internal import SocketNames

/// Records that say who sockets are and what becomes of them, whoever's they are.
extension SocketDecoder {
    mutating func notice<Order: TraceByteOrder>(
        _ notice: SocketNotice, _ payload: RecordPayload, _ table: EventPlanTable, _ index: Int, task: Int,
        _ stamp: RecordStamp, into output: inout TraceBatch, _ order: Order.Type
    ) {
        let places = table.endpoints[index]
        func number(_ field: FieldPlan) -> UInt64? {
            places.plan.value(payload, field, swapped: Order.isSwapped)
        }
        let socket = table.plans[index].socket.load(from: payload, swapped: Order.isSwapped)
        let sock = number(places.plan.sock) ?? 0
        switch notice {
        case .made:
            pairing.made(socket, sock, identity(places.plan, payload, order), tasks[task], stamp)
        case .paired:
            pairing.paired((socket, sock), (number(places.plan.peerSocket) ?? 0, number(places.plan.peerSock) ?? 0))
        case .grafted:
            pairing.grafted(
                socket, sock, peer: number(places.plan.peerSock) ?? 0, identity(places.plan, payload, order),
                places.plan.readHead(payload, order), ipv6(places.plan, payload), tasks[task], stamp)
        case .accepted: pairing.accepted(sock, tasks[task], stamp)
        case .connecting:
            if sock != 0, pairing.knowsSockets {
                let entry =
                    socket != 0
                    ? pairing.join(socket, sock, identity(places.plan, payload, order))
                    : pairing.sockets.entry(ofSock: sock)
                pairing.take(places.plan.readHead(payload, order), ipv6(places.plan, payload), of: entry)
                pairing.sockets[entry].change(at: stamp.time)
            }
        case .listed: pairing.listed(row(places.plan, payload, socket, sock, order), stamp)
        case .tcpEnded: noteError(places.plan, payload, of: sock, order)
        // It has the kind of the kernel's own event.
        case .tcpChanged: break
        case .datagramReceived: datagramReceived(places.plan, payload, sock, task: task, stamp, order)
        case .datagramSent: datagramSent(places.plan, payload, socket, sock, task: task, order)
        case .messageSent, .messageReceived:
            guard tasks[task].isInScope(scope) else { return }
            if socket != 0, sock != 0, pairing.knowsSockets {
                let head = places.plan.readHead(payload, order)
                // A TCP sock whose connection is over has given its port back, which the table still has.
                let isOver = head.state == TCPState.close && head.localPort == 0
                join(socket: socket, sock: sock, isOver ? SockHead() : head, places.plan, payload, order)
            }
            message(
                notice == .messageSent ? .send : .receive, payload, table, index, task: task, stamp, into: &output,
                order)
        }
    }

    private mutating func noteError<Order: TraceByteOrder>(
        _ plan: EndpointPlan, _ payload: RecordPayload, of sock: UInt64, _: Order.Type
    ) {
        guard let error = plan.value(payload, plan.error, swapped: Order.isSwapped),
            let entry = pairing.sockets.index(ofSock: sock)
        else { return }
        let generic = -plans.numbers.genericResult(-Int64(Int32(truncatingIfNeeded: error)))
        pairing.sockets[entry].error = Int32(truncatingIfNeeded: generic)
    }

    /// Whatever happened to a socket, the record says who it is.
    private mutating func join<Order: TraceByteOrder>(
        socket: UInt64, sock: UInt64, _ head: SockHead, _ plan: EndpointPlan, _ payload: RecordPayload,
        _ order: Order.Type
    ) {
        let entry = pairing.join(socket, sock, identity(plan, payload, order))
        if let ipv6 = ipv6(plan, payload) { pairing.take(head, ipv6, of: entry) }
    }

    /// A message of which one record is all there is.
    mutating func message<Order: TraceByteOrder>(
        _ kind: OperationKind, _ payload: RecordPayload, _ table: EventPlanTable, _ index: Int, task: Int,
        _ stamp: RecordStamp, into output: inout TraceBatch, _ order: Order.Type
    ) {
        let result = table.result(of: payload, index, order)
        let place = pairing.frames.take()
        pairing.frames[place].begin(table.plans[index].function, time: stamp.time, losses: pairing.losses, below: -1)
        table.read(payload, index, order, into: &pairing.frames[place])
        let places = table.endpoints[index].plan
        let sock = places.value(payload, places.sock, swapped: Order.isSwapped) ?? 0
        pairing.message(kind, place, sock: sock, &tasks[task], stamp, result: result, into: &output)
        pairing.frames.release(place)
    }

    private func identity<Order: TraceByteOrder>(
        _ plan: EndpointPlan, _ payload: RecordPayload, hasSocket: Bool = true, _: Order.Type
    ) -> SocketIdentity {
        func number(_ field: FieldPlan) -> UInt64? { plan.value(payload, field, swapped: Order.isSwapped) }
        return SocketIdentity(
            inode: hasSocket ? number(plan.inode) : nil,
            ownership: plan.ownership.read(hasSocket: hasSocket) { number($0) })
    }

    private func ipv6(_ plan: EndpointPlan, _ payload: RecordPayload) -> (local: StoredAddress, remote: StoredAddress)?
    {
        guard plan.localIPv6 >= 0, plan.remoteIPv6 >= 0 else { return nil }
        let local = EndpointPlan.bytes16(payload, at: plan.localIPv6)
        let remote = EndpointPlan.bytes16(payload, at: plan.remoteIPv6)
        return (
            StoredAddress(.ipv6, low: local.low, high: local.high),
            StoredAddress(.ipv6, low: remote.low, high: remote.high)
        )
    }

    private func row<Order: TraceByteOrder>(
        _ plan: EndpointPlan, _ payload: RecordPayload, _ socket: UInt64, _ sock: UInt64, _ order: Order.Type
    ) -> SocketRow {
        func number(_ field: FieldPlan) -> UInt64? { plan.value(payload, field, swapped: Order.isSwapped) }
        var row = SocketRow()
        (row.sock, row.socket) = (sock, socket)
        row.peer = number(plan.peerSock) ?? 0
        row.identity = identity(plan, payload, hasSocket: socket != 0, order)
        row.head = plan.readHead(payload, order)
        row.ipv6 = ipv6(plan, payload)
        if let type = number(plan.type) { row.type = plans.numbers.genericType(Int32(truncatingIfNeeded: type)) }
        if let number = number(plan.protocol) { row.protocol = Int32(truncatingIfNeeded: number) }
        if let name = number(plan.name) {
            row.name =
                name == 0
                ? SocketAddress(.path, []) : plan.readAddress(payload, swapped: Order.isSwapped)?.address
        }
        row.port = number(plan.port).map { UInt32(truncatingIfNeeded: $0) }
        row.remotePort = number(plan.remotePort).map { UInt32(truncatingIfNeeded: $0) }
        return row
    }

    // MARK: Datagrams

    private mutating func datagramReceived<Order: TraceByteOrder>(
        _ plan: EndpointPlan, _ payload: RecordPayload, _ sock: UInt64, task: Int, _ stamp: RecordStamp,
        _ order: Order.Type
    ) {
        if let peer = plan.value(payload, plan.peerSock, swapped: Order.isSwapped) {
            let peersPeer = plan.value(payload, plan.peersPeer, swapped: Order.isSwapped)
            if pairing.acceptedLocal(by: sock, peer, peer: peersPeer, tasks[task], stamp) { return }
            return pairing.datagramReceived(by: sock, fromSock: peer, tasks[task])
        }
        guard plan.header >= 0, let (family, port) = pairing.boundPort(of: tasks[task]) else { return }
        let start = Int(plan.header)
        let ends = DatagramHeader.ends(family: family, port: port) { EndpointPlan.byte(payload, at: start + $0) }
        if let ends { pairing.datagramReceived(by: sock, from: ends.source, at: ends.destination, tasks[task]) }
    }

    private mutating func datagramSent<Order: TraceByteOrder>(
        _ plan: EndpointPlan, _ payload: RecordPayload, _ socket: UInt64, _ sock: UInt64, task: Int, _: Order.Type
    ) {
        if let peer = plan.value(payload, plan.peerSocket, swapped: Order.isSwapped) {
            return pairing.datagramSent(from: socket, to: peer, tasks[task])
        }
        if plan.flowIPv4.isPresent {
            let port = plan.networkPort(payload, plan.flowIPv4.localPort)
            let local = bytes4(payload, plan.flowIPv4.local)
            pairing.datagramSent(
                by: sock,
                to: .ipv4(
                    bytes4(payload, plan.flowIPv4.remote), port: plan.networkPort(payload, plan.flowIPv4.remotePort)),
                from: port == 0 ? nil : .ipv4(local, port: port), tasks[task])
        } else if plan.flowIPv6.isPresent {
            let remote = EndpointPlan.bytes16(payload, at: plan.flowIPv6.remote)
            let port = plan.networkPort(payload, plan.flowIPv6.localPort)
            var from: StoredAddress?
            if plan.flowIPv6.local >= 0 {
                let local = EndpointPlan.bytes16(payload, at: plan.flowIPv6.local)
                if port != 0 {
                    from = StoredAddress(.ipv6, low: local.low, high: local.high, port: UInt32(port))
                }
            }
            let target = StoredAddress(
                .ipv6, low: remote.low, high: remote.high,
                port: UInt32(plan.networkPort(payload, plan.flowIPv6.remotePort)))
            pairing.datagramSent(by: sock, to: target, from: from, tasks[task])
        }
    }

    private func bytes4(_ payload: RecordPayload, _ offset: Int32) -> UInt32 {
        offset < 0 ? 0 : UInt32(littleEndian: payload.load(at: Int(offset), as: UInt32.self))
    }

    // MARK: The kernel's own events

    mutating func kernelEvent<Order: TraceByteOrder>(
        _ event: KernelEvent, _ payload: RecordPayload, _ table: EventPlanTable, _ index: Int, task: Int,
        _ stamp: RecordStamp, into output: inout TraceBatch, _ order: Order.Type
    ) {
        let plan = table.endpoints[index].plan
        if event == .tcpReceiveReset {
            return pairing.resetReceived(by: plan.value(payload, plan.sock, swapped: Order.isSwapped) ?? 0)
        }
        if event == .tcpRetransmit {
            return pairing.retransmitted(by: plan.value(payload, plan.sock, swapped: Order.isSwapped) ?? 0)
        }
        guard event == .tcpState else { return }
        let isInScope = tasks[task].isInScope(scope)
        func number(_ field: FieldPlan) -> UInt64 { field.load(from: payload, swapped: Order.isSwapped) }
        noteError(plan, payload, of: number(plan.sock), order)
        let family = Int32(truncatingIfNeeded: number(plan.family))
        let (source, destination) = (
            UInt16(truncatingIfNeeded: number(plan.sourcePort)),
            UInt16(truncatingIfNeeded: number(plan.destinationPort))
        )
        pairing.changed(
            StateChange(
                sock: number(plan.sock), old: UInt8(truncatingIfNeeded: number(plan.oldState)),
                new: UInt8(truncatingIfNeeded: number(plan.newState)), family: family,
                protocol: Int32(truncatingIfNeeded: number(plan.protocol)),
                local: chosenEnd(family, plan.bytes4(payload, plan.head.localIPv4), plan.localIPv6, source, payload),
                remote: end(family, plan.bytes4(payload, plan.head.remoteIPv4), plan.remoteIPv6, destination, payload)),
            tasks[task], isInScope: isInScope, stamp, into: &output)
    }

    /// At the beginning of a connection the address is chosen before the port is.
    private func chosenEnd(
        _ family: Int32, _ ipv4: UInt32, _ ipv6: Int32, _ port: UInt16, _ payload: RecordPayload
    ) -> StoredAddress? {
        if let end = end(family, ipv4, ipv6, port, payload) { return end }
        guard var address = end(family, ipv4, ipv6, 1, payload), address.low | address.high != 0 else { return nil }
        (address.hasPort, address.port) = (false, 0)
        return address
    }

    /// Nil where it is not chosen yet.
    private func end(
        _ family: Int32, _ ipv4: UInt32, _ ipv6: Int32, _ port: UInt16, _ payload: RecordPayload
    ) -> StoredAddress? {
        guard port != 0 else { return nil }
        switch family {
        case 2: return .ipv4(ipv4, port: port)
        case 10 where ipv6 >= 0:
            let bytes = EndpointPlan.bytes16(payload, at: ipv6)
            return StoredAddress(.ipv6, low: bytes.low, high: bytes.high, port: UInt32(port))
        default: return nil
        }
    }

    // MARK: Steps

    /// Reads what a step in a socket's life says besides what all frames say.
    @inline(never)
    mutating func readStep<Order: TraceByteOrder>(
        _ payload: RecordPayload, _ table: EventPlanTable, _ index: Int, into place: Int32, _ order: Order.Type
    ) {
        let plan = table.endpoints[index].plan
        func number(_ field: FieldPlan) -> Int32? {
            plan.value(payload, field, swapped: Order.isSwapped).map { Int32(truncatingIfNeeded: $0) }
        }
        var life = LifeFacts()
        if let value = number(plan.backlog) ?? number(plan.how) { (life.number, life.hasNumber) = (value, true) }
        life.listener = plan.value(payload, plan.listener, swapped: Order.isSwapped) ?? 0
        if let inode = plan.value(payload, plan.inode, swapped: Order.isSwapped) {
            (life.inode, life.hasInode) = (inode, true)
        }
        switch plan.readAddress(payload, swapped: Order.isSwapped) {
        case .unspecified: life.isUnspecified = true
        case .known(let address): (life.address, life.hasAddress) = (address, true)
        case .other: life.isForeign = true
        case nil: break
        }
        pairing.frames[place].life = life
        guard plan.sock.isPresent, table.plans[index].socket.isPresent, pairing.knowsSockets else { return }
        let socket = pairing.frames[place].facts.socket
        let sock = plan.value(payload, plan.sock, swapped: Order.isSwapped) ?? 0
        if pairing.frames[place].facts.known.contains(.socket), sock != 0 {
            join(socket: socket, sock: sock, pairing.frames[place].head, plan, payload, order)
        }
    }
}
