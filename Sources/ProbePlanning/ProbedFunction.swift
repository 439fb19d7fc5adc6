public import ProbeContract

/// A kernel function that can play a role, and how its arguments lead to the socket and the message.
public struct ProbedFunction: Sendable, Equatable {
    /// Its name in /proc/kallsyms, or what it is called where that is not its own.
    public var symbol: String
    /// Where a probe is put, as tracefs takes it; nil where that is the symbol.
    public var place: String?
    /// What its frames mean.
    public var role: FrameRole
    /// Where the socket comes from.
    public var socket: SocketSource
    /// Where the number of bytes asked for comes from.
    public var size: SizeSource
    /// The width of what it returns: `int` functions leave the upper half of the register unset.
    public var result: ResultType
    /// Where the arguments of a creation are.
    public var creation: CreationArguments?

    /// Argument numbers count from 1.
    public struct CreationArguments: Sendable, Equatable {
        /// The address family.
        public var family: Int
        /// The socket's type.
        public var type: Int
        /// The protocol.
        public var `protocol`: Int
        /// Nil where only user space calls the function.
        public var requester: Int?
    }

    /// Argument numbers count from 1.
    public enum SocketSource: Sendable, Equatable {
        case none
        /// The argument is a `struct socket *`.
        case argument(Int)
        /// The argument is a `struct file *`.
        case file(Int)
        /// The argument is a `struct kiocb *`.
        case kiocb(Int)
    }

    /// Argument numbers count from 1.
    public enum SizeSource: Sendable, Equatable {
        case none
        /// The argument is the number itself.
        case argument(Int)
        /// The argument is a `struct msghdr *`.
        case message(Int)
        /// The argument is a `struct iov_iter *`.
        case iterator(Int)
    }

    /// What a function returns, in a fetch-arg's words.
    public enum ResultType: String, Sendable {
        case int = "s32"
        case long = "s64"
        /// The function returns nothing of interest.
        case nothing
    }

    /// A function of these arguments and this result; without a source it tells neither socket nor size.
    public init(
        _ symbol: String, _ role: FrameRole, socket: SocketSource = .none, size: SizeSource = .none,
        result: ResultType = .nothing, creation: CreationArguments? = nil
    ) {
        self.symbol = symbol
        self.role = role
        self.socket = socket
        self.size = size
        self.result = result
        self.creation = creation
    }
}

extension ProbedFunction {
    // Signatures: net/socket.c and fs/read_write.c of 5.10, 6.1, 6.12 and 7.x agree on all of these.

    static let sockSendmsgInner = ProbedFunction(
        "__sock_sendmsg", .sendmsg, socket: .argument(1), size: .message(2), result: .int)
    static let sockSendmsg = ProbedFunction(
        "sock_sendmsg", .sendmsg, socket: .argument(1), size: .message(2), result: .int)
    static let sysSendmsg = ProbedFunction(
        "____sys_sendmsg", .sysSendmsg, socket: .argument(1), size: .message(2), result: .int)
    static let sysSendto = ProbedFunction("__sys_sendto", .sysSendto, size: .argument(3), result: .int)
    static let writeIter = ProbedFunction(
        "sock_write_iter", .writeIter, socket: .kiocb(1), size: .iterator(2), result: .long)
    static let sendpage = ProbedFunction(
        "sock_sendpage", .sendpage, socket: .file(1), size: .argument(4), result: .long)
    static let doWritev = ProbedFunction("do_writev", .writev)
    static let spliceToSocket = ProbedFunction("splice_to_socket", .spliceToSocket)
    static let securitySendmsg = ProbedFunction(
        "security_socket_sendmsg", .protoSendmsg, socket: .argument(1), size: .argument(3))

    static let sockRecvmsg = ProbedFunction(
        "sock_recvmsg", .recvmsg, socket: .argument(1), size: .message(2), result: .int)
    static let sysRecvmsg = ProbedFunction(
        "____sys_recvmsg", .sysRecvmsg, socket: .argument(1), size: .message(2), result: .int)
    static let sysRecvfrom = ProbedFunction("__sys_recvfrom", .sysRecvfrom, size: .argument(3), result: .int)
    static let readIter = ProbedFunction(
        "sock_read_iter", .readIter, socket: .kiocb(1), size: .iterator(2), result: .long)
    static let spliceRead = ProbedFunction(
        "sock_splice_read", .spliceRead, socket: .file(1), size: .argument(4), result: .long)
    static let doReadv = ProbedFunction("do_readv", .readv)
    static let securityRecvmsg = ProbedFunction(
        "security_socket_recvmsg", .protoRecvmsg, socket: .argument(1), size: .argument(3))

    // Before 4.1 asynchronous calls had functions of their own, and messages came with a kiocb in front and their size
    // behind (net/socket.c of 3.10): there is no iov_iter yet.

    static let aioWrite = ProbedFunction("sock_aio_write", .writeIter, socket: .kiocb(1), result: .long)
    static let aioRead = ProbedFunction("sock_aio_read", .readIter, socket: .kiocb(1), result: .long)
    static let sockSendmsgInnerWithKiocb = ProbedFunction(
        "__sock_sendmsg", .sendmsg, socket: .argument(2), size: .argument(4), result: .int)
    static let sockSendmsgWithSize = ProbedFunction(
        "sock_sendmsg", .sendmsg, socket: .argument(1), size: .argument(3), result: .int)
    static let sockRecvmsgWithSize = ProbedFunction(
        "sock_recvmsg", .recvmsg, socket: .argument(1), size: .argument(3), result: .int)

    static let create = ProbedFunction(
        "__sock_create", .create, result: .int, creation: .init(family: 2, type: 3, protocol: 4, requester: 6))
    /// socket(2) alone: its type has flags beside it, and its result is a descriptor.
    static let sysSocket = ProbedFunction(
        FrameEventName.socketCall, .create, result: .int, creation: .init(family: 1, type: 2, protocol: 3))
    static let releaseInner = ProbedFunction("__sock_release", .close, socket: .argument(1))
    static let release = ProbedFunction("sock_release", .close, socket: .argument(1))
    static let sockClose = ProbedFunction("sock_close", .close, socket: .file(2))
}
