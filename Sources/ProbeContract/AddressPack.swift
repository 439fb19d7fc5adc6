/// A member of a struct that an address lies in, by the letter that stands for it in a field's name.
package protocol AddressMember: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue == Character {
    /// Begins the names of fields with such members.
    static var prefix: String { get }
    /// Bytes that it takes.
    var width: Int { get }
}

/// What one fetch brings of a struct that addresses lie in, as memory has it, and the name of the field that holds it:
/// the members' letters, each with its offset in bytes from the start of the field. `sk_r0l4p12q14f16s18` is the beginning
/// of every `struct sock` so far.
///
/// Kernels take no name of 32 bytes (MAX_ARG_NAME_LEN in kernel/trace/trace_probe.h).
package struct AddressPack<Member: AddressMember>: Sendable, Equatable {
    /// Bytes from the start of the field; a member that is not in it has none.
    package private(set) var offsets: [Member: Int]

    /// A pack of these members, offsets in bytes from the start of the field.
    package init(_ offsets: [Member: Int]) {
        self.offsets = offsets
    }

    /// Nil where the text is no name of such a pack.
    package init?(parsing text: some StringProtocol) {
        guard text.hasPrefix(Member.prefix) else { return nil }
        offsets = [:]
        var rest = text.dropFirst(Member.prefix.count)
        while let letter = rest.first {
            rest.removeFirst()
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest.removeFirst(digits.count)
            guard let member = Member(rawValue: letter), offsets[member] == nil, digits.count <= 3,
                let offset = Int(digits)
            else { return nil }
            offsets[member] = offset
        }
        if offsets.isEmpty { return nil }
    }

    /// The name of the field.
    package var fieldName: String {
        Member.prefix
            + offsets.sorted { $0.value < $1.value }.map { "\($0.key.rawValue)\($0.value)" }.joined()
    }

    /// Where a member lies in the field; nil where it does not lie wholly within so many bytes.
    package func offset(of member: Member, within size: Int) -> Int? {
        offsets[member].flatMap { $0 + member.width <= size ? $0 : nil }
    }
}

/// The beginning of a `struct sock` (`struct sock_common`), as `sk_…`: with it every message and every step of a socket's
/// life says between whom it is. Valid for sockets of all families; addresses and ports for AF_INET, and for AF_INET6
/// with mapped addresses; ports also for all of AF_INET6. Read at entry: it is what was in force when the operation began.
///
/// Its memory is that of the `sock` behind the `socket` of the same record (of a closing socket only where `sk` is not
/// null), of the `listener` in ``FrameRole/protoAccept``, and of `sk` in a ``SocketNotice``.
package enum SockMember: Character, AddressMember {
    /// `skc_daddr`: 4 bytes in network order.
    case remoteIPv4 = "r"
    /// `skc_rcv_saddr`: 4 bytes in network order.
    case localIPv4 = "l"
    /// `skc_dport`: 2 bytes in **network** order.
    case remotePort = "p"
    /// `skc_num`: 2 bytes in the **traced machine's** order.
    case localPort = "q"
    /// `skc_family`: 2 bytes in the traced machine's order.
    case family = "f"
    /// `skc_state`: a byte; of TCP include/net/tcp_states.h (1 ESTABLISHED … 12 NEW_SYN_RECV).
    case state = "s"

    package static var prefix: String { "sk_" }
    package var width: Int {
        switch self {
        case .remoteIPv4, .localIPv4: 4
        case .remotePort, .localPort, .family: 2
        case .state: 1
        }
    }
}

/// The IPv6 addresses of a `struct sock`, as `sk6_…`: 16 bytes each. Meaningful where the family is AF_INET6.
package enum SockIPv6Member: Character, AddressMember {
    /// `skc_v6_daddr`.
    case remote = "r"
    /// `skc_v6_rcv_saddr`.
    case local = "l"

    package static var prefix: String { "sk6_" }
    package var width: Int { 16 }
}

/// A `struct flowi4`, as `flow4_…`: where a datagram of AF_INET goes.
package enum FlowIPv4Member: Character, AddressMember {
    /// `daddr`: 4 bytes in network order.
    case remote = "r"
    /// `saddr`: 4 bytes in network order; 0 as long as it was not chosen.
    case local = "l"
    /// `fl4_dport`: 2 bytes in network order.
    case remotePort = "p"
    /// `fl4_sport`: 2 bytes in **network** order.
    case localPort = "q"

    package static var prefix: String { "flow4_" }
    package var width: Int {
        switch self {
        case .remote, .local: 4
        case .remotePort, .localPort: 2
        }
    }
}

/// A `struct flowi6`, as `flow6_…`: where a datagram of AF_INET6 goes; addresses of 16 bytes, ports as in
/// ``FlowIPv4Member``.
package enum FlowIPv6Member: Character, AddressMember {
    case remote = "r"
    case local = "l"
    case remotePort = "p"
    case localPort = "q"

    package static var prefix: String { "flow6_" }
    package var width: Int {
        switch self {
        case .remote, .local: 16
        case .remotePort, .localPort: 2
        }
    }
}
