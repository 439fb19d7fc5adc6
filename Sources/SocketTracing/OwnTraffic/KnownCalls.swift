internal import KernelLayout
internal import BasicContainers
internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import ProbePlanning
internal import SocketEvents

/// Makes one call of each kind on sockets of this process and tells what a trace must show of it.
///
/// AF_UNIX needs no network and shows every call path; what TCP and UDP add, over the loopback device, is their own
/// functions below those. Every message has a size of its own, by which it is known again.
struct KnownCalls: ~Copyable {
    var expected: [ExpectedEvent] = []
    /// Calls that the kernel refused.
    var refused: Set<KnownCall> = []
    /// Sockets from their births on.
    var handshake: HandshakeSockets?

    private let room = MessageBuffer()
    /// Made before the calls begin and closed after they end, so that no trace shows that; nil where there is no
    /// loopback device.
    private let tcp = OwnConnection.loopback()
    private let udp = OwnConnection.loopbackDatagrams()
    private var ring = OwnRing()
    /// The next message's size: below a page, so that no call path cuts it in two.
    private var nextSize = 1001

    /// Makes all calls.
    mutating func make() {
        if let socket = OwnSocket(family: AF_UNIX, type: OwnSocket.sequenced, protocol: nil) {
            note(.create, .createReturn, type: socket.kind.type)
            note(.close, .close, type: socket.kind.type)
        } else {
            refused.insert(.create)
        }
        if let pair = OwnSocketPair(type: OwnSocket.stream) {
            note(.pair, .createReturn, type: OwnSocket.stream, count: 2)
            note(.close, .close, type: OwnSocket.stream, count: 2)
            pass(from: pair.first.descriptor, to: pair.second.descriptor)
        } else {
            refused.formUnion([
                .pair, .close, .send, .receive, .sendmsg, .recvmsg, .write, .read, .writev, .readv, .ringSend,
                .ringReceive,
            ])
        }
        if let pair = OwnSocketPair(type: OwnSocket.datagram) {
            note(.pair, .createReturn, type: OwnSocket.datagram, count: 2)
            note(.close, .close, type: OwnSocket.datagram, count: 2)
            passMany(from: pair.first.descriptor, to: pair.second.descriptor)
        } else {
            refused.formUnion([.sendmmsg, .recvmmsg])
        }
        makeRefused()
        makeHandshakes()
        if !Self.isPassed(&expected, .tcp, tcp, room, size: size()) { refused.insert(.tcp) }
        if !Self.isPassed(&expected, .udp, udp, room, size: size()) { refused.insert(.udp) }
    }

