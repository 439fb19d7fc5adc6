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
        }
    }

    /// The arguments that events of this alias carry; an argument that is here but unknown is JSON `null`, one that
    /// is not here is absent.
    @inlinable
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
        /// One bit for each argument.
        public let rawValue: UInt16
        /// From the bits.
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Address of the kernel's `struct socket`.
        @inlinable public static var socket: Arguments { Arguments(rawValue: 1 << 0) }
        /// Bytes, or the negative error number.
        @inlinable public static var size: Arguments { Arguments(rawValue: 1 << 1) }
        /// Protocol number.
        @inlinable public static var `protocol`: Arguments { Arguments(rawValue: 1 << 2) }
        /// Address family.
        @inlinable public static var family: Arguments { Arguments(rawValue: 1 << 3) }
        /// Socket state.
        @inlinable public static var state: Arguments { Arguments(rawValue: 1 << 4) }
        /// The word `socket.flags`.
        @inlinable public static var flags: Arguments { Arguments(rawValue: 1 << 5) }
        /// Socket type.
        @inlinable public static var type: Arguments { Arguments(rawValue: 1 << 6) }
        /// Who asked for a new socket.
        @inlinable public static var requester: Arguments { Arguments(rawValue: 1 << 7) }
        /// Result of a creation.
        @inlinable public static var err: Arguments { Arguments(rawValue: 1 << 8) }
        /// Whether the operation succeeded.
        @inlinable public static var success: Arguments { Arguments(rawValue: 1 << 9) }
        /// The route of a message.
        @inlinable public static var via: Arguments { Arguments(rawValue: 1 << 10) }
        /// Nanoseconds from entry to return.
        @inlinable public static var duration: Arguments { Arguments(rawValue: 1 << 11) }

        /// The process, which no alias lacks.
        @inlinable static var pid: Arguments { Arguments(rawValue: 1 << 12) }
        /// The thread's name, which no alias lacks.
        @inlinable static var comm: Arguments { Arguments(rawValue: 1 << 13) }

        /// What every alias of a send or receive carries.
        @inlinable public static var message: Arguments {
            [.socket, .size, .protocol, .family, .state, .flags, .type]
        }
    }
}
