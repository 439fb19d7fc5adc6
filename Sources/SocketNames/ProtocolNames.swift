/// Names of socket protocols. A protocol number means something only together with the family of its socket: 6 is TCP
/// for an INET socket, but XFRM for a NETLINK one, and an Ethernet type for a PACKET one.
///
/// | family | names |
/// |---|---|
/// | INET, INET6 | /etc/protocols, in upper case: `TCP`, `UDP`, `IPV6-ICMP`, `RAW` (255), `MPTCP` (262) |
/// | NETLINK | the kernel's NETLINK_ names without that prefix: `ROUTE`, `SOCK_DIAG`, `GENERIC` |
/// | any other, or unknown | none: the number is printed |
///
/// The SystemTap tapset prints the names of IP protocols for every family, so that it calls each UNIX socket `IP`.
public enum ProtocolNames {
    /// The name of a protocol of a family, nil where the pair has none.
    public static func name(of number: Int32, family: Int32?) -> StaticString? {
        switch family {
        case 2, 10: IPProtocolNames.name(of: number)
        case 16: NetlinkProtocolNames.name(of: number)
        default: nil
        }
    }

    /// One family for all in which protocol numbers mean the same: INET for the internet's two, NETLINK for itself, and 0
    /// for all others, whose protocols have no names.
    package static func commonFamily(_ family: Int32?) -> Int32 {
        switch family {
        case 2, 10: 2
        case 16: 16
        default: 0
        }
    }

    /// All names of IP protocols, then all of netlink ones (with `NETLINK_`), for help and for messages.
    package static var helpNames: [String] {
        NameLookup.names(in: IPProtocolNames.range, by: IPProtocolNames.name(of:))
            + NameLookup.names(in: NetlinkProtocolNames.range, by: NetlinkProtocolNames.name(of:)).map {
                "NETLINK_" + $0
            }
    }
}

/// What a user means by a protocol: a number, of the families in which the name given stands for it.
public struct ProtocolSelector: Sendable, Hashable {
    /// The families in which a protocol number is meant.
    public enum Scope: UInt8, Sendable {
        /// Of every family: the user gave a number.
        case any
        /// Of INET and INET6.
        case ip
        /// Of NETLINK.
        case netlink
    }

    /// The number, as a traced kernel can compare it.
    public let number: Int32
    /// Where that number is meant.
    public let scope: Scope

    /// A number within a scope.
    public init(number: Int32, scope: Scope = .any) {
        self.number = number
        self.scope = scope
    }

    /// Whether a socket with this protocol and family is meant. What is unknown is not.
    public func matches(protocol number: Int32?, family: Int32?) -> Bool {
        guard number == self.number else { return false }
        return switch scope {
        case .any: true
        case .ip: family == 2 || family == 10
        case .netlink: family == 16
        }
    }

    /// Its name; the number where it has none.
    public var name: String {
        let family: Int32? =
            switch scope {
            case .any: nil
            case .ip: 2
            case .netlink: 16
            }
        return ProtocolNames.name(of: number, family: family)?.description ?? String(number)
    }

    /// Whether a socket of one of these families can have it.
    package func canBe(inOneOf families: [Int32]) -> Bool {
        families.contains { matches(protocol: number, family: $0) }
    }

    /// Whether a socket of one of these types can have it: of the internet's protocols the usual ones have one type each,
    /// and any can be used raw.
    package func canBe(ofOneOf types: [Int32]) -> Bool {
        guard scope == .ip else { return true }
        let own: [Int32]
        switch number {
        case 6, 262: own = [1, 3]
        case 17, 136: own = [2, 3]
        default: return true
        }
        return types.contains { own.contains($0) }
    }

    /// The protocols that a text means: a name in any case (`tcp`, `IPPROTO_TCP`, `icmpv6`, `netlink_route`, `ROUTE`)
    /// or a number. There is more than one where IP and netlink use the same name (`SMC`).
    public static func parse(_ text: String) throws(UnknownNameError) -> [ProtocolSelector] {
        if let number = NameLookup.number(written: text, in: 0...Int32.max) { return [.init(number: number)] }
        var found: [ProtocolSelector] = []
        let ip = NameLookup.canonical(text, dropping: ["IPPROTO_"])
        if let number = IPProtocolNames.number(alias: ip)
            ?? NameLookup.number(named: ip, in: IPProtocolNames.range, by: IPProtocolNames.name(of:))
        {
            found.append(.init(number: number, scope: .ip))
        }
        let netlink = NameLookup.canonical(text, dropping: ["NETLINK_"])
        if let number = NameLookup.number(
            named: netlink, in: NetlinkProtocolNames.range, by: NetlinkProtocolNames.name(of:))
        {
            found.append(.init(number: number, scope: .netlink))
        }
        if found.isEmpty {
            throw UnknownNameError(kind: "protocol", text: text, valid: ProtocolNames.helpNames)
        }
        return found
    }
}
