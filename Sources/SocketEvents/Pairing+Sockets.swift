internal import BasicContainers
internal import ProbeContract

/// What records say of sockets, put into the table.
extension Pairing {
    /// What is known of sockets can be relied upon: no CPU's records are missing at this moment.
    var knowsSockets: Bool { openLosses == 0 }

    // MARK: Births

    /// A `struct socket` was made.
    mutating func made(
        _ socket: UInt64, _ sock: UInt64, _ identity: SocketIdentity, _ task: borrowing TaskState, _ stamp: RecordStamp
    ) {
        guard socket != 0, knowsSockets else { return }
        var index: Int32
        if let known = sockets.index(ofSocket: socket), identity.inode != nil, sockets[known].inode == identity.inode {
            // Two functions tell of one birth.
            index = known
        } else {
            forgetAttempt(ofSocket: socket)
            index = sockets.begin(socket: socket)
            sockets[index].change(at: stamp.time)
        }
        note(identity, of: index)
        if sock != 0 {
            forgetAttempt(ofSock: sock, unless: index)
            if let old = sockets.index(ofSock: sock), old != index { sockets.leave(sockOf: old) }
            index = sockets.join(socket: socket, sock: sock)
        }
        guard task.top >= 0 else { return }
        let top = task.top
        switch frames[top].function.rawKind {
        case OperationKind.create.rawValue: madeByCreation(index, socket, identity, top)
        case OperationKind.accept.rawValue: frames[frames[top].operation].noteNewSocket(socket, identity)
        default: break
        }
    }

    private mutating func madeByCreation(_ index: Int32, _ socket: UInt64, _ identity: SocketIdentity, _ frame: Int32) {
        frames[frame].noteNewSocket(socket, identity)
        (sockets[index].isAddressBound, sockets[index].isPortBound) = (false, false)
        let facts = frames[frame].facts
        guard facts.known.contains(.family), sockets[index].family < 0 else { return }
        sockets[index].family = facts.family
        sockets[index].type = facts.known.contains(.type) ? facts.type & 0xf : -1
        if facts.known.contains(.protocol) { sockets[index].protocol = facts.protocol }
        sockets[index].protocol = Self.protocol(
            family: facts.family, type: sockets[index].type, asked: sockets[index].protocol)
        frames[frame].facts.protocol = sockets[index].protocol
        if sockets[index].isTCP { sockets[index].tcpState = TCPState.close }
        // As getsockname(2) has it of a socket that nobody bound.
        switch facts.family {
        case 1: sockets.set(local: .unnamed, of: index)
        case 2: sockets.set(local: .ipv4(0, port: 0), of: index)
        case 10: sockets.set(local: StoredAddress(.ipv6, port: 0), of: index)
        case 16: sockets.set(local: StoredAddress(.netlink, port: 0), of: index)
        case 17: sockets.set(local: StoredAddress(.number), of: index)
        default: break
        }
    }

    /// The protocol that a socket gets that was asked for without one (inet_create in net/ipv4/af_inet.c, inet6_create).
    static func `protocol`(family: Int32, type: Int32, asked: Int32) -> Int32 {
        guard asked == 0, family == 2 || family == 10 else { return asked }
        return type == 1 ? 6 : type == 2 ? 17 : asked
    }

    /// A `struct socket` with its `struct sock` did something. Where its inode is not the one that was known, its birth was
    /// not seen: what was known is of a socket that is gone.
    /// - Returns: the entry of both.
    mutating func join(_ socket: UInt64, _ sock: UInt64, _ identity: SocketIdentity) -> Int32 {
        if let known = sockets.index(ofSocket: socket), isAnother(identity, than: known) {
            _ = sockets.begin(socket: socket)
        }
        let index = sockets.join(socket: socket, sock: sock)
        if isAnother(identity, than: index) { sockets.renew(index) }
        let isNew = identity.inode != nil && !sockets[index].known.contains(.inode)
        if isNew || identity.ownership != SocketOwnership() { note(identity, of: index) }
        return index
    }

