internal import PlainText
public import SocketNames

/// What one end of a socket is to be: an address or a network, a port, both, or the name of a UNIX socket.
///
/// | as | means |
/// |---|---|
/// | `10.0.0.5`, `fe80::1` | this address, whatever the port |
/// | `10.0.0.0/8`, `2001:db8::/32` | an address of this network |
/// | `:443`, `10.0.0.5:443`, `[::1]:80`, `[fe80::/10]:80` | the port, and the address if there is one |
/// | `/run/app.sock`, `/run/*`, `@name`, `@db-*` | the path or abstract name of a UNIX socket, or a pattern of it |
public struct EndpointPattern: Sendable, Equatable {
    private enum Place: Sendable, Equatable {
        case any
        /// Bytes of an address, and how many bits of it count.
        case network([UInt8], Int)
        case name(Glob, isAbstract: Bool)
    }
    private let place: Place
    private let port: UInt32?

    /// - Throws: where the text is none of these.
    public init(_ text: String) throws(UnknownNameError) {
        if text.hasPrefix("/") || text.hasPrefix("@") {
            let isAbstract = text.hasPrefix("@")
            place = .name(Glob(isAbstract ? String(text.dropFirst()) : text), isAbstract: isAbstract)
            port = nil
            return
        }
        guard !text.isEmpty, let (address, port) = Self.split(text), let place = Self.place(address) else {
            throw UnknownNameError(
                kind: "address", text: text, valid: ["10.0.0.5", "10.0.0.0/8", "[::1]:80", ":443", "/run/*", "@name"])
        }
        self.place = place
        self.port = port
    }

    /// Any address with this port.
    public init(port: UInt16) { (place, self.port) = (.any, UInt32(port)) }

    /// Whether an end is like that. Allocates nothing.
    package func matches(_ end: borrowing SocketAddress) -> Bool {
        if let port, end.port != port { return false }
        switch place {
        case .any: return true
        case .network(let bytes, let bits): return Self.isIn(end, bytes, bits)
        case .name(let glob, let isAbstract):
            guard end.kind == (isAbstract ? .abstractName : .path), end.count > 0 else { return false }
            let name = copy end
            return glob.matches(count: name.count) { name[$0] }
        }
    }

    private static func isIn(_ end: borrowing SocketAddress, _ bytes: [UInt8], _ bits: Int) -> Bool {
        let kind = end.kind
        guard kind == .ipv4 || kind == .ipv6 else { return false }
        // An IPv4-mapped address is that of IPv4, too.
        var start = 0
        if bytes.count == 4, kind == .ipv6 {
            guard end.count == 16, end.words[0] == 0, end.words[1] & 0xffff_ffff == 0xffff_0000 else { return false }
            start = 12
        }
        guard end.count - start == bytes.count else { return false }
        for index in bytes.indices where index * 8 < bits {
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> min(bits - index * 8, 8))
            if (end[start + index] ^ bytes[index]) & mask != 0 { return false }
        }
        return true
    }

    // MARK: Reading

    /// The address and the port of a text; an address of IPv6 with a port stands in brackets.
    private static func split(_ text: String) -> (address: Substring, port: UInt32?)? {
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            let address = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            if rest.isEmpty { return (address, nil) }
            guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()) else { return nil }
            return (address, UInt32(port))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return (text[...], nil) }
        guard let port = UInt16(parts[1]) else { return nil }
        return (parts[0], UInt32(port))
    }

    private static func place(_ text: Substring) -> Place? {
        if text.isEmpty || text == "*" { return .any }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let bytes = ipv4(parts[0]) ?? ipv6(parts[0]) else { return nil }
        guard parts.count == 2 else { return .network(bytes, bytes.count * 8) }
        guard let bits = Int(parts[1]), (0...bytes.count * 8).contains(bits) else { return nil }
        return .network(bytes, bits)
    }

    private static func ipv4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Groups of hexadecimal digits, one run of zeros left out as `::`, the last two groups as IPv4 if at all.
    private static func ipv6(_ text: Substring) -> [UInt8]? {
        guard text.contains(":") else { return nil }
        let halves = text.pieces(between: "::")
        guard halves.count <= 2, let front = groups(halves[0]), let back = halves.count == 2 ? groups(halves[1]) : []
        else { return nil }
        let missing = 16 - front.count - back.count
        guard halves.count == 2 ? missing >= 2 : missing == 0 else { return nil }
        return front + Array(repeating: 0, count: missing) + back
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let last = ipv4(part) {
                bytes += last
            } else if part.utf8.count <= 4, let group = UInt16(part, radix: 16) {
                bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
            } else {
                return nil
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}

/// What both ends of a socket are to be. Every part that is set must hold; within a part one match is enough.
public struct EndpointFilter: Sendable, Equatable {
    /// Either end has one of these ports; empty for all.
    public var ports: [UInt16] = []
    /// This end is like one of these; empty for all.
    public var locals: [EndpointPattern] = []
    /// The other end is like one of these; empty for all.
    public var remotes: [EndpointPattern] = []
    /// Neither end is like one of these.
    public var excluded: [EndpointPattern] = []

    /// Anything.
    public init() {}

    /// Whether everything passes.
    public var isEmpty: Bool { self == EndpointFilter() }

    /// Whether an event whose ends are not known passes.
    package var acceptsUnknown: Bool { ports.isEmpty && locals.isEmpty && remotes.isEmpty }

    /// Whether ends pass. Allocates nothing.
    package func accepts(_ details: borrowing EventDetails) -> Bool {
        let known = details.known
        let (hasLocal, hasRemote) = (known.contains(.local), known.contains(.remote))
        if !ports.isEmpty {
            let (local, remote) = (hasLocal ? details.rawLocal.port : nil, hasRemote ? details.rawRemote.port : nil)
            let isOne = ports.contains { UInt32($0) == local || UInt32($0) == remote }
            guard isOne else { return false }
        }
        if !locals.isEmpty {
            guard hasLocal else { return false }
            let end = details.rawLocal
            guard locals.contains(where: { $0.matches(end) }) else { return false }
        }
        if !remotes.isEmpty {
            guard hasRemote else { return false }
            let end = details.rawRemote
            guard remotes.contains(where: { $0.matches(end) }) else { return false }
        }
        guard !excluded.isEmpty else { return true }
        let (local, remote) = (details.rawLocal, details.rawRemote)
        return !excluded.contains { (hasLocal && $0.matches(local)) || (hasRemote && $0.matches(remote)) }
    }
}
