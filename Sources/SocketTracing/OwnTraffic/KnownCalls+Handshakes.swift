internal import Glibc
internal import ProbePlanning
internal import SocketEvents

/// The sockets of known calls in a socket's life. They are closed after the calls are over, so that no trace shows that.
struct HandshakeSockets: ~Copyable {
    let listener: OwnSocket
    let client: OwnSocket
    /// Bound, and does not listen.
    let bound: OwnSocket
    let refused: OwnSocket
    var server: OwnSocket?

    /// Four of TCP; nil where the kernel does not make them.
    init?() {
        guard let listener = Self.socket(), let client = Self.socket(), let bound = Self.socket(),
            let refused = Self.socket()
        else { return nil }
        self.listener = listener
        self.client = client
        self.bound = bound
        self.refused = refused
    }

    /// The protocol is asked for by its number: a kernel without kprobes shows a creation as it was asked for.
    private static func socket() -> OwnSocket? {
        OwnSocket(family: AF_INET, type: OwnSocket.stream, argument: 6, protocol: 6)
    }
}

/// From bind(2) to shutdown(2), over the loopback device, and a connection that is refused.
extension KnownCalls {
    /// The calls of this file.
    static let stepCalls: Set<KnownCall> = [.bind, .listen, .connect, .connectRefused, .accept, .shutdown]

    /// Makes them. Those behind one that the kernel refused cannot be made.
    mutating func makeHandshakes() {
        var made: Set<KnownCall> = []
        if var sockets = HandshakeSockets() {
            for inode in [sockets.listener.inode, sockets.client.inode, sockets.bound.inode, sockets.refused.inode] {
                note(.create, .createReturn, ExpectedEnds(inode: inode))
            }
            sockets.server = makeHandshake(sockets, &made)
            handshake = consume sockets
        }
        refused.formUnion(Self.stepCalls.subtracting(made))
    }

    private mutating func makeHandshake(_ sockets: borrowing HandshakeSockets, _ made: inout Set<KnownCall>)
        -> OwnSocket?
    {
        guard sockets.listener.bindToLoopback(), sockets.bound.bindToLoopback() else { return nil }
        for (socket, local) in [
            (sockets.listener.inode, sockets.listener.localAddress), (sockets.bound.inode, sockets.bound.localAddress),
        ] {
            // Which port the kernel chose is shown by later calls.
            var local = local
            local?.hasPort = false
            note(.bind, .bindReturn, ExpectedEnds(inode: socket, local: local))
        }
        made.insert(.bind)
        guard listen(sockets.listener.descriptor, 1) == 0 else { return nil }
        note(.listen, .listenReturn, ExpectedEnds(inode: sockets.listener.inode, local: sockets.listener.localAddress))
        made.insert(.listen)

        if sockets.refused.connects(to: sockets.bound) == ECONNREFUSED {
            note(
                .connectRefused, .connected,
                ExpectedEnds(inode: sockets.refused.inode, remote: sockets.bound.localAddress), err: -ECONNREFUSED)
            made.insert(.connectRefused)
        }
        guard sockets.client.connects(to: sockets.listener) == 0 else { return nil }
        note(.connect, .connected, sockets.client.ends, err: 0)
        made.insert(.connect)
        OwnConnection.awaitMessage(sockets.listener.descriptor)
        guard let server = sockets.listener.accepted() else { return nil }
        note(.accept, .acceptReturn, server.ends, err: 0)
        made.insert(.accept)
        if Glibc.shutdown(sockets.client.descriptor, Int32(SHUT_WR)) == 0 {
            note(.shutdown, .shutdownReturn, sockets.client.ends)
            made.insert(.shutdown)
        }
        return server
    }

    private mutating func note(_ call: KnownCall, _ alias: Alias, _ ends: ExpectedEnds, err: Int32? = nil) {
        expected.append(
            ExpectedEvent(
                call: call, alias: alias, type: OwnSocket.stream, family: AF_INET, protocol: 6, err: err, ends: ends))
    }
}

extension OwnSocket {
    /// What the system calls say of it.
    fileprivate var ends: ExpectedEnds { ExpectedEnds(inode: inode, local: localAddress, remote: remoteAddress) }

    /// The same of one that is older than the records, which need not know its inode.
    var endsAlone: ExpectedEnds { ExpectedEnds(local: localAddress, remote: remoteAddress) }

    fileprivate var inode: UInt64? { identity?.inode }
    fileprivate var localAddress: SocketAddress? { localName?.addressIPv4 }
    private var remoteAddress: SocketAddress? { remoteName?.addressIPv4 }

    /// Connects to where another one is bound, and waits for the outcome.
    /// - Returns: the outcome as an error number; 0 where it is connected.
    fileprivate func connects(to other: borrowing OwnSocket) -> Int32 {
        let status = connect(to: other)
        guard status == EINPROGRESS else { return status }
        OwnConnection.awaitConnection(descriptor)
        var error: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno
    }

    /// accept(2); nil where nobody waits.
    fileprivate func accepted() -> OwnSocket? {
        let descriptor = accept(descriptor, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return OwnSocket(descriptor, kind, state: 3)
    }
}
