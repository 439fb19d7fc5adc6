/// The part that a probed kernel function plays in a socket operation.
///
/// Probe events are named ROLE_SIDE, or ROLE_SIDE__FUNCTION where several functions play one role on a kernel
/// (`close_entry__sock_release`). The name is all that a reader needs to know years later on another machine.
public enum FrameRole: UInt8, CaseIterable, Sendable {
    /// `__sock_sendmsg(sock, msg)`, and `sock_sendmsg` for callers inside the kernel.
    case sendmsg
    /// `____sys_sendmsg(sock, msg, …)`: each message of sendmsg(2) and sendmmsg(2).
    case sysSendmsg
    /// `__sys_sendto(fd, …)`: has the result but no socket; an inner frame brings it.
    case sysSendto
    /// `sock_write_iter(iocb, from)`: write(2), AIO, io_uring.
    case writeIter
    /// `sock_sendpage(file, …)`: sendfile(2) and splice(2) up to 6.4.
    case sendpage
    /// The protocol's own sendmsg (`inet_sendmsg`), or the security hook before it.
    case protoSendmsg

    /// `sock_recvmsg(sock, msg, flags)`.
    case recvmsg
    /// `____sys_recvmsg(sock, msg, …)`: each message of recvmsg(2) and recvmmsg(2).
    case sysRecvmsg
    /// `__sys_recvfrom(fd, …)`: has the result but no socket.
    case sysRecvfrom
    /// `sock_read_iter(iocb, to)`: read(2), AIO, io_uring.
    case readIter
    /// `sock_splice_read(file, …)`: splice(2) out of a socket.
    case spliceRead
    /// The protocol's own recvmsg, or the security hook before it.
    case protoRecvmsg

    /// `do_writev`: what is written inside it is written by writev(2) or pwritev2(2).
    case writev
    /// `do_readv`.
    case readv
    /// `splice_to_socket`: what is sent inside it is sent by sendfile(2) or splice(2), since 6.5.
    case spliceToSocket

    /// `__sock_create(net, family, type, protocol, res, kern)`, else `__sys_socket(family, type, protocol)`.
    case create
    /// `__sock_release(sock, inode)`, `sock_release(sock)`.
    case close

    /// The role's part of an event's name.
    public var name: String {
        switch self {
        case .sendmsg: "sendmsg"
        case .sysSendmsg: "sys_sendmsg"
        case .sysSendto: "sys_sendto"
        case .writeIter: "write_iter"
        case .sendpage: "sendpage"
        case .protoSendmsg: "proto_sendmsg"
        case .recvmsg: "recvmsg"
        case .sysRecvmsg: "sys_recvmsg"
        case .sysRecvfrom: "sys_recvfrom"
        case .readIter: "read_iter"
        case .spliceRead: "splice_read"
        case .protoRecvmsg: "proto_recvmsg"
        case .writev: "writev"
        case .readv: "readv"
        case .spliceToSocket: "splice_to_socket"
        case .create: "create"
        case .close: "close"
        }
    }

    /// What kind of operation a frame of this role belongs to.
    public var direction: Direction {
        // By their order above: comparisons, where a switch would jump by a table.
        switch rawValue {
        case ...FrameRole.protoSendmsg.rawValue: .send
        case ...FrameRole.protoRecvmsg.rawValue: .receive
        case ...FrameRole.spliceToSocket.rawValue: .mark
        default: self == .create ? .create : .close
        }
    }

    /// What a frame of this role is about.
    public enum Direction: UInt8, CaseIterable, Sendable {
        case send
        case receive
        /// No operation of its own: it tells how the operations inside it came about.
        case mark
        case create
        case close
    }

    /// The function is called by a system call directly, so nothing of the same task can lie below it.
    var isSystemCall: Bool {
        switch self {
        case .sysSendmsg, .sysSendto, .sysRecvmsg, .sysRecvfrom, .writev, .readv, .spliceToSocket: true
        default: false
        }
    }

    /// From the presence of a frame of this role around a message, and from its absence, follows the message's way.
    package var tellsWay: Bool {
        switch self {
        case .writeIter, .readIter, .sendpage, .spliceRead, .writev, .readv, .spliceToSocket: true
        default: false
        }
    }

    /// One frame of this role may call further frames of its operation more than once.
    var repeatsInnerFrames: Bool {
        self == .sendpage || self == .spliceRead
    }

    /// The way a message takes whose outermost frame has this role, inside a mark or not.
    @inline(__always)
    func route(inside mark: FrameRole?) -> Route? {
        switch self {
        case .sendmsg, .sysSendmsg, .sysSendto, .protoSendmsg: mark == .spliceToSocket ? .splice : .sendmsg
        case .writeIter: mark == .writev ? .writev : .aioWrite
        case .sendpage: .sendpage
        case .recvmsg, .sysRecvmsg, .sysRecvfrom, .protoRecvmsg: .recvmsg
        case .readIter: mark == .readv ? .readv : .aioRead
        case .spliceRead: .splice
        case .writev, .readv, .spliceToSocket, .create, .close: nil
        }
    }
}

/// Where in a function's life a probe fires.
public enum FrameSide: String, CaseIterable, Sendable {
    /// At entry, with a return probe on the same function.
    case entry
    /// At return.
    case `return`
    /// At entry, with no return probe beside it.
    case call
}

/// The name of a probe event.
public struct FrameEventName: Sendable, Equatable {
    /// What the function does.
    public var role: FrameRole
    /// Where in it the event is.
    public var side: FrameSide
    /// The function, where the role alone does not say which.
    public var function: String?

    /// A name of these parts.
    public init(role: FrameRole, side: FrameSide, function: String? = nil) {
        self.role = role
        self.side = side
        self.function = function
    }

    /// Nil where the text is no name of ours.
    public init?(parsing text: some StringProtocol) {
        var head = Substring(text).utf8
        var function: String?
        if let mark = Self.doubleUnderscore(in: head) {
            function = String(Substring(head[head.index(mark, offsetBy: 2)...]))
            head = head[..<mark]
        }
        guard let underscore = head.lastIndex(of: UInt8(ascii: "_")),
            let side = FrameSide(rawValue: String(Substring(head[head.index(after: underscore)...]))),
            let role = FrameRole.allCases.first(where: { $0.name.utf8.elementsEqual(head[..<underscore]) })
        else { return nil }
        self.init(role: role, side: side, function: function)
    }

    /// `__sys_socket(family, type, protocol)`, which plays the role of a creation where nothing better shows one: its type
    /// has flags beside it, and its result is a descriptor where it is no error.
    public static let socketCall = "__sys_socket"

    /// A function's name as a part of an event's, which is letters, digits and underscores, 63 at most
    /// (is_good_system_name and MAX_EVENT_NAME_LEN in kernel/trace): a function's own may have dots, and what its module's
    /// or its table's goes before it more.
    package static func word(for function: String) -> String {
        let longest = 63 - "proto_sendmsg_return__".utf8.count
        return String(
            decoding: function.utf8.prefix(longest).map { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    byte
                default: UInt8(ascii: "_")
                }
            }, as: UTF8.self)
    }

    /// The event's name in tracefs.
    public var text: String {
        role.name + "_" + side.rawValue + (function.map { "__" + $0 } ?? "")
    }

    private static func doubleUnderscore(in text: Substring.UTF8View) -> Substring.Index? {
        zip(text.indices, text.indices.dropFirst()).first { first, second in
            text[first] == UInt8(ascii: "_") && text[second] == UInt8(ascii: "_")
        }?.0
    }
}
