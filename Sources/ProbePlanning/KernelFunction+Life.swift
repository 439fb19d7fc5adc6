internal import KernelLayout
internal import ProbeContract

/// The functions of a socket's life: who it is, whom it talks to, what becomes of it.
extension KernelFunction {
    /// Signatures: net/socket.c, net/ipv4, net/ipv6, net/unix and security/security.c of 5.10, 6.1, 6.12 and 7.x agree on
    /// all of these arguments.
    var probedForLife: ProbedFunction? {
        switch self {
        case .sysConnect: call("__sys_connect", .sysConnect)
        case .sysAccept: call("__sys_accept4", .sysAccept)
        case .sysBind: call("__sys_bind", .sysBind)
        case .sysListen: call("__sys_listen", .sysListen, [.number(ProbeField.backlog, 2)])
        case .sysShutdown: call("__sys_shutdown", .sysShutdown, [.number(ProbeField.how, 2)])

        case .securityPostCreate:
            ProbedFunction(
                "security_socket_post_create", .made, socket: .argument(1),
                details: [.pointer, .inode, .user, .sock, .namespace, .cgroup])
        case .socketpair:
            ProbedFunction(
                "unix_socketpair", .paired, socket: .argument(1), details: [.pointer, .sock],
                extras: [.pointer(ProbeField.peerSocket, 2), .sock(ProbeField.peerSock, 2)])
        case .securityGraft:
            ProbedFunction(
                "security_sock_graft", .grafted, socket: .graft(sock: 1, socket: 2),
                details: [.pointer, .inode, .head, .ipv6, .peer, .cgroup])
        case .acceptedSock: ProbedFunction("inet_csk_accept", returning: .accepted)
        case .tcpConnect:
            ProbedFunction("tcp_connect", .connecting, socket: .sock(1), details: [.head, .ipv6])
        case .tcpDone: ProbedFunction("tcp_done", .tcpEnded, socket: .sock(1), details: [], extras: [.tcpEnd(1)])
        case .udpConsume:
            ProbedFunction(
                "skb_consume_udp", .datagramReceived, socket: .sock(1), details: [], extras: [.header(2)])
        case .freeDatagram:
            ProbedFunction(
                "skb_free_datagram", .datagramReceived, socket: .sock(1), details: [], extras: [.bufferSock(2)])
        case .routeIPv4:
            ProbedFunction(
                "ip_route_output_flow", .datagramSent, socket: .sock(3), details: [], extras: [.flowIPv4(2)])
        case .routeIPv6:
            ProbedFunction(
                "ip6_sk_dst_lookup_flow", .datagramSent, socket: .sock(1), details: [], extras: [.flowIPv6(2)])
        case .unixMaySend:
            ProbedFunction(
                "security_unix_may_send", .datagramSent, socket: .argument(1), details: .pointer,
                extras: [.pointer(ProbeField.peerSocket, 2)])
        default: nil
        }
    }

    private func call(
        _ symbol: String, _ role: FrameRole, _ extras: [ProbedFunction.Extra] = []
    ) -> ProbedFunction {
        ProbedFunction(
            symbol, role, details: [], result: .int, extras: [.descriptor] + extras)
    }

    /// One of the protocols' own functions.
    func probed(protocol symbol: String) -> ProbedFunction? {
        switch self {
        case .protocolCreate:
            // The socket has no sock yet, so the first argument tells the namespace.
            ProbedFunction(
                symbol, .made, socket: .argument(2), details: [.pointer, .inode, .user], extras: [.namespace(1)])
        case .protocolConnect: step(symbol, .protoConnect, [address(symbol)])
        case .protocolBind: step(symbol, .protoBind, [address(symbol)])
        case .protocolListen: step(symbol, .protoListen, [.number(ProbeField.backlog, 2)])
        case .protocolShutdown: step(symbol, .protoShutdown, [.number(ProbeField.how, 2)])
        case .protocolAccept:
            ProbedFunction(
                symbol, .protoAccept, socket: .argument(2), details: [.pointer, .inode], result: .int,
                extras: [.pointer(ProbeField.listener, 1), .sockHead(1)])
        case .rowOfSockets:
            ProbedFunction(symbol, .listed, socket: .sock(2), details: [.row, rowDetails(symbol)])
        default: nil
        }
    }

    /// What only the socks of one family have: of others other things lie there.
    private func rowDetails(_ symbol: String) -> SocketDetails {
        switch symbol {
        case "unix_seq_show": [.peer, .unixName]
        case "netlink_seq_show": .netlinkPorts
        case "tcp6_seq_show", "udp6_seq_show", "raw6_seq_show", "ping_v6_seq_show": .ipv6
        default: []
        }
    }

    private func step(
        _ symbol: String, _ role: FrameRole, _ extras: [ProbedFunction.Extra]
    ) -> ProbedFunction {
        ProbedFunction(symbol, role, socket: .argument(1), details: .life, result: .int, extras: extras)
    }

