internal import Glibc
internal import ProbePlanning

/// Two sockets that were connected by connect(2).
struct OwnConnection: ~Copyable {
    let client: OwnSocket
    let server: OwnSocket

    /// Milliseconds to wait for the other end, which is this thread: the machine's own network answers at once.
    private static let patience: Int32 = 20

    /// AF_UNIX, by a name that the kernel chooses (unix(7), "autobind"); nil where it does not make one.
    static func local(type: Int32) -> OwnConnection? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        return withUnsafeMutableBytes(of: &address) { address in
            OwnConnection(
                family: AF_UNIX, type: type, protocol: nil, address, length: MemoryLayout<sa_family_t>.size)
        }
    }

    /// TCP over the loopback device; nil where that is down.
    static func loopback() -> OwnConnection? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafeMutableBytes(of: &address) { address in
            OwnConnection(
                family: AF_INET, type: OwnSocket.stream, protocol: 6, address, length: address.count)
        }
    }

    /// TCP between two random addresses of the loopback device, as AF_INET6 has them mapped (RFC 4291, 2.5.5.2); nil where
    /// that is down.
    static func scattered(family: Int32) -> OwnConnection? {
        let length = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        return withUnsafeTemporaryAllocation(byteCount: 2 * length, alignment: 4) { room in
            let own = UnsafeMutableRawBufferPointer(rebasing: room[..<length])
            let other = UnsafeMutableRawBufferPointer(rebasing: room[length...])
            for address in [own, other] { scatter(family, in: address) }
            return OwnConnection(
                family: family, type: OwnSocket.stream, protocol: 6, other, length: length,
                from: UnsafeRawBufferPointer(own))
        }
    }

    /// Makes an address somewhere in 127.0.0.0/8, without a port.
    private static func scatter(_ family: Int32, in address: UnsafeMutableRawBufferPointer) {
        address.initializeMemory(as: UInt8.self, repeating: 0)
        address.storeBytes(of: sa_family_t(family), as: sa_family_t.self)
        let host = family == AF_INET ? 4 : 20
        address[host] = 127
        for index in 1..<4 { address[host + index] = .random(in: 1...254) }
        if family == AF_INET6 { for index in 18..<20 { address[index] = 0xff } }
    }

    /// UDP over the loopback device, both ways; nil where that is down.
    static func loopbackDatagrams() -> OwnConnection? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafeMutableBytes(of: &address) { OwnConnection(datagramsAt: $0) }
    }

    private init?(datagramsAt room: UnsafeMutableRawBufferPointer) {
        guard let first = OwnSocket(family: AF_INET, type: OwnSocket.datagram, protocol: 17),
            let second = OwnSocket(family: AF_INET, type: OwnSocket.datagram, protocol: 17)
        else { return nil }
        let isConnected = room.withMemoryRebound(to: sockaddr.self) { name -> Bool in
            guard let name = name.baseAddress else { return false }
            var length = socklen_t(room.count)
            // Any port, then that of the other one.
            return Glibc.bind(first.descriptor, name, length) == 0 && Glibc.bind(second.descriptor, name, length) == 0
                && getsockname(first.descriptor, name, &length) == 0
                && Glibc.connect(second.descriptor, name, length) == 0
                && getsockname(second.descriptor, name, &length) == 0
                && Glibc.connect(first.descriptor, name, length) == 0
        }
        guard isConnected else { return nil }
        client = first
        server = second
    }

    /// - Parameters:
    ///   - room: of the address to bind to, and large enough for the one that it becomes.
    ///   - length: bytes of the address to bind to.
    ///   - from: the address that the client binds to; nil where the kernel is to choose one.
    private init?(
        family: Int32, type: Int32, protocol: Int32?, _ room: UnsafeMutableRawBufferPointer, length: Int,
        from own: UnsafeRawBufferPointer? = nil
    ) {
        guard let listener = OwnSocket(family: family, type: type, protocol: `protocol`),
            var client = OwnSocket(family: family, type: type, protocol: `protocol`)
        else { return nil }
        let accepted = room.withMemoryRebound(to: sockaddr.self) { name -> Int32 in
            guard let name = name.baseAddress, Glibc.bind(listener.descriptor, name, socklen_t(length)) == 0,
                listen(listener.descriptor, 1) == 0
            else { return -1 }
            var length = socklen_t(room.count)
            guard Self.bind(client.descriptor, to: own), getsockname(listener.descriptor, name, &length) == 0,
                Self.connect(client.descriptor, name, length)
            else { return -1 }
            Self.wait(for: listener.descriptor, POLLIN)
            return accept(listener.descriptor, nil, nil)
        }
        guard accepted >= 0 else { return nil }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
        let server = OwnSocket(accepted, listener.kind, state: 3)
        server.forgetsAtOnce()
        client.forgetsAtOnce()
        client.state = 3
        self.client = client
        self.server = server
    }

    private static func bind(_ descriptor: Int32, to address: UnsafeRawBufferPointer?) -> Bool {
        guard let address else { return true }
        return address.withMemoryRebound(to: sockaddr.self) { name in
            name.baseAddress.map { Glibc.bind(descriptor, $0, socklen_t(address.count)) == 0 } ?? false
        }
    }

    private static func connect(
        _ descriptor: Int32, _ name: UnsafePointer<sockaddr>, _ length: socklen_t
    ) -> Bool {
        if Glibc.connect(descriptor, name, length) == 0 { return true }
        guard errno == EINPROGRESS else { return false }
        wait(for: descriptor, POLLOUT)
        // Only this second call makes the socket SS_CONNECTED (__inet_stream_connect).
        return Glibc.connect(descriptor, name, length) == 0 || errno == EISCONN
    }

    /// Waits until something can be received.
    static func awaitMessage(_ descriptor: Int32) { wait(for: descriptor, POLLIN) }

    /// Waits until an attempt to connect has an outcome.
    static func awaitConnection(_ descriptor: Int32) { wait(for: descriptor, POLLOUT) }

    private static func wait(for descriptor: Int32, _ events: Int32) {
        var one = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        poll(&one, 1, patience)
    }
}

extension OwnSocket {
    /// Closing the socket ends its connection without a farewell, so that none waits for its time to be up.
    fileprivate func forgetsAtOnce() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }
}
