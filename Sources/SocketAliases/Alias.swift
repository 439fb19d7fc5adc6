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
        }
    }

    /// The arguments that events of this alias carry; an argument that is here but unknown is JSON `null`, one that
    /// is not here is absent.
    public var arguments: Arguments {
        switch self {
        case .send, .receive: Arguments.message.union([.success, .via, .duration])
        case .sendmsg, .recvmsg, .aioWrite, .aioRead, .writev, .readv, .writeIter, .readIter: .message
        case .sendmsgReturn, .recvmsgReturn, .aioWriteReturn, .aioReadReturn, .writevReturn, .readvReturn,
            .writeIterReturn, .readIterReturn:
            Arguments.message.union([.success, .duration])
        case .create: [.protocol, .family, .type, .requester]
        case .createReturn: [.protocol, .family, .type, .requester, .err, .success, .duration]
        case .close: [.socket, .protocol, .family, .state, .flags, .type]
        case .closeReturn: [.duration]
        }
    }

    /// A set of event arguments.
    public struct Arguments: OptionSet, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let socket = Arguments(rawValue: 1 << 0)
        public static let size = Arguments(rawValue: 1 << 1)
        public static let `protocol` = Arguments(rawValue: 1 << 2)
        public static let family = Arguments(rawValue: 1 << 3)
        public static let state = Arguments(rawValue: 1 << 4)
        public static let flags = Arguments(rawValue: 1 << 5)
        public static let type = Arguments(rawValue: 1 << 6)
        public static let requester = Arguments(rawValue: 1 << 7)
        public static let err = Arguments(rawValue: 1 << 8)
        public static let success = Arguments(rawValue: 1 << 9)
        public static let via = Arguments(rawValue: 1 << 10)
        public static let duration = Arguments(rawValue: 1 << 11)

        /// What every alias of a send or receive carries.
        public static let message: Arguments = [.socket, .size, .protocol, .family, .state, .flags, .type]
    }
}
