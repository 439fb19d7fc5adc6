/// The part that a probed kernel function plays in a socket operation.
///
/// Probe events are named ROLE_SIDE, or ROLE_SIDE__FUNCTION where several functions play one role on a kernel
/// (`close_entry__sock_release`). The name is all that a reader needs to know years later on another machine.
@frozen
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
    public var kind: OperationKind {
        // By their order above: comparisons, where a switch would jump by a table.
        switch rawValue {
        case ...FrameRole.protoSendmsg.rawValue: .send
        case ...FrameRole.protoRecvmsg.rawValue: .receive
        case ...FrameRole.spliceToSocket.rawValue: .context
        default: self == .create ? .create : .close
        }
    }

    /// The function is called by a system call directly, so nothing of the same task can lie below it.
    package var isSystemCall: Bool {
        switch self {
        case .sysSendmsg, .sysSendto, .sysRecvmsg, .sysRecvfrom, .writev, .readv, .spliceToSocket: true
        default: false
        }
    }

    /// From the presence of a frame of this role around a message, and from its absence, follows the message's way.
    package var impliesRoute: Bool {
        switch self {
        case .writeIter, .readIter, .sendpage, .spliceRead, .writev, .readv, .spliceToSocket: true
        default: false
        }
    }

    /// One frame of this role may call further frames of its operation more than once.
    package var repeatsInnerFrames: Bool {
        self == .sendpage || self == .spliceRead
    }
}
