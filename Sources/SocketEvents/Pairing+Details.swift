internal import BasicContainers
internal import ProbeContract

/// Between whom an event was, as the batch keeps it.
extension Pairing {
    /// Of a message, or of another operation that has no address of its own.
    @inline(__always)
    mutating func details(of place: Int32, into output: inout TraceBatch) -> Int32 {
        tellsEndpoints && showsEnds ? knownDetails(of: place, into: &output) : -1
    }

    /// Of a message whose record tells nothing of its socket but the sock.
    mutating func details(of place: Int32, orOf entry: Int32?, into output: inout TraceBatch) -> Int32 {
        guard let entry, tellsEndpoints, showsEnds else { return details(of: place, into: &output) }
        let descriptor = frames[place].descriptor
        if sockets[entry].batch == output.serial, !sockets[entry].head.isKnown, sockets[entry].descriptor == descriptor
        {
            return sockets[entry].details
        }
        let details = details(ofEntry: entry, into: &output)
        output.details[Int(details)].rawDescriptor = descriptor
        (sockets[entry].batch, sockets[entry].details) = (output.serial, details)
        (sockets[entry].head, sockets[entry].descriptor) = (SockHead(), descriptor)
        return details
    }

    @inline(never)
    private mutating func knownDetails(of place: Int32, into output: inout TraceBatch) -> Int32 {
        let hasSocket = frames[place].facts.known.contains(.socket)
        let index = hasSocket && knowsSockets ? sockets.index(ofSocket: frames[place].facts.socket) ?? -1 : -1
        guard index >= 0 else {
            guard frames[place].head.isKnown || frames[place].hasRemote || frames[place].descriptor >= 0 else {
                return -1
            }
            let details = output.addDetails()
            output.details[Int(details)].rawDescriptor = frames[place].descriptor
            putEnds(-1, place, into: &output.details[Int(details)])
            return details
        }
        // The record was written when the operation began: what changed since counts for more.
        if sockets[index].isTCP, sockets[index].tcpState != 0,
            !frames[place].head.isKnown || sockets[index].changedAt >= frames[place].time
        {
            frames[place].head.family = UInt16(truncatingIfNeeded: sockets[index].family)
            frames[place].head.state = sockets[index].tcpState
        }
        if frames[place].function.isOf(.send), sockets[index].family == 16, sockets[index].known.contains(.local),
            sockets[index].local.port == 0
        {
            // netlink_autobind chooses a port.
            sockets.set(local: nil, of: index)
        }
        // A datagram's own address is its alone, and so is a port that was just chosen.
        let isOwn = frames[place].hasRemote || frames[place].hasLocal || mayGoElsewhere(place)
        if !isOwn, sockets[index].batch == output.serial, sockets[index].head == frames[place].head,
            sockets[index].descriptor == frames[place].descriptor
        {
            return sockets[index].details
        }
        let details = output.addDetails()
        output.details[Int(details)].rawDescriptor = frames[place].descriptor
        putIdentity(index, into: &output.details[Int(details)])
        putEnds(index, place, into: &output.details[Int(details)])
        if !isOwn, !frames[place].function.isOf(.connect) {
            sockets[index].batch = output.serial
            sockets[index].details = details
            sockets[index].head = frames[place].head
            sockets[index].descriptor = frames[place].descriptor
        }
        return details
    }

    /// Of a socket as the table has it, whatever an operation's record said.
    mutating func details(ofEntry index: Int32, into output: inout TraceBatch) -> Int32 {
        let details = output.addDetails()
        putIdentity(index, into: &output.details[Int(details)])
        putStored(index, into: &output.details[Int(details)])
        return details
    }

    private func putIdentity(_ index: Int32, into details: inout EventDetails) {
        details.serial = sockets[index].serial
        details.known = sockets[index].known.intersection(.inode)
        details.rawInode = sockets[index].inode
        details.ownership = sockets[index].ownership
        guard sockets[index].isTCP, tellsStates else { return }
        details.rawRetransmits = sockets[index].retransmits
        details.rawError = sockets[index].error
        details.known.insert(.retransmits)
        if sockets[index].error >= 0 { details.known.insert(.error) }
    }

    /// The ends as the table has them.
    private func putStored(_ index: Int32, into details: inout EventDetails) {
        if sockets[index].known.contains(.local) {
            sockets.put(sockets[index].local, into: &details.rawLocal)
            details.known.insert(.local)
        }
        putPeer(index, into: &details)
        if !details.known.contains(.remote), sockets[index].known.contains(.remote) {
            sockets.put(sockets[index].remote, into: &details.rawRemote)
            details.known.insert(.remote)
        }
    }

