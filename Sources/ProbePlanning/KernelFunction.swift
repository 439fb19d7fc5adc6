internal import KernelLayout
internal import ProbeContract

/// Every kernel function that a call path may be seen at. The one list of them: symbols to look up, probes to set and
/// calibration's sources follow from it.
package enum KernelFunction: CaseIterable, Sendable {
    // Sending.
    case sockSendmsgInner
    case sockSendmsg
    case sysSendmsg
    case sysSendto
    case writeIter
    case doWritev
    case sendpage
    case spliceToSocket
    case securitySendmsg
    /// Each protocol's own sendmsg, through its `struct proto_ops`.
    case protocolSendmsg

    // Receiving.
    case sockRecvmsg
    case sysRecvmsg
    case sysRecvfrom
    case readIter
    case doReadv
    case spliceRead
    case securityRecvmsg
    /// Each protocol's own recvmsg.
    case protocolRecvmsg

    // A socket's life.
    case sockCreate
    case sysSocket
    case sockReleaseInner
    case sockRelease
    case sockClose
    case sysConnect
    case sysAccept
    case sysBind
    case sysListen
    case sysShutdown
    /// Each protocol's own, through its `struct proto_ops`.
    case protocolConnect
    case protocolAccept
    case protocolBind
    case protocolListen
    case protocolShutdown

    // Facts about sockets.
    case securityPostCreate
    /// Each protocol's own create, through its `struct net_proto_family`.
    case protocolCreate
    case socketpair
    case securityGraft
    case acceptedSock
    case tcpConnect
    case tcpDone
    case udpConsume
    case freeDatagram
    case routeIPv4
    case routeIPv6
    case unixMaySend
    /// What prints a line of /proc/net/tcp and its like.
    case rowOfSockets
}

/// How messages are handed from function to function in a kernel.
package enum MessageInterface: CaseIterable, Sendable {
    /// Since 4.1: by a `struct msghdr` with its `struct iov_iter`.
    case iterators
    /// Before: with a kiocb in front and the size behind; there is no iov_iter yet (net/socket.c of 3.10).
    case kiocbs
}

extension KernelFunction {
    /// The function as a kernel of an interface has it; nil for the protocols' own, of which there are many.
    ///
    /// Signatures: net/socket.c and fs/read_write.c of 5.10, 6.1, 6.12 and 7.x agree on all of these.
    package func probed(_ interface: MessageInterface) -> ProbedFunction? {
        if interface == .kiocbs, let before = beforeIterators { return before }
        return switch self {
        case .sockSendmsgInner:
            ProbedFunction("__sock_sendmsg", .sendmsg, socket: .argument(1), size: .message(2), result: .int)
        case .sockSendmsg:
            ProbedFunction("sock_sendmsg", .sendmsg, socket: .argument(1), size: .message(2), result: .int)
        case .sysSendmsg:
            ProbedFunction("____sys_sendmsg", .sysSendmsg, socket: .argument(1), size: .message(2), result: .int)
        case .sysSendto:
            ProbedFunction(
                "__sys_sendto", .sysSendto, size: .argument(3), result: .int, extras: [.descriptor])
        case .writeIter:
            ProbedFunction("sock_write_iter", .writeIter, socket: .kiocb(1), size: .iterator(2), result: .long)
        case .doWritev: ProbedFunction("do_writev", .writev, extras: [.descriptor])
        case .sendpage:
            ProbedFunction("sock_sendpage", .sendpage, socket: .file(1), size: .argument(4), result: .long)
        case .spliceToSocket: ProbedFunction("splice_to_socket", .spliceToSocket)
        case .securitySendmsg:
            ProbedFunction("security_socket_sendmsg", .protoSendmsg, socket: .argument(1), size: .argument(3))
        case .sockRecvmsg:
            ProbedFunction("sock_recvmsg", .recvmsg, socket: .argument(1), size: .message(2), result: .int)
        case .sysRecvmsg:
            ProbedFunction("____sys_recvmsg", .sysRecvmsg, socket: .argument(1), size: .message(2), result: .int)
        case .sysRecvfrom:
            ProbedFunction(
                "__sys_recvfrom", .sysRecvfrom, size: .argument(3), result: .int, extras: [.descriptor])
        case .readIter:
            ProbedFunction("sock_read_iter", .readIter, socket: .kiocb(1), size: .iterator(2), result: .long)
        case .doReadv: ProbedFunction("do_readv", .readv, extras: [.descriptor])
        case .spliceRead:
            ProbedFunction("sock_splice_read", .spliceRead, socket: .file(1), size: .argument(4), result: .long)
        case .securityRecvmsg:
            ProbedFunction("security_socket_recvmsg", .protoRecvmsg, socket: .argument(1), size: .argument(3))
        case .sockCreate:
            ProbedFunction(
                "__sock_create", .create, result: .int, creation: .init(family: 2, type: 3, protocol: 4, requester: 6))
        // socket(2) alone: its type has flags beside it, and its result is a descriptor.
        case .sysSocket:
            ProbedFunction(
                FrameEventName.socketCall, .create, result: .int, creation: .init(family: 1, type: 2, protocol: 3))
        case .sockReleaseInner: ProbedFunction("__sock_release", .close, socket: .argument(1), details: .closing)
        case .sockRelease: ProbedFunction("sock_release", .close, socket: .argument(1), details: .closing)
        case .sockClose: ProbedFunction("sock_close", .close, socket: .file(2), details: .closing)
        case .protocolSendmsg, .protocolRecvmsg: nil
        default: probedForLife
        }
    }

    /// What was another function, or had other arguments, before 4.1; nil where nothing changed.
    private var beforeIterators: ProbedFunction? {
        switch self {
        case .writeIter: ProbedFunction("sock_aio_write", .writeIter, socket: .kiocb(1), result: .long)
        case .readIter: ProbedFunction("sock_aio_read", .readIter, socket: .kiocb(1), result: .long)
        case .sockSendmsgInner:
            ProbedFunction("__sock_sendmsg", .sendmsg, socket: .argument(2), size: .argument(4), result: .int)
        case .sockSendmsg:
            ProbedFunction("sock_sendmsg", .sendmsg, socket: .argument(1), size: .argument(3), result: .int)
        case .sockRecvmsg:
            ProbedFunction("sock_recvmsg", .recvmsg, socket: .argument(1), size: .argument(3), result: .int)
        default: nil
        }
    }

    /// The names that it may have in /proc/kallsyms, on whatever kernel.
    package var symbols: [String] { MessageInterface.allCases.flatMap { symbols($0) } }

    /// The names that it may have in a kernel of an interface.
    package func symbols(_ interface: MessageInterface) -> [String] {
        switch self {
        case .protocolSendmsg: ProtocolFunctions.sendingNames
        case .protocolRecvmsg: ProtocolFunctions.receivingNames
        default: probed(interface).map { [$0.symbol] } ?? protocolNames
        }
    }

    /// All names that a plan could ask for.
    package static let candidateSymbols = Set(allCases.flatMap(\.symbols))

    /// It stands for many functions, one or two of each protocol, which are found through the protocols' tables where their
    /// names do not suffice.
    package var isProtocols: Bool { self == .protocolSendmsg || self == .protocolRecvmsg }
}
