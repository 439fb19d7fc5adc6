/// A named point in the life of a socket operation, after the SystemTap socket tapset (stapprobes.socket(3stap)).
public enum Alias: UInt8, CaseIterable, Sendable {
    case send
    case receive
    case sendmsg
    case sendmsgReturn
    case recvmsg
    case recvmsgReturn
    case aioWrite
    case aioWriteReturn
    case aioRead
    case aioReadReturn
    case writev
    case writevReturn
    case readv
    case readvReturn
    case writeIter
    case writeIterReturn
    case readIter
    case readIterReturn
    case create
    case createReturn
    case close
    case closeReturn
    case connect
    case connectReturn
    case connected
    case accept
    case acceptReturn
    case bind
    case bindReturn
    case listen
    case listenReturn
    case shutdown
    case shutdownReturn

    /// From its number; nil where there is none of that number.
    ///
    /// By hand, since the one that the compiler makes is a call for other modules, which cost them a sixth of their time.
    @inlinable
    public init?(rawValue: UInt8) {
        switch rawValue {
        case 0: self = .send
        case 1: self = .receive
        case 2: self = .sendmsg
        case 3: self = .sendmsgReturn
        case 4: self = .recvmsg
        case 5: self = .recvmsgReturn
        case 6: self = .aioWrite
        case 7: self = .aioWriteReturn
        case 8: self = .aioRead
        case 9: self = .aioReadReturn
        case 10: self = .writev
        case 11: self = .writevReturn
        case 12: self = .readv
        case 13: self = .readvReturn
        case 14: self = .writeIter
        case 15: self = .writeIterReturn
        case 16: self = .readIter
        case 17: self = .readIterReturn
        case 18: self = .create
        case 19: self = .createReturn
        case 20: self = .close
        case 21: self = .closeReturn
        case 22: self = .connect
        case 23: self = .connectReturn
        case 24: self = .connected
        case 25: self = .accept
        case 26: self = .acceptReturn
        case 27: self = .bind
        case 28: self = .bindReturn
        case 29: self = .listen
        case 30: self = .listenReturn
        case 31: self = .shutdown
        case 32: self = .shutdownReturn
        default: return nil
        }
    }

    /// The name that users type and that events carry, for example `socket.sendmsg.return`.
    public var name: StaticString {
        switch self {
        case .send: "socket.send"
        case .receive: "socket.receive"
        case .sendmsg: "socket.sendmsg"
        case .sendmsgReturn: "socket.sendmsg.return"
        case .recvmsg: "socket.recvmsg"
        case .recvmsgReturn: "socket.recvmsg.return"
        case .aioWrite: "socket.aio_write"
        case .aioWriteReturn: "socket.aio_write.return"
        case .aioRead: "socket.aio_read"
        case .aioReadReturn: "socket.aio_read.return"
        case .writev: "socket.writev"
        case .writevReturn: "socket.writev.return"
        case .readv: "socket.readv"
        case .readvReturn: "socket.readv.return"
        case .writeIter: "socket.write_iter"
        case .writeIterReturn: "socket.write_iter.return"
        case .readIter: "socket.read_iter"
        case .readIterReturn: "socket.read_iter.return"
        case .create: "socket.create"
        case .createReturn: "socket.create.return"
        case .close: "socket.close"
        case .closeReturn: "socket.close.return"
        case .connect: "socket.connect"
        case .connectReturn: "socket.connect.return"
        case .connected: "socket.connected"
        case .accept: "socket.accept"
        case .acceptReturn: "socket.accept.return"
        case .bind: "socket.bind"
        case .bindReturn: "socket.bind.return"
        case .listen: "socket.listen"
        case .listenReturn: "socket.listen.return"
        case .shutdown: "socket.shutdown"
        case .shutdownReturn: "socket.shutdown.return"
        }
    }

    /// The arguments that events of this alias carry; an argument that is here but unknown is JSON `null`, one that
    /// is not here is absent.
    @inlinable
    package var arguments: Arguments {
        switch self {
        case .send, .receive: Arguments.message.union([.bytes, .errno, .success, .via, .duration])
        case .sendmsg, .recvmsg, .aioWrite, .aioRead, .writev, .readv, .writeIter, .readIter: .message
        case .sendmsgReturn, .recvmsgReturn, .aioWriteReturn, .aioReadReturn, .writevReturn, .readvReturn,
            .writeIterReturn, .readIterReturn:
            Arguments.message.union([.bytes, .errno, .success, .duration])
        case .create: [.protocol, .family, .type, .requester]
        case .createReturn:
            [
                .socket, .inode, .protocol, .family, .ends, .tcpState, .type, .requester, .err, .errno, .success,
                .duration,
            ]
        case .close: .located
        case .closeReturn: [.duration]
        case .connect, .accept, .bind: .located
        case .connectReturn, .connected, .bindReturn:
            Arguments.located.union(.result)
        case .acceptReturn: Arguments.located.union([.listener, .backlogWait]).union(.result)
        case .listen: Arguments.located.union(.backlog)
        case .listenReturn: Arguments.located.union(.backlog).union(.result)
        case .shutdown: Arguments.located.union(.how)
        case .shutdownReturn: Arguments.located.union(.how).union(.result)
        }
    }
}
