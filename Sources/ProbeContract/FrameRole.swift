/// The part that a probed kernel function plays in a socket operation.
///
/// Probe events are named ROLE_SIDE, or ROLE_SIDE__FUNCTION where several functions play one role on a kernel
/// (`close_entry__sock_release`). The name is all that a reader needs to know years later on another machine.
///
/// Frames nest: what a task enters between the entry and the return of a frame lies inside it. The operations of a
/// socket's life have up to three frames, of which any may be missing (``SocketNotice``): the system call (`sys…`) has
/// the descriptor and the final result, the function below it, which io_uring(7) and the kernel's own callers pass, too,
/// has a result, and the protocol's own (`proto…`) brings the socket and the arguments.
@frozen
@usableFromInline
package enum FrameRole: UInt8, CaseIterable, Sendable {
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

    /// `do_writev(fd, …)`: what is written inside it is written by writev(2) or pwritev2(2).
    case writev
    /// `do_readv(fd, …)`.
    case readv
    /// `splice_to_socket`: what is sent inside it is sent by sendfile(2) or splice(2), since 6.5.
    case spliceToSocket

    /// send(2), sendto(2), sendmsg(2), sendmmsg(2), by the kernel's own tracepoints (``DescriptorCall``). Entry: `fd`.
    case sendCall
    /// write(2), of whatever file.
    case writeCall
    /// recv(2), recvfrom(2), recvmsg(2), recvmmsg(2).
    case receiveCall
    /// read(2), of whatever file.
    case readCall

    /// `__sock_create(net, family, type, protocol, res, kern)`, else `__sys_socket(family, type, protocol)`.
    case create
    /// `__sock_release(sock, inode)`, `sock_release(sock)`.
    case close

    /// `__sys_connect(fd, address, length)`: connect(2) alone. Entry: `fd`. Return: `ret`.
    case sysConnect
    /// `__sys_connect_file(file, address, length, flags)`: io_uring's way, and on some kernels also connect(2)'s.
    /// Return: `ret`.
    case connect
    /// `security_socket_connect` or the protocol's own connect, `(sock, address, length, …)`. Entry: the socket's fields,
    /// `length` and `address`. Return, where there is one: `ret`.
    case protoConnect

    /// `__sys_accept4(fd, …)`: accept(2) and accept4(2) alone. Entry: `fd`. Return: `ret`, a descriptor or an error.
    case sysAccept
    /// `do_accept(file, …)`: every accept. Return: `ret`, a `struct file *`, which is no error, or an error pointer, which
    /// is its error number.
    case accept
    /// `security_socket_accept` or the protocol's own accept, `(sock, newsock, …)`. Entry: `listener`, the first 24 bytes
    /// of the listener's sock, `socket` and `inode` of the socket that was made for the connection. That socket is given
    /// up (a close) where the accept fails; it has no sock of its own before ``SocketNotice/grafted`` or the return.
    case protoAccept

    /// `__sys_bind(fd, address, length)`: bind(2) alone. Entry: `fd`. Return: `ret`.
    case sysBind
    /// `__sys_bind_socket(sock, address, length)`: io_uring's way since 6.11. Return: `ret`.
    case bind
    /// `security_socket_bind` or the protocol's own bind, `(sock, address, length)`: as ``protoConnect``.
    case protoBind

    /// `__sys_listen(fd, backlog)`: listen(2) alone. Entry: `fd`, `backlog`. Return: `ret`.
    case sysListen
    /// `__sys_listen_socket(sock, backlog)`: io_uring's way since 6.11. Return: `ret`.
    case listen
    /// `security_socket_listen` or the protocol's own listen, `(sock, backlog)`. Entry: the socket's fields, `backlog`.
    case protoListen

    /// `__sys_shutdown(fd, how)`: shutdown(2) alone. Entry: `fd`, `how`. Return: `ret`.
    case sysShutdown
    /// `__sys_shutdown_sock(sock, how)`: io_uring's way. Return: `ret`.
    case shutdown
    /// `security_socket_shutdown` or the protocol's own shutdown, `(sock, how)`. Entry: the socket's fields, `how`.
    case protoShutdown

    /// The role's part of an event's name.
    package var name: String {
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
        case .sendCall: "send_call"
        case .writeCall: "write_call"
        case .receiveCall: "receive_call"
        case .readCall: "read_call"
        case .create: "create"
        case .close: "close"
        case .sysConnect: "sys_connect"
        case .connect: "connect"
        case .protoConnect: "proto_connect"
        case .sysAccept: "sys_accept"
        case .accept: "accept"
        case .protoAccept: "proto_accept"
        case .sysBind: "sys_bind"
        case .bind: "bind"
        case .protoBind: "proto_bind"
        case .sysListen: "sys_listen"
        case .listen: "listen"
        case .protoListen: "proto_listen"
        case .sysShutdown: "sys_shutdown"
        case .shutdown: "shutdown"
        case .protoShutdown: "proto_shutdown"
        }
    }

    /// What kind of operation a frame of this role belongs to.
    package var kind: OperationKind {
        // By their order above: comparisons, where a switch would jump by a table.
        switch rawValue {
        case ...FrameRole.protoSendmsg.rawValue: .send
        case ...FrameRole.protoRecvmsg.rawValue: .receive
        case ...FrameRole.readCall.rawValue: .context
        case FrameRole.create.rawValue: .create
        case FrameRole.close.rawValue: .close
        case ...FrameRole.protoConnect.rawValue: .connect
        case ...FrameRole.protoAccept.rawValue: .accept
        case ...FrameRole.protoBind.rawValue: .bind
        case ...FrameRole.protoListen.rawValue: .listen
        default: .shutdown
        }
    }

    /// It is a system call, or called by one directly, so nothing of the same task can lie below it but that call.
    package var isSystemCall: Bool {
        switch self {
        case .sysSendmsg, .sysSendto, .sysRecvmsg, .sysRecvfrom, .writev, .readv, .spliceToSocket, .sendCall,
            .writeCall, .receiveCall, .readCall, .sysConnect, .sysAccept, .sysBind, .sysListen, .sysShutdown:
            true
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

    /// What it returns is a pointer, where it is no error, and a small negative number where it is one.
    package var returnsPointer: Bool { self == .accept }
}
