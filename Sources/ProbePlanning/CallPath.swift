package import SocketEvents
package import ProbeContract

/// A way into the kernel that socket operations take, and the functions at which it can be seen.
///
/// Presence of a symbol is no promise that it is called (compilers inline, and leave the copy in place), so a path has a
/// chain of functions: the next one is taken where the one before it is absent, or was found silent by the self-test.
/// Planner, self-test, `list` and `doctor` are views of this table.
package enum CallPath: CaseIterable, Sendable {
    case send
    case kernelSend
    case sendmsg
    case socketOfSend
    case write
    case writev
    case socketOfWrite
    case spliceIn

    case receive
    case kernelReceive
    case recvmsg
    case socketOfReceive
    case read
    case readv
    case spliceOut
    case socketOfRead

    case create
    case close
    case kernelClose

    case connect
    case accept
    case bind
    case listen
    case shutdown
    case made
    case paired
    case grafted
    case tcpState
    case tcpEnd
    case datagramSource
    case datagramDestination
}

extension CallPath {
    /// One line of the table.
    package struct Entry: Sendable {
        /// The calls that take the path, as `list` and `doctor` name them.
        package var title: String
        /// What its operations are; nil where it only tells facts about sockets.
        package var operation: OperationKind?
        /// The aliases that need it.
        package var aliases: AliasSet
        /// The aliases that need it where endpoints are not asked for; nil where that makes no difference.
        package var withoutEndpoints: AliasSet?
        /// The functions at which it is seen, in the order in which they are tried.
        package var steps: [Step]
        /// Events of the kernel's own that it needs besides.
        package var kernelEvents: [KernelEvent] = []
        /// It is needed only where a file cannot be followed to its socket.
        package var isForUnreachableSockets = false
        /// The calls by which the self-test proves it.
        package var knownCalls: [KnownCall] = []
        /// What to distrust, in this order, where one of them was missed, or came by another way than it seemed. Each
        /// has a stand-in.
        package var suspects: [KernelFunction] = []
    }

    /// A function, and when it is probed.
    package struct Step: Sendable {
        package var function: KernelFunction
        package var need: Need
        /// It is also taken where the path's known calls were missed though every function seemed to fire.
        package var isTakenWhenUnseen = false
        /// For these aliases it is enough to see the call begin.
        package var entrySuffices: AliasSet = []
        /// The aliases for which it is taken, where these are not all of the path's.
        package var aliases: AliasSet?

        /// When a step is taken.
        package enum Need: Sendable {
            case always
            /// Stands in for these: while none of them fires.
            case whileNone([KernelFunction])
            /// Stands in for these together: while they do not all fire.
            case whileNotAll([KernelFunction])
            /// Stands in for a function that is silent for some callers and not for others: while it is absent.
            case whileAbsent(KernelFunction)
        }

        static func probe(
            _ function: KernelFunction, _ need: Need = .always, orUnseen: Bool = false, entrySuffices: AliasSet = [],
            for aliases: AliasSet? = nil
        ) -> Step {
            Step(
                function: function, need: need, isTakenWhenUnseen: orUnseen, entrySuffices: entrySuffices,
                aliases: aliases)
        }

        /// For the socket alone, which an outer frame does not bring.
        static func socket(_ function: KernelFunction, _ need: Need = .always) -> Step {
            Step(function: function, need: need, entrySuffices: .all)
        }
    }

