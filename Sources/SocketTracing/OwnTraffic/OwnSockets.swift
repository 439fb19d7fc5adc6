internal import BasicContainers
internal import Glibc
internal import LinuxSystem
internal import ProbePlanning

/// The sockets that calibration looks at: as many kinds as the kernel has, so that every value changes with them.
///
/// AF_UNIX needs nothing at all; the others are made only where the kernel says that it has them, as asking for a
/// family or protocol that it lacks would make it look for a module to load.
struct OwnSockets: ~Copyable {
    private(set) var sockets = UniqueArray<OwnSocket>()
    /// Which socket is connected to which.
    private(set) var peers: [Int: Int] = [:]

    var count: Int { sockets.count }

    /// Makes them all.
    init() {
        addLocal()
        let available = Self.registeredProtocols()
        if available.contains("NETLINK") { addNetlink() }
        addInternet(AF_INET, suffix: "", available)
        if available.contains("TCP") {
            add(OwnConnection.loopback())
            for _ in 0..<3 { add(OwnConnection.scattered(family: AF_INET)) }
            add(OwnSocket.listening())
        }
        if available.contains("UDP") {
            for _ in 0..<2 { add(OwnSocket.refused()) }
        }
        addInternet(AF_INET6, suffix: "v6", available)
        if available.contains("TCPv6") {
            for _ in 0..<3 { add(OwnConnection.scattered(family: AF_INET6)) }
        }
        for index in 0..<sockets.count { sockets[index].giveAway() }
    }

    private mutating func addLocal() {
        let types = [OwnSocket.stream, OwnSocket.datagram, OwnSocket.sequenced]
        for (index, type) in types.enumerated() {
            add(OwnSocket(family: AF_UNIX, type: type, protocol: nil)?.withRandomName(letters: 9 + 7 * index))
        }
        for type in types {
            guard let pair = OwnSocketPair(type: type) else { continue }
            append(pair.first, pair.second)
        }
        add(OwnConnection.local(type: OwnSocket.stream))
        add(OwnConnection.local(type: OwnSocket.sequenced))
    }

    /// Netlink keeps its protocol number as it is given, and sends nothing to who only opens a socket.
    private mutating func addNetlink() {
        // NETLINK_USERSOCK is registered by the core itself; of the others, those that the kernel listens on.
        let listening = Self.netlinkProtocols()
        for number in [0, 2, 15, 16, 10] as [Int32] where number == 2 || listening.contains(number) {
            let type = number == 15 ? OwnSocket.datagram : OwnSocket.raw
            add(OwnSocket(family: AF_NETLINK, type: type, argument: number, protocol: number)?.withRandomPorts())
        }
    }

    private mutating func addInternet(_ family: Int32, suffix: String, _ available: Set<String>) {
        if available.contains("TCP" + suffix) {
            for _ in 0..<2 { add(OwnSocket(family: family, type: OwnSocket.stream, protocol: 6)) }
        }
        if available.contains("UDP" + suffix) {
            for _ in 0..<2 { add(OwnSocket(family: family, type: OwnSocket.datagram, protocol: 17)) }
        }
        if available.contains("RAW" + suffix) {
            // Numbers that nobody uses: for experiments (RFC 3692), and others, different each time.
            for number in [253, Int32.random(in: 146...199), Int32.random(in: 200...252)] {
                add(OwnSocket(family: family, type: OwnSocket.raw, argument: number, protocol: number))
            }
        }
    }

    private mutating func add(_ connection: consuming OwnConnection?) {
        if let connection { append(connection.client, connection.server) }
    }

    private mutating func append(_ first: consuming OwnSocket, _ second: consuming OwnSocket) {
        peers[sockets.count] = sockets.count + 1
        peers[sockets.count + 1] = sockets.count
        sockets.append(first)
        sockets.append(second)
    }

    private mutating func add(_ socket: consuming OwnSocket?) {
        if let socket { sockets.append(socket) }
    }

    /// The names in /proc/net/protocols; where it cannot be read, what nearly every kernel has.
    private static func registeredProtocols() -> Set<String> {
        guard let text = try? Files.text(of: "/proc/net/protocols") else { return ["NETLINK"] }
        return Set(
            text.split(separator: "\n").dropFirst().compactMap { $0.split(separator: " ").first.map(String.init) })
    }

    /// The protocols in /proc/net/netlink's second column.
    private static func netlinkProtocols() -> Set<Int32> {
        guard let text = try? Files.text(of: "/proc/net/netlink") else { return [] }
        return Set(
            text.split(separator: "\n").dropFirst().compactMap { line in
                line.split(separator: " ").dropFirst().first.flatMap { Int32($0) }
            })
    }
}