    private func isAnother(_ identity: SocketIdentity, than index: Int32) -> Bool {
        sockets[index].known.contains(.inode) && identity.inode.map { $0 != sockets[index].inode } ?? false
    }

    private mutating func note(_ identity: SocketIdentity, of index: Int32) {
        if let inode = identity.inode {
            sockets[index].inode = inode
            sockets[index].known.insert(.inode)
        }
        sockets[index].ownership.learn(identity.ownership)
        sockets[index].batch = 0
    }

    /// Two sockets of AF_UNIX were made a pair.
    mutating func paired(_ one: (socket: UInt64, sock: UInt64), _ other: (socket: UInt64, sock: UInt64)) {
        guard knowsSockets, one.socket != 0, other.socket != 0, one.sock != 0, other.sock != 0 else { return }
        for (mine, peer) in [(one, other), (other, one)] {
            let index = sockets.join(socket: mine.socket, sock: mine.sock)
            sockets[index].family = 1
            sockets[index].peerSock = peer.sock
            sockets.set(local: .unnamed, of: index)
            sockets.set(remote: .unnamed, of: index)
        }
    }

    // MARK: Accepted connections

    /// A `struct socket` was made for the connection that is about to be accepted.
    mutating func preparedToAccept(_ place: Int32) {
        guard tellsEndpoints, knowsSockets, frames[place].facts.known.contains(.socket) else { return }
        let socket = frames[place].facts.socket
        let inode = frames[place].life.hasInode ? frames[place].life.inode : nil
        // One protocol may call another's.
        if let known = sockets.index(ofSocket: socket), inode != nil, sockets[known].inode == inode { return }
        forgetAttempt(ofSocket: socket)
        let index = sockets.begin(socket: socket)
        note(SocketIdentity(inode: inode), of: index)
        sockets[index].change(at: frames[place].time)
        // Should the accept fail, all that was made of it is closed.
        if let listener = sockets.index(ofSocket: frames[place].life.listener) {
            sockets[index].family = sockets[listener].family
        }
    }

    /// An accepted socket got its sock.
    mutating func grafted(
        _ socket: UInt64, _ sock: UInt64, peer: UInt64, _ identity: SocketIdentity, _ head: SockHead,
        _ ipv6: (local: StoredAddress, remote: StoredAddress)?, _ task: borrowing TaskState, _ stamp: RecordStamp
    ) {
        guard socket != 0, sock != 0, knowsSockets else { return }
        let index = sockets.join(socket: socket, sock: sock)
        note(identity, of: index)
        accept(index, by: task, stamp)
        take(head, ipv6, of: index)
        guard sockets[index].family == 1, peer != 0 else { return }
        sockets[index].peerSock = peer
        guard let other = sockets.index(ofSock: peer) else { return }
        sockets[other].peerSock = sock
        sockets[other].batch = 0
        if sockets[index].establishedAt == 0 { sockets[index].establishedAt = sockets[other].establishedAt }
    }

    /// The sock of the connection that a task is accepting.
    mutating func accepted(_ sock: UInt64, _ task: borrowing TaskState, _ stamp: RecordStamp) {
        guard sock != 0, knowsSockets, let operation = openOperation(of: task, .accept),
            frames[operation].facts.known.contains(.socket)
        else { return }
        let index = sockets.join(socket: frames[operation].facts.socket, sock: sock)
        accept(index, by: task, stamp)
    }

    /// A message about a connection of AF_UNIX left the queue of the sock that listens: its sock is being accepted.
    /// - Parameters:
    ///   - sock: that the message belongs to.
    ///   - peer: the sock at the other end; nil where that is not told.
    /// - Returns: whether the task is accepting, so that the message is nothing else.
    mutating func acceptedLocal(
        by listenerSock: UInt64, _ sock: UInt64, peer: UInt64?, _ task: borrowing TaskState, _ stamp: RecordStamp
    ) -> Bool {
        guard let operation = openOperation(of: task, .accept) else { return false }
        guard knowsSockets, frames[operation].facts.known.contains(.socket),
            let listener = sockets.index(ofSocket: frames[operation].life.listener), sockets[listener].family == 1,
            sockets[listener].sock == listenerSock
        else { return true }
        grafted(
            frames[operation].facts.socket, sock, peer: peer ?? 0, SocketIdentity(), SockHead(), nil, task, stamp)
        return true
    }

