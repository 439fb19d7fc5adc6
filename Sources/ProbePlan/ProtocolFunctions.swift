/// The protocols' own sendmsg and recvmsg: the members of their `struct proto_ops`, called through a pointer, so that
/// no compiler can inline them. `(struct socket *, struct msghdr *, size_t, …)` since 4.1.
///
/// `raw_sendmsg` and `dgram_sendmsg` are missing on purpose: several subsystems have functions of these names, and
/// most of them take a `struct sock *`.
package enum ProtocolFunctions {
    /// Names without `_sendmsg` and `_recvmsg`: net/ipv4/af_inet.c (also TLS, MPTCP and SCTP), net/ipv6/af_inet6.c,
    /// net/unix/af_unix.c, net/netlink/af_netlink.c, net/packet/af_packet.c, then what is mostly in modules.
    private static let stems = [
        "inet", "inet6", "unix_stream", "unix_dgram", "unix_seqpacket", "netlink", "packet",
        "vsock_connectible", "vsock_stream", "vsock_dgram", "xsk", "smc", "kcm", "tipc", "rds", "rxrpc", "bcm", "isotp",
        "l2cap_sock", "rfcomm_sock", "sco_sock", "hci_sock", "iso_sock", "llcp_sock", "mctp", "qrtr", "pn_socket",
        "atalk", "x25", "ax25", "nr", "rose", "llc_ui", "pfkey", "pppoe", "pppol2tp", "iucv_sock", "ieee802154_sock",
        "vcc", "hash", "skcipher", "aead", "rng", "mISDN_sock",
    ]

    package static let sending =
        stems.map { $0 + "_sendmsg" } + [
            "packet_sendmsg_spkt", "tipc_sendstream", "tipc_send_packet", "caif_stream_sendmsg",
        ]

    package static let receiving =
        stems.map { $0 + "_recvmsg" } + ["sock_common_recvmsg", "tipc_recvstream", "caif_stream_recvmsg"]
}
