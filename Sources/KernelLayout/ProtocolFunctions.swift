/// The protocols' own sendmsg and recvmsg: the members of their `struct proto_ops`, called through a pointer, so that
/// no compiler can inline them. `(struct socket *, struct msghdr *, size_t, …)` since 4.1.
package struct ProtocolFunctions: Sendable, Equatable {
    /// One of them.
    package struct Function: Sendable, Equatable {
        /// What it is called here: its name in /proc/kallsyms, with its module's or its table's where that name alone
        /// could be another's.
        package var symbol: String
        /// Where a probe is put, as tracefs takes it; nil where that is the symbol.
        package var place: String?

        /// A function, and where it is if its name does not tell.
        package init(_ symbol: String, place: String? = nil) {
            self.symbol = symbol
            self.place = place
        }
    }

    /// What may be called for a message sent.
    package var sending: [Function]
    /// What may be called for a message received.
    package var receiving: [Function]
    /// How many tables of a protocol they were found in; nil where only their names are known.
    package var tables: Int?

    /// Functions for both directions.
    package init(sending: [Function], receiving: [Function], tables: Int? = nil) {
        self.sending = sending
        self.receiving = receiving
        self.tables = tables
    }

    /// Those that this kernel may have, by name alone.
    ///
    /// `raw_sendmsg` and `dgram_sendmsg` are missing on purpose: several subsystems have functions of these names, and
    /// most of them take a `struct sock *`.
    package static let known = ProtocolFunctions(
        sending: sendingNames.map { Function($0) }, receiving: receivingNames.map { Function($0) })

    /// Those known by name, and after them those that only their tables show. One that is in both is taken as the tables
    /// have it: its name may not be enough to find it.
    package func joined(with found: ProtocolFunctions?) -> ProtocolFunctions {
        guard let found else { return self }
        func join(_ known: [Function], _ found: [Function]) -> [Function] {
            known.map { one in found.first { $0.symbol == one.symbol } ?? one }
                + found.filter { one in !known.contains { $0.symbol == one.symbol } }
        }
        return ProtocolFunctions(
            sending: join(sending, found.sending), receiving: join(receiving, found.receiving), tables: found.tables)
    }

    /// Names without `_sendmsg` and `_recvmsg`: net/ipv4/af_inet.c (also TLS, MPTCP and SCTP), net/ipv6/af_inet6.c,
    /// net/unix/af_unix.c, net/netlink/af_netlink.c, net/packet/af_packet.c, then what is mostly in modules.
    private static let stems = [
        "inet", "inet6", "unix_stream", "unix_dgram", "unix_seqpacket", "netlink", "packet",
        "vsock_connectible", "vsock_stream", "vsock_dgram", "xsk", "smc", "kcm", "tipc", "rds", "rxrpc", "bcm", "isotp",
        "l2cap_sock", "rfcomm_sock", "sco_sock", "hci_sock", "iso_sock", "llcp_sock", "mctp", "qrtr", "pn_socket",
        "atalk", "x25", "ax25", "nr", "rose", "llc_ui", "pfkey", "pppoe", "pppol2tp", "iucv_sock", "ieee802154_sock",
        "vcc", "hash", "skcipher", "aead", "rng", "mISDN_sock",
    ]

    package static let sendingNames =
        stems.map { $0 + "_sendmsg" } + [
            "packet_sendmsg_spkt", "tipc_sendstream", "tipc_send_packet", "caif_stream_sendmsg",
        ]

    package static let receivingNames =
        stems.map { $0 + "_recvmsg" } + ["sock_common_recvmsg", "tipc_recvstream", "caif_stream_recvmsg"]
}
