/// A fact about a socket that a probe records at one point, without a frame: what joins sockets with their socks, inodes,
/// addresses and peers.
///
/// Events are named NOTICE or NOTICE__FUNCTION (`sock_made__sock_alloc_file`), in the groups of frames. A field that an
/// event does not have is not known on that kernel. Of a field that lies behind a pointer of the same record the bytes are
/// those of an older record where the pointer is null.
///
/// ## Order
/// Records of one task are in the order in which things happened; what another task or CPU did is in time order, but
/// which of two things came first at an instant is not promised, nor is the order of two probes on one function.
///
/// - Creation: `create_entry`, `sock_made`, `create_return`. Where only `sock_alloc_file` is probed, `sock_made` comes after
///   `create_return`, as the next record of the task about a socket. socketpair(2) is two creations and then one
///   `sock_paired`. A creation that fails leaves a close of the socket, or none.
/// - connect(2): `sys_connect_entry`, `connect_entry`, `proto_connect_…`, the returns from within outwards; of io_uring and
///   the kernel the outermost is missing. TCP's state changes (``KernelEvent/tcpState``) lie within, or come later, from
///   whatever task or CPU: SYN_SENT to ESTABLISHED is a success; SYN_SENT to CLOSE is a failure, whose `err` stands in a
///   ``tcpEnded`` right before it on the same CPU, and without one the owner gave up.
/// - accept(2): `sys_accept_entry`, `accept_entry`, `sock_made` (with `sock_alloc_file` only), `proto_accept_…`,
///   `sock_accepted`, `sock_grafted` or `dgram_received`, the returns; where it fails a close of the new socket before the
///   outermost return.
///   The connection's state changes (to SYN_RECV and ESTABLISHED, in the new sock) are long over.
/// - bind, listen, shutdown: as connect.
/// - Messages: what a message's frame brings, then within it `dgram_sent` or `dgram_received` of the same task and of the
///   same socket, not from an interrupt. There may be several `dgram_sent` (the last one counts), and none.
/// - Snapshot: `sock_listed` records of the tracer's own thread, before the trace begins and after a loss. One socket may
///   have several.
/// - Close: `close_entry` (by `socket`); a TCP sock lives on until its change to CLOSE, which may come before, after or much
///   later, and a UNIX sock is gone with it.
@usableFromInline
package enum SocketNotice: UInt8, CaseIterable, Sendable {
    /// A `struct socket` came into being, and whatever was known under its pointer is another's. Fields: `socket`; `inode`,
    /// `uid`, `netns`, `cgrp` and behind that `cgroup`; `sk` where it has one already.
    ///
    /// `security_socket_post_create`, else the protocols' create and `sock_alloc_file(sock, …)`; one socket may have both.
    case made
    /// Two sockets of AF_UNIX were made a pair. Fields: `socket`, `sk`, `peer_socket`, `peer_sk`.
    ///
    /// `unix_socketpair(a, b)`.
    case paired
    /// An accepted socket got its sock. Fields: `sk`, `socket`, `inode`, the sock's beginning (``SockMember``,
    /// ``SockIPv6Member``); `cgrp` and behind that `cgroup`; `peer_sk`, which means something in AF_UNIX only.
    ///
    /// `security_sock_graft(sk, parent)`.
    case grafted
    /// The sock of the connection that is being accepted, 0 where there is none. Field: `sk`.
    ///
    /// The return of `inet_csk_accept`.
    case accepted
    /// A socket that was there before. Fields: `sk`, which is no pointer below 4096 (the heading's row is 1); its beginning
    /// (``SockMember``, ``SockIPv6Member``), `type`, `protocol`; `socket`, 0 for connections not accepted yet or whose owner
    /// closed them; behind that `inode`, `uid`; `netns`; `cgrp` and behind that `cgroup`. Of AF_UNIX only: `peer_sk`; `name`, null where it has none, and
    /// behind that `length` and `address`. Of AF_NETLINK only: `port`, `remote_port`.
    ///
    /// Rows of AF_INET and AF_INET6 in the states 6 (TIME_WAIT) and 12 (NEW_SYN_RECV) are of smaller structs: behind the
    /// beginning their fields mean nothing.
    ///
    /// `tcp4_seq_show` and its like, while the tracer reads /proc/PID/net.
    case listed
    /// TCP sends its first segment: both ends of the connection are chosen now. Fields: `sk`, and its beginning (``SockMember``,
    /// ``SockIPv6Member``); on kernels without kprobes `socket` and behind it `inode`, `uid`; `netns`; `cgrp` and behind that
    /// `cgroup`.
    ///
    /// `tcp_connect(sk)`; or an event probe on the change to SYN_SENT.
    case connecting
    /// A TCP connection is over, or an attempt at one failed; right before its change to CLOSE. Fields: `sk`; `err`
    /// (`sk_err`, a positive error number, 0 for none); `bytes_sent` (data, retransmissions included), `bytes_acked` (data,
    /// SYN and FIN), `bytes_received` (data and FIN).
    ///
    /// `tcp_done(sk)`.
    case tcpEnded
    /// A TCP sock changes its state, on kernels without kprobes. Fields as of ``KernelEvent/tcpState``, but for the IPv6
    /// addresses, which are the sock's own (``SockIPv6Member``), and as of ``tcpEnded`` `err`.
    ///
    /// An event probe on sock:inet_sock_set_state.
    case tcpChanged
    /// Where a datagram came from. Fields: `sk`, the receiver; and of UDP `header`, the 48 bytes before the data, which end
    /// with the UDP header (8 bytes) behind the IPv4 header (20, unless it has options) or the IPv6 header (40, unless there
    /// are others between); of AF_UNIX `peer_sk`, the sender.
    ///
    /// A connection of AF_UNIX waits for accept(2) as such a message: within the accept `sk` is the listener's, `peer_sk` is
    /// the sock of the connection, and `peers_peer_sk`, which means nothing elsewhere, is the sock at its other end.
    ///
    /// `skb_consume_udp(sk, skb, …)`; `skb_free_datagram(sk, skb)`.
    case datagramReceived
    /// Where a datagram goes to. Fields of UDP: `sk`, and the flow (``FlowIPv4Member``, ``FlowIPv6Member``); not of one of a
    /// connected socket over IPv4 whose route is known. Of AF_UNIX: `socket` and `peer_socket`.
    ///
    /// `ip_route_output_flow(net, flow, sk)`, which looks for TCP's routes, too; `ip6_sk_dst_lookup_flow(sk, flow, …)`;
    /// `security_unix_may_send(sock, other)`.
    case datagramSent
    /// A message was sent, on kernels without kprobes. Fields: `sk`, `ret`, `protocol`; the sock's beginning (``SockMember``,
    /// ``SockIPv6Member``), where that is not known `family`; `socket` and behind it `inode`, `uid`, `state`, `type`, `flags`;
    /// `netns`; `cgrp` and behind that `cgroup`.
    ///
    /// An event probe on sock:sock_send_length.
    case messageSent
    /// A message was received. Fields as of ``messageSent``.
    ///
    /// An event probe on sock:sock_recv_length.
    case messageReceived

    /// The notice's part of an event's name.
    package var name: String {
        switch self {
        case .made: "sock_made"
        case .paired: "sock_paired"
        case .grafted: "sock_grafted"
        case .accepted: "sock_accepted"
        case .listed: "sock_listed"
        case .connecting: "sock_connecting"
        case .tcpEnded: "tcp_ended"
        case .tcpChanged: "tcp_changed"
        case .datagramReceived: "dgram_received"
        case .datagramSent: "dgram_sent"
        case .messageSent: "msg_sent"
        case .messageReceived: "msg_received"
        }
    }
}

