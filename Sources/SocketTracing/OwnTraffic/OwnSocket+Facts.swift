internal import CLinux
internal import Glibc
internal import KernelLayout

/// What a socket of our own is known to be: by getsockname(2), getpeername(2), fstat(2) and TCP_INFO, and by what we did to
/// it. Values are as an integer of the kernel's memory has them.
extension OwnSocket {
    /// All of it, at this moment.
    func facts() -> [StructLayout.Member: UInt64] {
        var facts: [StructLayout.Member: UInt64] = [
            .sockFamily: UInt64(kind.family), .sockType: UInt64(kind.type), .sockError: 0,
        ]
        facts[.socketInode] = identity?.inode
        facts[.socketUser] = identity?.user
        if isRefused { facts[.sockError] = hasBeenRefused ? UInt64(ECONNREFUSED) : nil }
        facts[.sockState] = tcpState
        addAddresses(to: &facts)
        return facts
    }

    /// Sends a message to nobody, which leaves ECONNREFUSED until a call takes it. On a busy machine the answer is put off to
    /// a thread of the kernel (ksoftirqd), so it is awaited: half a second, in place of a microsecond.
    private var hasBeenRefused: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        // The first call may take the error of an earlier message, and send none.
        for _ in 0..<2 where send(descriptor, &byte, 1, flags) == 1 { break }
        var state = pollfd(fd: descriptor, events: 0, revents: 0)
        var status: Int32
        repeat { status = poll(&state, 1, 500) } while status < 0 && errno == EINTR
        return status == 1 && Int32(state.revents) & POLLERR != 0
    }

    /// As include/net/tcp_states.h numbers it; nil of other protocols.
    private var tcpState: UInt64? {
        guard kind.protocol == 6, kind.family == AF_INET || kind.family == AF_INET6 else { return nil }
        var state: UInt8 = 0
        var length = socklen_t(1)
        return getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &state, &length) == 0 ? UInt64(state) : nil
    }

    private func addAddresses(to facts: inout [StructLayout.Member: UInt64]) {
        let (local, remote) = (localName, remoteName)
        switch kind.family {
        case AF_INET:
            if let local {
                facts[.sockLocalIPv4] = local.integer(at: 4, width: 4)
                facts[.sockLocalPort] = local.port
            }
            if let remote {
                facts[.sockRemoteIPv4] = remote.integer(at: 4, width: 4)
                facts[.sockRemotePort] = remote.integer(at: 2, width: 2)
            }
        case AF_INET6:
            // Of a mapped address the last eight bytes say all.
            if let local, let remote {
                facts[.sockLocalPort] = local.port
                facts[.sockRemotePort] = remote.integer(at: 2, width: 2)
                facts[.sockLocalIPv6] = local.integer(at: 16, width: 8)
                facts[.sockRemoteIPv6] = remote.integer(at: 16, width: 8)
            }
        case AF_NETLINK:
            if let local { facts[.netlinkPort] = local.integer(at: 4, width: 4) }
            if let remote { facts[.netlinkRemotePort] = remote.integer(at: 4, width: 4) }
        default: break
        }
    }
}

// MARK: Sockets with something to be known by

extension OwnSocket {
    /// A socket of TCP that listens; nil where it cannot.
    static func listening() -> OwnSocket? {
        guard let socket = OwnSocket(family: AF_INET, type: OwnSocket.stream, protocol: 6),
            listen(socket.descriptor, 1) == 0
        else { return nil }
        return socket
    }

    /// A socket of UDP that is connected to a port at which nobody is; nil where the loopback device is down.
    static func refused() -> OwnSocket? {
        guard let other = OwnSocket(family: AF_INET, type: OwnSocket.datagram, protocol: 17),
            var socket = OwnSocket(family: AF_INET, type: OwnSocket.datagram, protocol: 17)
        else { return nil }
        // The port is free again as soon as the other socket is gone.
        guard other.bindToLoopback(), socket.connect(to: other) == 0 else { return nil }
        socket.isRefused = true
        socket.state = nil
        return socket
    }

    /// With a random port of its own, and connected to another one; for AF_NETLINK.
    consuming func withRandomPorts() -> OwnSocket {
        for isOwn in [true, false] {
            // struct sockaddr_nl of linux/netlink.h: family, a gap, port, groups.
            let port = UInt32.random(in: 0x1000_0000...0x7fff_ffff)
            let descriptor = descriptor
            withUnsafeTemporaryAllocation(byteCount: 12, alignment: 4) { address in
                address.initializeMemory(as: UInt8.self, repeating: 0)
                address.storeBytes(of: sa_family_t(AF_NETLINK), as: sa_family_t.self)
                address.storeBytes(of: port, toByteOffset: 4, as: UInt32.self)
                address.withMemoryRebound(to: sockaddr.self) { name in
                    guard let name = name.baseAddress else { return }
                    _ = isOwn ? bind(descriptor, name, 12) : Glibc.connect(descriptor, name, 12)
                }
            }
        }
        return self
    }

    /// Gives the socket an owner whom no other one has, where we may: fchown(2) sets its inode's.
    func giveAway() {
        _ = fchown(descriptor, uid_t.random(in: 0x1000_0000...0x7fff_ffff), gid_t.max)
    }
}
