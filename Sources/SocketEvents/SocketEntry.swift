/// What is known of one socket: of its `struct socket`, its `struct sock`, or both.
struct SocketEntry: Sendable {
    /// Address of the `struct socket`; 0 where it has none: a connection not accepted yet, or closed by its owner.
    var socket: UInt64 = 0
    /// Address of the `struct sock`; 0 where it is not known, or not made yet.
    var sock: UInt64 = 0
    /// Of AF_UNIX the sock at the other end; 0 where there is none.
    var peerSock: UInt64 = 0
    /// Tells it from others that had its memory.
    var serial: UInt64 = 0

    var inode: UInt64 = 0
    var ownership = SocketOwnership()
    /// Whether the inode is known, and which of the ends.
    var known: EventDetails.Members = []

    /// Of these -1 where they are not known.
    var family: Int32 = -1
    var type: Int32 = -1
    var `protocol`: Int32 = -1

    var local = StoredAddress()
    var remote = StoredAddress()
    /// `skc_state` of TCP; 0 where it is not known.
    var tcpState: UInt8 = 0
    /// When an end or the state changed, as far as records of the socket's life say.
    var changedAt: UInt64 = 0
    /// When the connection was established; 0 where it was not seen.
    var establishedAt: UInt64 = 0

    /// Whether its own port is its owner's choice, likewise (SOCK_BINDPORT_LOCK).
    var isPortBound: Bool?
    /// Whether its own address is its owner's choice, which the end of a connection leaves in force; nil where that is not
    /// known (SOCK_BINDADDR_LOCK in include/net/sock.h).
    var isAddressBound: Bool?

    /// The attempt to connect that is under way; -1 where there is none.
    var attempt: Int32 = -1
    /// The outcome of the last attempt came while no call waited for it, and no call has asked for it yet.
    var isOutcomeUntold = false
    /// Why the connection ended: a positive error number, 0 for no error; -1 where it is not known.
    var error: Int32 = -1

    /// Where no function shows that sockets are closed: who connected it, else the first who used it; nil where no event said so.
    var user: SocketUser?

    /// Segments sent once more.
    var retransmits: UInt32 = 0

    /// The batch that has what is known, and where; 0 where it has changed since.
    var batch: UInt64 = 0
    var details: Int32 = -1
    /// What a message's record said then, and the descriptor that it went by.
    var head = SockHead()
    var descriptor: Int32 = -1

    /// What is known has changed.
    mutating func change(at time: UInt64) {
        changedAt = time
        batch = 0
    }
}

/// The task that the event of a connection's end names.
struct SocketUser: Sendable {
    var tid: Int32
    var process: Int32
    var name: TaskName
    /// Which of process and name are known.
    var known: Alias.Arguments

    init(_ task: borrowing TaskState) {
        (tid, process, name, known) = (task.tid, task.tgid, task.rawName, task.known)
    }

    init(_ attempt: borrowing ConnectAttempt) {
        (tid, process, name, known) = (attempt.tid, attempt.process, attempt.name, attempt.knownOfTask)
    }
}

/// An address as the table keeps it: names, which are long and few, lie in a pool.
struct StoredAddress: Sendable, Equatable {
    var rawKind: UInt8 = 0
    var hasPort = false
    var port: UInt32 = 0
    /// The bytes of an address; of a name, where it is in the pool.
    var low: UInt64 = 0
    var high: UInt64 = 0

    var kind: SocketAddress.Kind { SocketAddress.Kind(rawValue: rawKind) ?? .ipv4 }
    /// Its bytes are in the pool.
    var isNamed: Bool { (kind == .path || kind == .abstractName) && low != .max }

    /// A UNIX socket has no name.
    static var unnamed: StoredAddress { StoredAddress(.path, low: .max) }

    init() {}

    init(_ kind: SocketAddress.Kind, low: UInt64 = 0, high: UInt64 = 0, port: UInt32? = nil) {
        (rawKind, self.low, self.high, hasPort, self.port) = (kind.rawValue, low, high, port != nil, port ?? 0)
    }

    /// 4 bytes in the order of the network, as memory has them.
    static func ipv4(_ bytes: UInt32, port: UInt16) -> StoredAddress {
        StoredAddress(.ipv4, low: UInt64(bytes), port: UInt32(port))
    }

    /// The same address as an IPv6 socket has it.
    var mapped: StoredAddress {
        guard kind == .ipv4 else { return self }
        return low == 0
            ? StoredAddress(.ipv6, port: hasPort ? port : nil)
            : StoredAddress(.ipv6, low: 0, high: low << 32 | Self.mappedPrefix, port: hasPort ? port : nil)
    }

    /// It is no address of anybody's.
    var isWildcard: Bool {
        switch kind {
        case .ipv4: low == 0
        case .ipv6: low == 0 && (high == 0 || high == Self.mappedPrefix)
        default: false
        }
    }

    /// What comes before the IPv4 address in the second half of a mapped one.
    static var mappedPrefix: UInt64 { 0xffff_0000 }

    /// `::ffff:0.0.0.0`.
    var isMappedWildcard: Bool { kind == .ipv6 && low == 0 && high == Self.mappedPrefix }

    /// An IPv4 address as an IPv6 socket has it.
    static func mapped(_ bytes: UInt32, port: UInt16) -> StoredAddress {
        StoredAddress(.ipv6, low: 0, high: UInt64(bytes) << 32 | mappedPrefix, port: UInt32(port))
    }

    /// Writes it into an address that was cleared, or had another of the same kind; not for names.
    func put(into address: inout SocketAddress) {
        address.rawKind = rawKind
        (address.hasPort, address.rawPort) = (hasPort, port)
        (address.words[0], address.words[1]) = (low, high)
        address.size =
            switch kind {
            case .ipv4, .number: 4
            case .ipv6: 16
            case .netlink, .path, .abstractName: 0
            }
    }
}

/// The beginning of a `struct sock` as a record has it; addresses as memory has them.
struct SockHead: Sendable, Equatable {
    var remoteIPv4: UInt32 = 0
    var localIPv4: UInt32 = 0
    var remotePort: UInt16 = 0
    var localPort: UInt16 = 0
    /// 0 where nothing is known.
    var family: UInt16 = 0
    var state: UInt8 = 0

    var isKnown: Bool { family != 0 }
}