    /// Names of AF_UNIX are longer than any other address that is of interest: `struct sockaddr_in6` has 28 bytes.
    private func address(_ symbol: String) -> ProbedFunction.Extra {
        .address(2, length: 3, words: symbol.hasPrefix("unix_") ? Planner.longestAddress : 4)
    }

    /// The names of the protocols' own functions, where these are not to be found through their tables; those of several
    /// subsystems with different arguments are missing on purpose, as `raw_bind`.
    var protocolNames: [String] {
        switch self {
        case .protocolCreate:
            [
                "inet_create", "inet6_create", "unix_create", "netlink_create", "packet_create", "vsock_create",
                "smc_create", "tipc_sk_create", "rds_create", "rxrpc_create", "can_create", "alg_create", "xsk_create",
                "kcm_create", "qrtr_create", "mctp_pf_create", "bt_sock_create", "pfkey_create", "pppox_create",
                "x25_create", "ax25_create", "atalk_create", "llc_ui_create", "nr_create", "rose_create",
                "pn_socket_create", "caif_create", "iucv_sock_create", "ieee802154_create", "nfc_sock_create",
            ]
        case .protocolConnect:
            [
                "sock_no_connect", "inet_stream_connect", "inet_dgram_connect", "unix_stream_connect",
                "unix_dgram_connect",
                "netlink_connect", "vsock_connect", "vsock_stream_connect", "vsock_dgram_connect", "smc_connect",
                "mptcp_stream_connect", "tipc_connect", "rds_connect", "rxrpc_connect", "bcm_connect", "pppoe_connect",
                "pppol2tp_connect", "l2cap_sock_connect", "rfcomm_sock_connect", "sco_sock_connect", "iso_sock_connect",
                "llcp_sock_connect", "qrtr_connect", "pn_socket_connect", "atalk_connect", "x25_connect",
                "ax25_connect",
                "nr_connect", "rose_connect", "llc_ui_connect", "caif_connect", "iucv_sock_connect",
            ]
        case .protocolBind:
            [
                "sock_no_bind", "inet_bind", "inet6_bind", "unix_bind", "netlink_bind", "packet_bind",
                "packet_bind_spkt", "vsock_bind",
                "vsock_dgram_bind", "xsk_bind", "smc_bind", "mptcp_bind", "tipc_bind", "rds_bind", "rxrpc_bind",
                "alg_bind", "isotp_bind", "mctp_bind", "qrtr_bind", "l2cap_sock_bind", "rfcomm_sock_bind",
                "sco_sock_bind", "hci_sock_bind", "iso_sock_bind", "llcp_sock_bind", "pn_socket_bind", "atalk_bind",
                "x25_bind", "ax25_bind", "nr_bind", "rose_bind", "llc_ui_bind", "iucv_sock_bind",
            ]
        case .protocolListen:
            [
                "sock_no_listen", "inet_listen", "unix_listen", "vsock_listen", "smc_listen", "mptcp_listen",
                "tipc_listen",
                "rxrpc_listen", "l2cap_sock_listen", "rfcomm_sock_listen", "sco_sock_listen", "iso_sock_listen",
                "llcp_sock_listen", "pn_socket_listen", "x25_listen", "ax25_listen", "nr_listen", "rose_listen",
                "llc_ui_listen", "iucv_sock_listen",
            ]
        case .protocolShutdown:
            [
                "sock_no_shutdown", "inet_shutdown", "unix_shutdown", "vsock_shutdown", "smc_shutdown",
                "mptcp_shutdown", "tipc_shutdown",
                "rxrpc_shutdown", "l2cap_sock_shutdown", "rfcomm_sock_shutdown", "sco_sock_shutdown",
                "iso_sock_shutdown", "ax25_shutdown", "llc_ui_shutdown", "iucv_sock_shutdown",
            ]
        case .protocolAccept:
            [
                "sock_no_accept", "inet_accept", "unix_accept", "vsock_accept", "smc_accept", "mptcp_stream_accept",
                "tipc_accept",
                "l2cap_sock_accept", "rfcomm_sock_accept", "sco_sock_accept", "iso_sock_accept", "llcp_sock_accept",
                "pn_socket_accept", "x25_accept", "ax25_accept", "nr_accept", "rose_accept", "llc_ui_accept",
                "iucv_sock_accept", "alg_accept", "hash_accept",
            ]
        case .rowOfSockets:
            [
                "tcp4_seq_show", "tcp6_seq_show", "udp4_seq_show", "udp6_seq_show", "raw_seq_show", "raw6_seq_show",
                "ping_v4_seq_show", "ping_v6_seq_show", "unix_seq_show", "netlink_seq_show",
            ]
        default: []
        }
    }
}
