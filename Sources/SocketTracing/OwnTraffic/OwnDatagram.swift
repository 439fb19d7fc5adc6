internal import CLinux
internal import Glibc

/// Two unconnected sockets of UDP on the loopback device, and a message from one to the other.
struct OwnDatagram: ~Copyable {
    let sender: OwnSocket
    let receiver: OwnSocket
    let pattern: Pattern

    /// How the ends of the message look in memory, in the order of the network.
    struct Pattern: Sendable {
        var isIPv6: Bool
        var source: [UInt8]
        var destination: [UInt8]
        var sourcePort: [UInt8]
        var destinationPort: [UInt8]

        /// As a route is looked for.
        var route: [UInt8?] {
            isIPv6
                ? destination + source + Array(repeating: nil, count: 4) + destinationPort + sourcePort
                : source + destination + destinationPort + sourcePort
        }

        /// As an IPv4 header ends and a UDP header begins; a length and a checksum follow.
        var header: [UInt8?] { source + destination + sourcePort + destinationPort }
    }

    /// Between random addresses in 127.0.0.0/8; nil where the loopback device is down.
    static func ipv4() -> OwnDatagram? {
        OwnDatagram(family: AF_INET, hosts: (0..<2).map { _ in [127] + (0..<3).map { _ in .random(in: 1...254) } })
    }

    /// From ::1 to ::1; nil where the kernel has no IPv6.
    static func ipv6() -> OwnDatagram? {
        let host = Array(repeating: 0, count: 15) + [1 as UInt8]
        return OwnDatagram(family: AF_INET6, hosts: [host, host])
    }

    private init?(family: Int32, hosts: [[UInt8]]) {
        guard let sender = OwnSocket(family: family, type: OwnSocket.datagram, protocol: 17),
            let receiver = OwnSocket(family: family, type: OwnSocket.datagram, protocol: 17),
            let sourcePort = Self.bind(sender, hosts[0], family),
            let destinationPort = Self.bind(receiver, hosts[1], family)
        else { return nil }
        self.sender = sender
        self.receiver = receiver
        pattern = Pattern(
            isIPv6: family == AF_INET6, source: hosts[0], destination: hosts[1], sourcePort: sourcePort,
            destinationPort: destinationPort)
    }

    /// Sends the message and receives it; whether that succeeds, the records show.
    func pass() {
        OwnSocket.withAddress(pattern.isIPv6 ? AF_INET6 : AF_INET, pattern.destination, pattern.destinationPort) {
            name, length in
            var message: UInt64 = 0
            _ = sendto(sender.descriptor, &message, 8, Int32(MSG_DONTWAIT | MSG_NOSIGNAL), name, length)
        }
        Self.receive(receiver.descriptor)
    }

    /// Sends a message between two sockets that are connected.
    static func pass(from sender: Int32, to receiver: Int32) {
        var message: UInt64 = 0
        _ = send(sender, &message, 8, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        receive(receiver)
    }

    private static func receive(_ descriptor: Int32) {
        OwnConnection.awaitMessage(descriptor)
        var message: UInt64 = 0
        _ = recv(descriptor, &message, 8, Int32(MSG_DONTWAIT))
    }

    /// Binds to an address, at a port that the kernel chooses.
    private static func bind(_ socket: borrowing OwnSocket, _ host: [UInt8], _ family: Int32) -> [UInt8]? {
        let descriptor = socket.descriptor
        return OwnSocket.withAddress(family, host, [0, 0]) { name, length in
            var length = length
            guard Glibc.bind(descriptor, name, length) == 0, getsockname(descriptor, name, &length) == 0 else {
                return nil
            }
            let port = UnsafeRawPointer(name).loadUnaligned(fromByteOffset: 2, as: UInt16.self)
            return withUnsafeBytes(of: port) { Array($0) }
        }
    }
}
