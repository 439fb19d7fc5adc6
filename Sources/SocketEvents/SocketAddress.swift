/// One end of a socket, as getsockname(2) or getpeername(2) would give it.
public struct SocketAddress: Sendable {
    /// What the address is.
    public enum Kind: UInt8, Sendable {
        /// 4 bytes and a port.
        case ipv4
        /// 16 bytes and a port; IPv4-mapped ones, too.
        case ipv6
        /// The path of a UNIX socket; without bytes where it is known to have no name.
        case path
        /// The name of a UNIX socket in the abstract namespace, without the 0 that it begins with.
        case abstractName
        /// A port of AF_NETLINK; there is no address.
        case netlink
        /// A number, and of AF_VSOCK a port: its context; of AF_PACKET the index of an interface, without a port.
        case number
    }

    /// The most bytes of a name: `sun_path` and no 0 behind it (struct sockaddr_un in include/uapi/linux/un.h).
    package static let longestName = 108

    @usableFromInline package var rawKind: UInt8 = 0
    /// Bytes of the address or name.
    @usableFromInline package var size: UInt8 = 0
    @usableFromInline package var hasPort = false
    @usableFromInline package var rawPort: UInt32 = 0
    /// The address or name as memory has it, eight bytes a word, little-endian; what is behind it means nothing.
    @usableFromInline package var words = InlineArray<14, UInt64>(repeating: 0)

    /// No address.
    package init() {}

    /// What it is.
    @inlinable public var kind: Kind { Kind(rawValue: rawKind) ?? .ipv4 }

    /// The same address at any port.
    package var withoutPort: SocketAddress {
        var address = self
        (address.hasPort, address.rawPort) = (false, 0)
        return address
    }

    /// The port; nil where the family has none, or where it is not known.
    @inlinable public var port: UInt32? { hasPort ? rawPort : nil }

    /// How many bytes the address or name has.
    @inlinable public var count: Int { Int(size) }

    /// A byte of the address, in the order of the network, or of the name.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count)
        return UInt8(truncatingIfNeeded: words[index >> 3] >> (8 * UInt64(index & 7)))
    }

    /// The number of a `number`.
    @inlinable public var number: UInt32 { UInt32(truncatingIfNeeded: words[0]) }
}

extension SocketAddress: Hashable {
    /// What is behind the address does not count.
    public static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        left.rawKind == right.rawKind && left.size == right.size && left.port == right.port
            && (0..<left.count).allSatisfy { left[$0] == right[$0] }
    }

    /// Of what counts.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rawKind)
        hasher.combine(port)
        for index in 0..<count { hasher.combine(self[index]) }
    }
}

extension SocketAddress {
    /// An IPv4 address.
    package static func ipv4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16?) -> SocketAddress {
        SocketAddress(.ipv4, [a, b, c, d], port: port.map { UInt32($0) })
    }

    /// An address of these bytes, of which as many are kept as there is room for.
    package init(_ kind: Kind, _ bytes: some Collection<UInt8>, port: UInt32? = nil) {
        self.init()
        rawKind = kind.rawValue
        size = UInt8(min(bytes.count, Self.longestName))
        (hasPort, rawPort) = (port != nil, port ?? 0)
        for (index, byte) in bytes.prefix(Self.longestName).enumerated() {
            words[index >> 3] |= UInt64(byte) << (8 * UInt64(index & 7))
        }
    }
}