/// The name of a probe event that records a notice.
@usableFromInline
package struct NoticeEventName: Sendable, Equatable {
    /// What it records.
    package var notice: SocketNotice
    /// The function, where the notice alone does not say which.
    package var function: String?

    /// A name of these parts.
    package init(_ notice: SocketNotice, function: String? = nil) {
        self.notice = notice
        self.function = function
    }

    /// Nil where the text is no name of a notice.
    package init?(parsing text: some StringProtocol) {
        let parts = FrameEventName.parts(of: text)
        guard let notice = SocketNotice.allCases.first(where: { $0.name.utf8.elementsEqual(parts.head.utf8) }) else {
            return nil
        }
        self.init(notice, function: parts.function)
    }

    /// The event's name in tracefs.
    package var text: String { notice.name + (function.map { "__" + $0 } ?? "") }
}

/// The name of any probe event of ours.
@usableFromInline
package enum ProbeEventName: Sendable, Equatable {
    case frame(FrameEventName)
    case notice(NoticeEventName)

    /// Nil where the text is no name of ours.
    package init?(parsing text: some StringProtocol) {
        if let name = FrameEventName(parsing: text) {
            self = .frame(name)
        } else if let name = NoticeEventName(parsing: text) {
            self = .notice(name)
        } else {
            return nil
        }
    }

    /// The event's name in tracefs.
    package var text: String {
        switch self {
        case .frame(let name): name.text
        case .notice(let name): name.text
        }
    }

    /// The role of a frame's event; nil of a notice.
    package var role: FrameRole? {
        if case .frame(let name) = self { name.role } else { nil }
    }

    /// Where in the function a frame's event is; nil of a notice.
    package var side: FrameSide? {
        if case .frame(let name) = self { name.side } else { nil }
    }
}

/// An event that the kernel has of itself, with the fields that its own format names.
@usableFromInline
package enum KernelEvent: String, CaseIterable, Sendable {
    /// A TCP sock changes its state. Fields: `skaddr`, `oldstate`, `newstate`, `sport` and `dport` (the machine's order),
    /// `family`, `protocol`, `saddr`, `daddr` (4 bytes in network order), `saddr_v6`, `daddr_v6` (16 bytes; of IPv4 mapped).
    ///
    /// Also of other protocols with connections (MPTCP, SCTP, DCCP). Local port and address are missing where they are not
    /// chosen yet. It can come from an interrupt: then the task shown has nothing to do with it.
    case tcpState = "sock/inet_sock_set_state"
    /// A segment is sent once more. Fields: `skaddr`, ports and addresses as of ``tcpState``.
    case tcpRetransmit = "tcp/tcp_retransmit_skb"
    /// A reset is sent. Field: `skaddr`, null where there is no connection that it ends.
    case tcpSendReset = "tcp/tcp_send_reset"
    /// A reset came. Field: `skaddr`.
    case tcpReceiveReset = "tcp/tcp_receive_reset"
}
