internal import SocketEvents
internal import ProbeContract

/// The lines of the table that tell who a socket is and what becomes of it.
///
/// Each operation is seen at its system call, which has the descriptor and the final result, and at the protocols' own
/// functions, which are called through pointers, so that no compiler inlines them, and which io_uring(7) passes, too. What
/// is between the two compilers inline as they like.
extension CallPath {
    var lifeEntry: Entry {
        switch self {
        case .connect:
            Entry(
                title: "connect", operation: .connect, aliases: .located, withoutEndpoints: .connections,
                steps: [.probe(.sysConnect, for: .connections), .probe(.protocolConnect)],
                knownCalls: [.connect, .connectRefused])
        case .accept:
            Entry(
                title: "accept", operation: .accept, aliases: .located, withoutEndpoints: .acceptances,
                steps: [.probe(.sysAccept, for: .acceptances), .probe(.protocolAccept)], knownCalls: [.accept])
        case .bind:
            Entry(
                title: "bind", operation: .bind, aliases: .located, withoutEndpoints: .bindings,
                steps: [.probe(.sysBind, for: .bindings), .probe(.protocolBind)], knownCalls: [.bind])
        case .listen:
            Entry(
                title: "listen", operation: .listen, aliases: .listenings,
                steps: [.probe(.sysListen), .probe(.protocolListen)], knownCalls: [.listen])
        case .shutdown:
            Entry(
                title: "shutdown", operation: .shutdown, aliases: .shutdowns,
                steps: [.probe(.sysShutdown), .probe(.protocolShutdown)], knownCalls: [.shutdown])
        case .made:
            Entry(
                title: "sockets made", aliases: [.located, AliasSet([.createReturn])],
                steps: [.probe(.securityPostCreate), .probe(.protocolCreate, .whileNone([.securityPostCreate]))])
        case .paired:
            Entry(title: "pairs of sockets", aliases: .located, steps: [.probe(.socketpair)])
        case .grafted:
            Entry(
                title: "socks of accepted sockets", aliases: .located,
                steps: [
                    .probe(.securityGraft), .probe(.acceptedSock, .whileNone([.securityGraft])),
                    .probe(.freeDatagram, .whileNone([.securityGraft])),
                ])
        case .tcpState:
            Entry(title: "TCP states", aliases: .located, steps: [], kernelEvents: KernelEvent.allCases)
        case .tcpEnd:
            Entry(
                title: "ends of TCP connections", aliases: .connections,
                steps: [.probe(.tcpConnect), .probe(.tcpDone)])
        case .datagramSource:
            Entry(
                title: "sources of datagrams", aliases: .receptions,
                steps: [.probe(.udpConsume), .probe(.freeDatagram)])
        case .datagramDestination:
            Entry(
                title: "destinations of datagrams", aliases: .sendings,
                steps: [.probe(.routeIPv4), .probe(.routeIPv6), .probe(.unixMaySend)])
        default: Entry(title: "", aliases: [], steps: [])
        }
    }
}

extension AliasSet {
    private static func those(_ isIncluded: (Alias) -> Bool) -> AliasSet { AliasSet(Alias.allCases.filter(isIncluded)) }

    /// What says between whom it was: of all but a creation, which is nobody's yet.
    fileprivate static let located = those { ![.create, .createReturn, .closeReturn].contains($0) }
    fileprivate static let sendings = AliasSet([.sentMessages, .written])
    fileprivate static let receptions = AliasSet([.receivedMessages, .read])
    // Those of the steps in a socket's life have names of their own.
    fileprivate static let connections = named("socket.connect")
    fileprivate static let acceptances = named("socket.accept")
    fileprivate static let bindings = named("socket.bind")
    fileprivate static let listenings = named("socket.listen")
    fileprivate static let shutdowns = named("socket.shutdown")

    private static func named(_ begin: String) -> AliasSet { those { "\($0.name)".hasPrefix(begin) } }
}