    /// A type that AF_UNIX knows no socket of (unix_create), and that no other call here uses.
    private mutating func makeRefused() {
        let type = Int32(SOCK_RDM.rawValue)
        let descriptor = socket(AF_UNIX, type | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor < 0, errno == ESOCKTNOSUPPORT else {
            refused.insert(.closeRefused)
            if descriptor >= 0 { close(descriptor) }
            return
        }
        note(.closeRefused, .close, type: type)
    }

    /// Sends a message over a connection and receives it. False where that did not work.
    private static func isPassed(
        _ expected: inout [ExpectedEvent], _ call: KnownCall, _ connection: borrowing OwnConnection?,
        _ room: borrowing MessageBuffer, size: Int
    ) -> Bool {
        switch connection {
        case .none: return false
        case .some(let connection):
            let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
            guard send(connection.client.descriptor, room.base, size, flags) == size else { return false }
            // Usually it is there at once.
            OwnConnection.awaitMessage(connection.server.descriptor)
            guard recv(connection.server.descriptor, room.base, size, flags) == size else { return false }
            let kind = connection.client.kind
            for (alias, via) in [(Alias.send, Route.sendmsg), (.receive, .recvmsg)] {
                expected.append(
                    ExpectedEvent(
                        call: call, alias: alias, size: Int64(size), type: kind.type, family: kind.family,
                        protocol: kind.protocol ?? 0, via: via,
                        ends: alias == .send ? connection.client.endsAlone : connection.server.endsAlone))
            }
            return true
        }
    }

    private mutating func size() -> Int {
        defer { nextSize += 14 }
        return nextSize
    }

    private mutating func note(
        _ call: KnownCall, _ alias: Alias, type: Int32, size: Int? = nil, via: Route? = nil, count: Int = 1
    ) {
        for _ in 0..<count {
            expected.append(
                ExpectedEvent(
                    call: call, alias: alias, size: size.map { Int64($0) }, type: type, via: via))
        }
    }

    /// Notes a message that was moved whole; a call that the kernel refused says nothing.
    private mutating func note(
        _ call: KnownCall, _ alias: Alias, _ moved: Int, of size: Int, type: Int32, via: Route?
    ) {
        if moved == size {
            note(call, alias, type: type, size: size, via: via)
        } else {
            refused.insert(call)
        }
    }

    // MARK: Streams

    private mutating func pass(from sender: Int32, to receiver: Int32) {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        let stream = OwnSocket.stream
        let base = room.base

        var size = size()
        note(.send, .send, Glibc.send(sender, base, size, flags), of: size, type: stream, via: .sendmsg)
        note(.receive, .receive, recv(receiver, base, size, flags), of: size, type: stream, via: .recvmsg)

        size = self.size()
        let sent = withHeader(size) { sendmsg(sender, &$0, flags) }
        note(.sendmsg, .send, sent, of: size, type: stream, via: .sendmsg)
        let received = withHeader(size) { recvmsg(receiver, &$0, flags) }
        note(.recvmsg, .receive, received, of: size, type: stream, via: .recvmsg)

        size = self.size()
        note(.write, .send, Glibc.write(sender, base, size), of: size, type: stream, via: .aioWrite)
        note(.read, .receive, Glibc.read(receiver, base, size), of: size, type: stream, via: .aioRead)

        size = self.size()
        let written = withHeader(size) { writev(sender, $0.msg_iov, Int32($0.msg_iovlen)) }
        note(.writev, .send, written, of: size, type: stream, via: .writev)
        let read = withHeader(size) { readv(receiver, $0.msg_iov, Int32($0.msg_iovlen)) }
        note(.readv, .receive, read, of: size, type: stream, via: .readv)

        splice(from: sender, to: receiver)

        size = self.size()
        let submitted = ring.send(sender, base, size, flags)
        note(.ringSend, .send, submitted, of: size, type: stream, via: .sendmsg)
        // An offer to receive what is not there would wait for it in the kernel.
        let completed = submitted == size ? ring.receive(receiver, base, size, flags) : -1
        note(.ringReceive, .receive, completed, of: size, type: stream, via: .recvmsg)
    }

    /// A message header whose vectors cover the size.
    private func withHeader(_ size: Int, _ body: (inout msghdr) -> Int) -> Int {
        var result = -1
        room.withVectors(size, pieces: true) { vectors in
            var header = msghdr()
            header.msg_iov = vectors.baseAddress
            header.msg_iovlen = .init(vectors.count)
            result = body(&header)
        }
        return result
    }

    /// Out of a pipe into the socket, and out of the other socket into the pipe.
    private mutating func splice(from sender: Int32, to receiver: Int32) {
        guard let pipe = try? Pipe() else {
            refused.formUnion([.spliceIn, .spliceOut])
            return
        }
        let size = size()
        let flags = UInt32(LINUX_SPLICE_NONBLOCK)
        var moved = -1
        if Glibc.write(pipe.writeEnd.raw, room.base, size) == size {
            moved = linux_splice(pipe.readEnd.raw, nil, sender, nil, UInt(size), flags)
        }
        // Up to 6.4 its route is sendpage.
        note(.spliceIn, .send, moved, of: size, type: OwnSocket.stream, via: nil)
        moved = linux_splice(receiver, nil, pipe.writeEnd.raw, nil, UInt(size), flags)
        note(.spliceOut, .receive, moved, of: size, type: OwnSocket.stream, via: .splice)
    }

    // MARK: Datagrams

    /// Two messages with one name in one call: the kernel takes a shorter way for the second.
    private mutating func passMany(from sender: Int32, to receiver: Int32) {
        let sizes = [size(), size()]
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let base = room.base
        let (sent, received) = withUnsafeMutableBytes(of: &name) { name -> (Int, Int) in
            var length = socklen_t(MemoryLayout<sa_family_t>.size)
            let isNamed = name.withMemoryRebound(to: sockaddr.self) { name -> Bool in
                guard let name = name.baseAddress, bind(receiver, name, length) == 0 else { return false }
                length = socklen_t(MemoryLayout<sockaddr_un>.size)
                return getsockname(receiver, name, &length) == 0
            }
            guard isNamed else { return (-1, -1) }
            return withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { vectors in
                for index in 0..<2 {
                    vectors.initializeElement(at: index, to: iovec(iov_base: base, iov_len: sizes[index]))
                }
                let sent = linux_send_messages(sender, vectors.baseAddress, 2, name.baseAddress, length, flags)
                return (sent, linux_receive_messages(receiver, vectors.baseAddress, 2, flags))
            }
        }
        for size in sizes {
            note(.sendmmsg, .send, sent == 2 ? size : -1, of: size, type: OwnSocket.datagram, via: .sendmsg)
            note(.recvmmsg, .receive, received == 2 ? size : -1, of: size, type: OwnSocket.datagram, via: .recvmsg)
        }
    }
}