    /// Of AF_UNIX the other end is a socket, whose own name it has.
    private func putPeer(_ index: Int32, into details: inout EventDetails) {
        guard let peer = sockets.index(ofSock: sockets[index].peerSock) else { return }
        put(peer: peer, into: &details)
    }

    private func put(peer: Int32, into details: inout EventDetails) {
        if sockets[peer].known.contains(.inode), sockets[peer].socket != 0 {
            details.rawRemoteInode = sockets[peer].inode
            details.known.insert(.remoteInode)
        }
        if sockets[peer].known.contains(.local) {
            sockets.put(sockets[peer].local, into: &details.rawRemote)
            details.known.insert(.remote)
        }
    }

    /// The ends in force when an operation ended: as its record has them, which was written when it began, unless the
    /// socket's life went on since.
    private func putEnds(_ index: Int32, _ place: Int32, into details: inout EventDetails) {
        let head = frames[place].head
        let isNewer = index >= 0 && sockets[index].changedAt >= frames[place].time
        if isNewer || !head.isKnown {
            if index >= 0 { putStored(index, into: &details) }
        } else {
            switch head.family {
            case 2: putIPv4(head, index, isTCP: isTCP(place, index), into: &details)
            case 10: putIPv6(head, index, isTCP: isTCP(place, index), into: &details)
            default: if index >= 0 { putStored(index, into: &details) }
            }
        }
        if frames[place].function.isOf(.send) { putChosenPort(place, into: &details) }
        guard frames[place].hasRemote else {
            if mayGoElsewhere(place) { details.known.subtract([.remote, .remoteInode]) }
            return
        }
        if frames[place].remoteSock != 0 {
            // The other end of a pair that is closed already: its name is kept.
            let isPeer = index >= 0 && sockets[index].peerSock == frames[place].remoteSock
            guard !isPeer || sockets.index(ofSock: frames[place].remoteSock) != nil else { return }
            details.known.subtract([.remote, .remoteInode])
            if let peer = sockets.index(ofSock: frames[place].remoteSock) { put(peer: peer, into: &details) }
        } else {
            sockets.put(frames[place].remote, into: &details.rawRemote)
            details.known.insert(.remote)
        }
        if !details.known.contains(.local), frames[place].hasLocal, !frames[place].local.isWildcard {
            sockets.put(frames[place].local, into: &details.rawLocal)
            details.known.insert(.local)
        }
    }

    /// A datagram can be sent to, and of some protocols come from, another address than the socket is connected to. Of UDP the
    /// look for a route shows it; a socket with a route needs none, and sends where it is connected to. Of AF_UNIX a security
    /// hook shows it, which not every kernel has.
    private func mayGoElsewhere(_ place: Int32) -> Bool {
        let (kind, head) = (frames[place].function.rawKind, frames[place].head)
        if head.family == 1 {
            return kind == OperationKind.send.rawValue && !tellsDestinations.unix
                && frames[place].facts.known.contains(.type) && frames[place].facts.type == 2
        }
        guard OperationKindSet(.send, .receive).contains(kind), head.family == 2 || head.family == 10,
            frames[place].facts.known.contains(.protocol)
        else { return false }
        switch frames[place].facts.protocol {
        case 17, 136:
            let isTold = head.family == 2 ? tellsDestinations.ipv4 : tellsDestinations.ipv4 && tellsDestinations.ipv6
            return kind == OperationKind.send.rawValue && !isTold
        // Raw sockets and those of ping.
        case 1, 58: return true
        default: return frames[place].facts.known.contains(.type) && frames[place].facts.type == 3
        }
    }

    /// Whoever sends by a socket without a port, or connects it, gets one (inet_autobind, netlink_autobind): of UDP the look
    /// for a route shows it, else it is not known.
    func putChosenPort(_ place: Int32, into details: inout EventDetails) {
        guard details.known.contains(.local), details.rawLocal.hasPort, details.rawLocal.rawPort == 0,
            OperationKindSet(.send, .connect).contains(frames[place].function.rawKind),
            !(frames[place].facts.known.contains(.protocol) && frames[place].facts.protocol == 6)
        else { return }
        details.rawLocal.hasPort = frames[place].hasLocal && frames[place].local.port != 0
        if details.rawLocal.hasPort { details.rawLocal.rawPort = frames[place].local.port }
    }