    /// A connection got the socket that was made for it: what it has of the one that listens.
    private mutating func accept(_ index: Int32, by task: borrowing TaskState, _ stamp: RecordStamp) {
        sockets[index].change(at: stamp.time)
        guard let operation = openOperation(of: task, .accept) else { return }
        if frames[operation].life.hasInode, sockets[index].inode == 0 {
            sockets[index].inode = frames[operation].life.inode
            sockets[index].known.insert(.inode)
        }
        guard let listener = sockets.index(ofSocket: frames[operation].life.listener) else { return }
        if sockets[index].type < 0 { sockets[index].type = sockets[listener].type }
        if sockets[index].protocol < 0 { sockets[index].protocol = sockets[listener].protocol }
        if sockets[index].family < 0 { sockets[index].family = sockets[listener].family }
        sockets[index].ownership.inherit(sockets[listener].ownership)
        guard sockets[listener].family == 1, sockets[listener].known.contains(.local) else { return }
        // Who connected to a name is at the other end of a socket that has it.
        let name = sockets.address(sockets[listener].local)
        sockets.set(local: name, of: index)
    }

    /// The operation of a kind that a task is in, innermost.
    func openOperation(of task: borrowing TaskState, _ kind: OperationKind) -> Int32? {
        guard task.top >= 0, frames[task.top].function.rawKind == kind.rawValue else { return nil }
        let operation = frames[task.top].operation
        return operation >= 0 ? operation : nil
    }

    // MARK: Sockets that were there before

    /// A socket that the kernel lists.
    mutating func listed(_ row: SocketRow, _ stamp: RecordStamp) {
        // The heading's row is no pointer; a connection in TIME_WAIT, or one that is asked for, is no whole sock.
        let isInet = row.head.family == 2 || row.head.family == 10
        guard row.sock >= 4096, knowsSockets, !(isInet && (row.head.state == 6 || row.head.state == 12)) else { return }
        let index =
            row.socket == 0 ? sockets.entry(ofSock: row.sock) : sockets.join(socket: row.socket, sock: row.sock)
        note(row.identity, of: index)
        if row.type >= 0 { sockets[index].type = row.type }
        if row.protocol >= 0 { sockets[index].protocol = row.protocol }
        take(row.head, row.ipv6, of: index)
        sockets[index].change(at: stamp.time)
        switch row.head.family {
        case 1:
            sockets[index].peerSock = row.peer
            sockets.set(local: row.name, of: index)
        case 16:
            sockets.set(local: row.port.map { SocketAddress.plain(StoredAddress(.netlink, port: $0)) }, of: index)
            let isConnected = row.remotePort != nil && row.remotePort != 0
            sockets.set(
                remote: isConnected ? .plain(StoredAddress(.netlink, port: row.remotePort)) : nil, of: index)
        default: break
        }
    }

    /// Notes what the beginning of a sock says of its ends, of the families whose addresses it holds.
    mutating func take(
        _ head: SockHead, _ ipv6: (local: StoredAddress, remote: StoredAddress)?, of index: Int32
    ) {
        guard head.isKnown else { return }
        sockets[index].family = Int32(head.family)
        if sockets[index].protocol == 6 || sockets[index].type == 1 { sockets[index].tcpState = head.state }
        let isConnected = head.remotePort != 0
        switch head.family {
        case 2:
            sockets.set(local: .ipv4(head.localIPv4, port: head.localPort), of: index)
            sockets.set(
                remote: isConnected || head.remoteIPv4 != 0
                    ? .plain(.ipv4(head.remoteIPv4, port: head.remotePort)) : nil, of: index)
        case 10:
            guard var ipv6 = ipv6 else { return }
            (ipv6.local.port, ipv6.local.hasPort) = (UInt32(head.localPort), true)
            (ipv6.remote.port, ipv6.remote.hasPort) = (UInt32(head.remotePort), true)
            sockets.set(local: ipv6.local, of: index)
            let isSomebody = isConnected || ipv6.remote.low != 0 || ipv6.remote.high != 0
            sockets.set(remote: isSomebody ? .plain(ipv6.remote) : nil, of: index)
        default: break
        }
    }

