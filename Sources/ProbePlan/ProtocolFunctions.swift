/// The protocols' own sendmsg and recvmsg: the members of their `struct proto_ops`, called through a pointer, so that
/// no compiler can inline them. `(struct socket *, struct msghdr *, size_t, …)` since 4.1.
package enum ProtocolFunctions {
    /// net/ipv4/af_inet.c, net/ipv6/af_inet6.c, net/unix/af_unix.c, net/netlink/af_netlink.c, net/packet/af_packet.c.
    package static let sending = [
        "inet_sendmsg", "inet6_sendmsg", "unix_stream_sendmsg", "unix_dgram_sendmsg", "unix_seqpacket_sendmsg",
        "netlink_sendmsg", "packet_sendmsg", "packet_sendmsg_spkt",
    ]

    package static let receiving = [
        "inet_recvmsg", "inet6_recvmsg", "unix_stream_recvmsg", "unix_dgram_recvmsg", "unix_seqpacket_recvmsg",
        "netlink_recvmsg", "packet_recvmsg",
    ]
}
