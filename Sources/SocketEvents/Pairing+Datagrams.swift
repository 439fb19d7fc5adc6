internal import BasicContainers
internal import ProbeContract

/// Where a datagram went or came from, which its socket need not say.
extension Pairing {
    /// A datagram of the task's message is on its way. There may be several looks for a route: the last one counts.
    mutating func datagramSent(
        by sock: UInt64, to remote: StoredAddress, from local: StoredAddress?, _ task: borrowing TaskState
    ) {
        guard let operation = datagramOperation(of: task, sock, OperationKindSet(.send, .connect)) else { return }
        let index = sockets.index(ofSocket: frames[operation].facts.socket) ?? -1
        let number =
            frames[operation].facts.known.contains(.protocol)
            ? frames[operation].facts.protocol : index >= 0 ? sockets[index].protocol : -1
        // TCP's routes are looked for, too; what has no ports has something else where they would be.
        guard number == 17 || number == 136 else { return }
        // An IPv6 socket reaches IPv4 addresses by IPv4's ways.
        let isMapped = frames[operation].head.family == 10
        frames[operation].remote = isMapped ? remote.mapped : remote
        (frames[operation].hasRemote, frames[operation].remoteSock) = (true, 0)
        guard let local else { return }
        (frames[operation].local, frames[operation].hasLocal) = (isMapped ? local.mapped : local, true)
    }

    /// The same between sockets of AF_UNIX.
    mutating func datagramSent(from socket: UInt64, to peer: UInt64, _ task: borrowing TaskState) {
        guard knowsSockets, task.top >= 0 else { return }
        let operation = frames[task.top].operation
        guard operation >= 0, frames[operation].function.isOf(.send) || frames[operation].function.isOf(.connect),
            frames[operation].facts.known.contains(.socket), frames[operation].facts.socket == socket,
            let other = sockets.index(ofSocket: peer), sockets[other].sock != 0
        else { return }
        (frames[operation].remoteSock, frames[operation].hasRemote) = (sockets[other].sock, true)
    }

    /// The task's message came from there.
    mutating func datagramReceived(
        by sock: UInt64, from remote: StoredAddress, at local: StoredAddress, _ task: borrowing TaskState
    ) {
        guard let operation = datagramOperation(of: task, sock, OperationKindSet(.receive, .receive)) else { return }
        (frames[operation].remote, frames[operation].hasRemote, frames[operation].remoteSock) = (remote, true, 0)
        // A socket with an address of its own gets what is for that address, and nothing else (compute_score in net/ipv6/udp.c).
        guard frames[operation].head.isLocalIPv6, let index = sockets.index(ofSock: sock),
            !sockets[index].known.contains(.local)
        else { return }
        sockets.set(local: local, of: index)
    }

    mutating func datagramReceived(by sock: UInt64, fromSock peer: UInt64, _ task: borrowing TaskState) {
        guard peer != 0, let operation = datagramOperation(of: task, sock, OperationKindSet(.receive, .receive)),
            sockets.index(ofSock: sock).map({ sockets[$0].family == 1 }) == true
        else { return }
        (frames[operation].remoteSock, frames[operation].hasRemote) = (peer, true)
    }

    /// The family and port of the socket that a task receives from, for which a datagram must be.
    func boundPort(of task: borrowing TaskState) -> (family: UInt16, port: UInt16)? {
        guard task.top >= 0 else { return nil }
        let operation = frames[task.top].operation
        guard operation >= 0, frames[operation].head.isKnown else { return nil }
        return (frames[operation].head.family, frames[operation].head.localPort)
    }

    /// The task's operation on the socket of a sock.
    private mutating func datagramOperation(
        of task: borrowing TaskState, _ sock: UInt64, _ kinds: OperationKindSet
    ) -> Int32? {
        guard sock != 0, knowsSockets, task.top >= 0 else { return nil }
        let operation = frames[task.top].operation
        guard operation >= 0, kinds.contains(frames[operation].function.rawKind),
            frames[operation].facts.known.contains(.socket)
        else { return nil }
        let socket = frames[operation].facts.socket
        if let index = sockets.index(ofSocket: socket), sockets[index].sock != 0 {
            return sockets[index].sock == sock ? operation : nil
        }
        guard sockets.index(ofSock: sock).map({ sockets[$0].socket == 0 }) ?? true else { return nil }
        // Of a socket that was there before and is in no list.
        let index = sockets.join(socket: socket, sock: sock)
        if frames[operation].head.isKnown { sockets[index].family = Int32(frames[operation].head.family) }
        return operation
    }
}

/// The headers before a datagram's data.
enum DatagramHeader {
    /// Where a UDP datagram came from and where to, as its headers say; nil where they are not what they should be, as behind IP options,
    /// or are another datagram's.
    /// - Parameters:
    ///   - byte: one of the 48 bytes before the data, by its position.
    ///   - port: that the socket is bound to.
    static func ends(
        family: UInt16, port: UInt16, _ byte: (Int) -> UInt8
    ) -> (source: StoredAddress, destination: StoredAddress)? {
        func word(_ offset: Int) -> UInt16 { UInt16(byte(offset)) << 8 | UInt16(byte(offset + 1)) }
        func bytes(_ range: Range<Int>) -> UInt64 {
            range.enumerated().reduce(0) { $0 | UInt64(byte($1.element)) << (8 * UInt64($1.offset)) }
        }
        guard port != 0, word(42) == port else { return nil }
        let source = word(40)
        // A header of 20 bytes, and UDP behind it.
        let isIPv4 = byte(20) == 0x45 && byte(29) == 17
        let isIPv6 = byte(0) >> 4 == 6 && byte(6) == 17
        switch family {
        case 2 where isIPv4:
            return (.ipv4(UInt32(bytes(32..<36)), port: source), .ipv4(UInt32(bytes(36..<40)), port: port))
        // What one has in place of the other's first byte is the end of a link's header or of an address.
        case 10 where isIPv6 && !isIPv4:
            return (
                StoredAddress(.ipv6, low: bytes(8..<16), high: bytes(16..<24), port: UInt32(source)),
                StoredAddress(.ipv6, low: bytes(24..<32), high: bytes(32..<40), port: UInt32(port))
            )
        case 10 where isIPv4 && !isIPv6:
            return (.mapped(UInt32(bytes(32..<36)), port: source), .mapped(UInt32(bytes(36..<40)), port: port))
        default: return nil
        }
    }
}