    // MARK: Ends

    /// A socket that is closed within its creation was refused: it never was what had been asked for.
    mutating func refused(_ place: Int32, within creation: Int32) {
        guard creation >= 0, frames[creation].function.isOf(.create), frames[place].facts.known.contains(.socket),
            let index = sockets.index(ofSocket: frames[place].facts.socket)
        else { return }
        (sockets[index].family, sockets[index].protocol) = (-1, -1)
        sockets.set(local: nil, of: index)
    }

    /// The `struct socket` of a frame is being let go.
    mutating func closed(_ place: Int32) {
        guard tellsEndpoints, frames[place].facts.known.contains(.socket) else { return }
        closed(socket: frames[place].facts.socket)
    }

    private mutating func closed(socket: UInt64) {
        guard socket != 0, let index = sockets.index(ofSocket: socket) else { return }
        let isTCP =
            sockets[index].sock != 0 && sockets[index].isTCP && sockets[index].tcpState != TCPState.close
            && sockets[index].tcpState != 0 && sockets[index].tcpState != TCPState.listen
        if !isTCP { releaseAttempt(of: index) }
        leavePeer(index)
        sockets.end(socket: socket, sockLivesOn: isTCP)
    }

    /// Of AF_UNIX the other end keeps the name of a peer that is gone.
    private mutating func leavePeer(_ index: Int32) {
        guard let other = sockets.index(ofSock: sockets[index].peerSock), sockets[index].sock != 0,
            sockets[other].peerSock == sockets[index].sock, sockets[index].known.contains(.local)
        else { return }
        let name = sockets.address(sockets[index].local)
        sockets.set(remote: name, of: other)
    }

    mutating func forgetAllSockets() {
        sockets.forgetAll()
        attempts.removeAll()
    }

    private mutating func forgetAttempt(ofSocket socket: UInt64) {
        guard let index = sockets.index(ofSocket: socket), sockets[index].sock == 0 else { return }
        releaseAttempt(of: index)
    }

    private mutating func forgetAttempt(ofSock sock: UInt64, unless index: Int32) {
        guard let other = sockets.index(ofSock: sock), other != index else { return }
        releaseAttempt(of: other)
    }

    mutating func releaseAttempt(of index: Int32) {
        guard sockets[index].attempt >= 0 else { return }
        attempts.release(sockets[index].attempt)
        sockets[index].attempt = -1
    }
}

/// What a record says of who a socket is.
struct SocketIdentity {
    var inode: UInt64?
    var ownership = SocketOwnership()
}

/// A line of the kernel's lists of sockets.
struct SocketRow {
    var sock: UInt64 = 0
    var socket: UInt64 = 0
    var peer: UInt64 = 0
    var identity = SocketIdentity()
    var head = SockHead()
    var ipv6: (local: StoredAddress, remote: StoredAddress)?
    var type: Int32 = -1
    var `protocol`: Int32 = -1
    /// Of AF_UNIX.
    var name: SocketAddress?
    /// Of AF_NETLINK.
    var port: UInt32?
    var remotePort: UInt32?
}

/// States of TCP (include/net/tcp_states.h).
enum TCPState {
    static let established: UInt8 = 1
    static let synSent: UInt8 = 2
    static let synReceived: UInt8 = 3
    static let close: UInt8 = 7
    static let closeWait: UInt8 = 8
    static let listen: UInt8 = 10
}

extension SocketEntry {
    /// Its states are TCP's.
    var isTCP: Bool { `protocol` == 6 && (family == 2 || family == 10) }
}

extension Frame {
    /// The operation makes a socket.
    mutating func noteNewSocket(_ socket: UInt64, _ identity: SocketIdentity) {
        facts.socket = socket
        facts.known.insert(.socket)
        if let inode = identity.inode { (life.inode, life.hasInode) = (inode, true) }
    }
}