    /// What the table says of this path.
    package var entry: Entry {
        switch self {
        // Of send and sendto; also inside the other paths where it is not inlined away.
        case .send:
            Entry(
                title: "send, sendto", operation: .send, aliases: .sentMessages,
                steps: [
                    .probe(.sockSendmsgInner), .probe(.sysSendto, .whileNotAll([.sockSendmsgInner, .writeIter])),
                ], knownCalls: [.send, .tcp, .udp], suspects: [.sockSendmsgInner, .securitySendmsg])
        case .kernelSend:
            Entry(
                title: "kernel callers, io_uring send", operation: .send, aliases: .sentMessages,
                steps: [
                    .probe(.sockSendmsg),
                    .probe(.protocolSendmsg, .whileNone([.sockSendmsgInner, .sockSendmsg]), orUnseen: true),
                ], knownCalls: [.ringSend])
        case .sendmsg:
            Entry(
                title: "sendmsg, sendmmsg", operation: .send, aliases: .sentMessages,
                steps: [.probe(.sysSendmsg), .probe(.protocolSendmsg, .whileNone([.sysSendmsg]))],
                knownCalls: [.sendmsg, .sendmmsg], suspects: [.sysSendmsg])
        case .socketOfSend:
            Entry(
                title: "socket of send, sendto", operation: .send, aliases: .sentMessages,
                steps: [
                    .socket(.securitySendmsg, .whileNone([.sockSendmsgInner])),
                    .socket(.protocolSendmsg, .whileNone([.sockSendmsgInner, .securitySendmsg])),
                ])
        // What is around a message tells its way: without it, one sent from within a write or a splice would be taken
        // for a sendmsg.
        case .write:
            Entry(
                title: "write, AIO, io_uring write", operation: .send, aliases: [.sentMessages, .written],
                steps: [
                    .probe(.protocolSendmsg, .whileNone([.sockSendmsgInner, .writeIter]), for: .sentMessages),
                    .probe(.writeIter),
                ], knownCalls: [.write], suspects: [.writeIter, .sockSendmsgInner])
        case .writev:
            Entry(
                title: "writev, pwritev2", operation: .send, aliases: [.sentMessages, .written],
                steps: [.probe(.doWritev)],
                knownCalls: [.writev], suspects: [.doWritev])
        case .socketOfWrite:
            Entry(
                title: "socket of write", operation: .send, aliases: .written,
                steps: [.socket(.securitySendmsg), .socket(.protocolSendmsg, .whileNone([.securitySendmsg]))],
                isForUnreachableSockets: true)
        case .spliceIn:
            Entry(
                title: "sendfile, splice", operation: .send, aliases: .sentMessages,
                steps: [.probe(.sendpage), .probe(.spliceToSocket, .whileNone([.sendpage]))],
                knownCalls: [.spliceIn], suspects: [.sockSendmsg])

        case .receive:
            Entry(
                title: "recv, recvfrom", operation: .receive, aliases: .receivedMessages,
                steps: [.probe(.sockRecvmsg), .probe(.sysRecvfrom, .whileNotAll([.sockRecvmsg, .readIter]))],
                knownCalls: [.receive, .tcp, .udp], suspects: [.sockRecvmsg, .securityRecvmsg])
        // A copy that recv(2) does not pass is still what others call.
        case .kernelReceive:
            Entry(
                title: "kernel callers, io_uring recv", operation: .receive, aliases: .receivedMessages,
                steps: [.probe(.protocolRecvmsg, .whileAbsent(.sockRecvmsg), orUnseen: true)],
                knownCalls: [.ringReceive])
        case .recvmsg:
            Entry(
                title: "recvmsg, recvmmsg", operation: .receive, aliases: .receivedMessages,
                steps: [.probe(.sysRecvmsg), .probe(.protocolRecvmsg, .whileNone([.sysRecvmsg]))],
                knownCalls: [.recvmsg, .recvmmsg], suspects: [.sysRecvmsg])
        case .socketOfReceive:
            Entry(
                title: "socket of recv, recvfrom", operation: .receive, aliases: .receivedMessages,
                steps: [
                    .socket(.securityRecvmsg, .whileNone([.sockRecvmsg])),
                    .socket(.protocolRecvmsg, .whileNone([.sockRecvmsg, .securityRecvmsg])),
                ])
        case .read:
            Entry(
                title: "read, AIO, io_uring read", operation: .receive, aliases: [.receivedMessages, .read],
                steps: [
                    .probe(.protocolRecvmsg, .whileNone([.sockRecvmsg, .readIter]), for: .receivedMessages),
                    .probe(.readIter),
                ], knownCalls: [.read], suspects: [.readIter, .sockRecvmsg])
        case .readv:
            Entry(
                title: "readv, preadv2", operation: .receive, aliases: [.receivedMessages, .read],
                steps: [.probe(.doReadv)],
                knownCalls: [.readv], suspects: [.doReadv])
        // Splicing out of a datagram socket reads it by its read_iter.
        case .spliceOut:
            Entry(
                title: "splice from a socket", operation: .receive, aliases: [.receivedMessages, .read],
                steps: [.probe(.spliceRead)], knownCalls: [.spliceOut])
        case .socketOfRead:
            Entry(
                title: "socket of read", operation: .receive, aliases: .read,
                steps: [.socket(.securityRecvmsg), .socket(.protocolRecvmsg, .whileNone([.securityRecvmsg]))],
                isForUnreachableSockets: true)

        // Where __sock_create is inlined, so is sock_create (no kernel was seen that calls it): socket(2) is left.
        case .create:
            Entry(
                title: "create", operation: .create, aliases: AliasSet([.create, .createReturn]),
                steps: [
                    .probe(.sockCreate, entrySuffices: AliasSet([.create])),
                    .probe(.sysSocket, .whileNone([.sockCreate]), entrySuffices: AliasSet([.create])),
                ], knownCalls: [.create, .pair], suspects: [.sockCreate])
        case .close:
            Entry(
                title: "close", operation: .close, aliases: .closings,
                steps: [
                    .probe(.sockReleaseInner, entrySuffices: AliasSet([.close])),
                    .probe(.sockClose, .whileNone([.sockReleaseInner]), entrySuffices: AliasSet([.close])),
                ], knownCalls: [.close, .closeRefused], suspects: [.sockReleaseInner])
        // Kernel sockets and failed calls; it may call the one above, so its frame must be known to be left.
        case .kernelClose:
            Entry(title: "close by the kernel", operation: .close, aliases: .closings, steps: [.probe(.sockRelease)])

        case .connect, .accept, .bind, .listen, .shutdown, .made, .paired, .grafted, .tcpState, .tcpEnd,
            .datagramSource, .datagramDestination:
            lifeEntry
        }
    }

    /// Whether any of some aliases needs the path.
    package func isNeeded(for aliases: AliasSet) -> Bool { !entry.aliases.isDisjoint(with: aliases) }
}

extension AliasSet {
    /// Messages by whatever path, and those that count as sendmsg.
    static let sentMessages = AliasSet([.send, .sendmsg, .sendmsgReturn])
    /// Messages, and the calls by which files are written.
    static let written = AliasSet([
        .send, .aioWrite, .aioWriteReturn, .writev, .writevReturn, .writeIter, .writeIterReturn,
    ])
    static let receivedMessages = AliasSet([.receive, .recvmsg, .recvmsgReturn])
    static let read = AliasSet([
        .receive, .aioRead, .aioReadReturn, .readv, .readvReturn, .readIter, .readIterReturn,
    ])
    fileprivate static let closings = AliasSet([.close, .closeReturn])
}