    private func isTCP(_ place: Int32, _ index: Int32) -> Bool {
        frames[place].facts.known.contains(.protocol)
            ? frames[place].facts.protocol == 6 : index >= 0 && sockets[index].isTCP
    }

    private func putIPv4(_ head: SockHead, _ index: Int32, isTCP: Bool, into details: inout EventDetails) {
        StoredAddress(.ipv4, low: UInt64(head.localIPv4), port: localPort(head, index, isTCP: isTCP))
            .put(into: &details.rawLocal)
        details.known.insert(.local)
        // TCP keeps the address of a peer that it is no longer connected to, and clears the port.
        guard head.remotePort != 0 || head.remoteIPv4 != 0 && !isTCP else { return }
        StoredAddress.ipv4(head.remoteIPv4, port: head.remotePort).put(into: &details.rawRemote)
        details.known.insert(.remote)
    }

    /// A TCP sock whose connection is over has given its port back; getsockname(2) still shows it (`inet_sport`), and the
    /// table has it, if it knows the socket. One that the table does not know, although no records are missing, is older than
    /// the trace and was in no list of sockets: without a peer it never had a port.
    private func localPort(_ head: SockHead, _ index: Int32, isTCP: Bool) -> UInt32? {
        guard isTCP, head.localPort == 0, head.state == TCPState.close else { return UInt32(head.localPort) }
        if index >= 0, sockets[index].known.contains(.local), sockets[index].local.hasPort {
            return sockets[index].local.port
        }
        return losses == 0 && head.remoteIPv4 == 0 ? 0 : nil
    }

    /// The addresses are the table's, as long as they go with what the record has: ports, and the IPv4 address that every
    /// IPv6 sock has beside its own (0 for the wildcard, LOOPBACK4_IPV6 for what has no such twin; inet6_bind, tcp_v6_connect,
    /// ip6_datagram_connect, tcp_v6_syn_recv_sock in net/ipv6).
    private func putIPv6(_ head: SockHead, _ index: Int32, isTCP: Bool, into details: inout EventDetails) {
        let port = localPort(head, index, isTCP: isTCP)
        if head.localIPv4 == 0 {
            let isMapped = index >= 0 && sockets[index].known.contains(.local) && sockets[index].local.isMappedWildcard
            StoredAddress(.ipv6, high: isMapped ? StoredAddress.mappedPrefix : 0, port: port).put(
                into: &details.rawLocal)
            details.known.insert(.local)
        } else if head.isLocalMapped {
            StoredAddress(.ipv4, low: UInt64(head.localIPv4), port: port).mapped.put(into: &details.rawLocal)
            details.known.insert(.local)
        } else if index >= 0, sockets[index].known.contains(.local),
            !sockets[index].local.hasPort || sockets[index].local.port == port
        {
            sockets.put(sockets[index].local, into: &details.rawLocal)
            (details.rawLocal.hasPort, details.rawLocal.rawPort) = (port != nil, port ?? 0)
            details.known.insert(.local)
        }
        guard head.remotePort != 0 else { return }
        if head.isMapped {
            StoredAddress.mapped(head.remoteIPv4, port: head.remotePort).put(into: &details.rawRemote)
            details.known.insert(.remote)
        } else if index >= 0, sockets[index].known.contains(.remote),
            sockets[index].remote.port == UInt32(head.remotePort)
        {
            sockets.put(sockets[index].remote, into: &details.rawRemote)
            details.known.insert(.remote)
        }
    }
}

extension SockHead {
    /// An IPv6 sock whose peer is an IPv4 address: of others the kernel puts 0 or 127.0.0.6 (LOOPBACK4_IPV6) there.
    var isMapped: Bool { Self.isTwin(remoteIPv4) }

    /// An IPv6 sock with an address of its own that no IPv4 address stands for.
    var isLocalIPv6: Bool { family == 10 && localIPv4 != 0 && !isLocalMapped }

    /// The same of its own address.
    var isLocalMapped: Bool { Self.isTwin(localIPv4) }

    /// An address in the order of the network, as memory has it.
    private static func isTwin(_ ipv4: UInt32) -> Bool {
        ipv4 != 0 && UInt32(bigEndian: UInt32(littleEndian: ipv4)) != 0x7f00_0006
    }
}
