/// A call that the self-test makes, as its report names it.
package enum KnownCall: String, Sendable, CaseIterable {
    case create = "socket"
    case pair = "socketpair"
    case send
    case sendmsg
    case sendmmsg
    case write
    case writev
    case spliceIn = "splice to a socket"
    /// By io_uring(7), which calls what the system calls have inlined.
    case ringSend = "io_uring send"
    case receive = "recv"
    case recvmsg
    case recvmmsg
    case read
    case readv
    case spliceOut = "splice from a socket"
    case ringReceive = "io_uring recv"
    case close
    /// The socket of a socket(2) that the protocol refused: the kernel closes it without anybody having seen it.
    case closeRefused = "close of a refused socket"
    case bind
    case listen
    case connect
    case connectRefused = "connect that is refused"
    case accept
    case shutdown
    /// Messages over the loopback device.
    case tcp = "TCP"
    case udp = "UDP"
}
