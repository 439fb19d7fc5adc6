extension StructLayout {
    /// A member of a kernel struct.
    package enum Member: String, CaseIterable, Sendable {
        // What the events of messages need.
        case socketState = "socket.state"
        case socketType = "socket.type"
        case socketFlags = "socket.flags"
        case socketSock = "socket.sk"
        case socketOps = "socket.ops"
        case opsFamily = "proto_ops.family"
        case sockProtocol = "sock.sk_protocol"
        /// `msg_iter.count` within struct msghdr.
        case messageCount = "msghdr.msg_iter.count"
        /// `count` within struct iov_iter.
        case iteratorCount = "iov_iter.count"
        case kiocbFile = "kiocb.ki_filp"
        case filePrivateData = "file.private_data"

        // Who a socket is. Its inode lies in one piece with it (struct socket_alloc): counted from the socket.
        case socketInode = "socket_alloc.vfs_inode.i_ino"
        case socketUser = "socket_alloc.vfs_inode.i_uid"
        case sockSocket = "sock.sk_socket"
        case sockType = "sock.sk_type"
        case sockNamespace = "sock.skc_net"
        case namespaceInode = "net.ns.inum"
        case sockCgroup = "sock.sk_cgrp_data.cgroup"
        /// Up to 5.15, of kernels with net_cls or net_prio: a pointer whose lowest bits are flags.
        case sockCgroupWord = "sock.sk_cgrp_data.val"
        case cgroupNode = "cgroup.kn"
        case nodeID = "kernfs_node.id"

        // Between whom it is.
        case sockRemoteIPv4 = "sock.skc_daddr"
        case sockLocalIPv4 = "sock.skc_rcv_saddr"
        case sockRemotePort = "sock.skc_dport"
        case sockLocalPort = "sock.skc_num"
        case sockFamily = "sock.skc_family"
        case sockState = "sock.skc_state"
        case sockRemoteIPv6 = "sock.skc_v6_daddr"
        case sockLocalIPv6 = "sock.skc_v6_rcv_saddr"
        case unixName = "unix_sock.addr"
        case unixPeer = "unix_sock.peer"
        case nameLength = "unix_address.len"
        case nameBytes = "unix_address.name"
        case netlinkPort = "netlink_sock.portid"
        case netlinkRemotePort = "netlink_sock.dst_portid"

        // How a TCP connection ended.
        case sockError = "sock.sk_err"
        case tcpBytesSent = "tcp_sock.bytes_sent"
        case tcpBytesAcked = "tcp_sock.bytes_acked"
        case tcpBytesReceived = "tcp_sock.bytes_received"

        // Where datagrams come from and go to.
        case bufferData = "sk_buff.data"
        case bufferSock = "sk_buff.sk"
        case flowRemoteIPv4 = "flowi4.daddr"
        case flowLocalIPv4 = "flowi4.saddr"
        case flowRemotePortIPv4 = "flowi4.fl4_dport"
        case flowLocalPortIPv4 = "flowi4.fl4_sport"
        case flowRemoteIPv6 = "flowi6.daddr"
        case flowLocalIPv6 = "flowi6.saddr"
        case flowRemotePortIPv6 = "flowi6.fl6_dport"
        case flowLocalPortIPv6 = "flowi6.fl6_sport"
    }
}

extension StructLayout.Member {
    /// Without it something is unknown of every message.
    package var isEssential: Bool {
        switch self {
        case .socketState, .socketType, .socketFlags, .socketSock, .socketOps, .opsFamily, .sockProtocol, .messageCount,
            .iteratorCount, .kiocbFile, .filePrivateData:
            true
        default: false
        }
    }

    /// Where the kernel's own type information has it.
    struct Path {
        /// The struct.
        var structure: String
        /// Names of members, one in the other.
        var members: [String]
        /// The member from which the place is counted; nil for the start of the struct.
        var origin: String?
        /// It is an integer, not bytes.
        var isInteger: Bool

        init(_ structure: String, _ members: String..., from origin: String? = nil, isInteger: Bool = true) {
            self.structure = structure
            self.members = members
            self.origin = origin
            self.isInteger = isInteger
        }
    }

    /// Its path in the headers: include/linux/net.h and fs.h, include/net/sock.h and af_unix.h, and so on.
    var path: Path {
        switch self {
        case .socketState: Path("socket", "state")
        case .socketType: Path("socket", "type")
        case .socketFlags: Path("socket", "flags")
        case .socketSock: Path("socket", "sk")
        case .socketOps: Path("socket", "ops")
        case .opsFamily: Path("proto_ops", "family")
        case .sockProtocol: Path("sock", "sk_protocol")
        case .messageCount: Path("msghdr", "msg_iter", "count")
        case .iteratorCount: Path("iov_iter", "count")
        case .kiocbFile: Path("kiocb", "ki_filp")
        case .filePrivateData: Path("file", "private_data")
        case .socketInode: Path("socket_alloc", "vfs_inode", "i_ino", from: "socket")
        case .socketUser: Path("socket_alloc", "vfs_inode", "i_uid", "val", from: "socket")
        case .sockSocket: Path("sock", "sk_socket")
        case .sockType: Path("sock", "sk_type")
        case .sockNamespace: Path("sock", "__sk_common", "skc_net", "net")
        case .namespaceInode: Path("net", "ns", "inum")
        case .sockCgroup: Path("sock", "sk_cgrp_data", "cgroup")
        case .sockCgroupWord: Path("sock", "sk_cgrp_data", "val")
        case .cgroupNode: Path("cgroup", "kn")
        case .nodeID: Path("kernfs_node", "id")
        case .sockRemoteIPv4: Path("sock", "__sk_common", "skc_daddr")
        case .sockLocalIPv4: Path("sock", "__sk_common", "skc_rcv_saddr")
        case .sockRemotePort: Path("sock", "__sk_common", "skc_dport")
        case .sockLocalPort: Path("sock", "__sk_common", "skc_num")
        case .sockFamily: Path("sock", "__sk_common", "skc_family")
        case .sockState: Path("sock", "__sk_common", "skc_state")
        case .sockRemoteIPv6: Path("sock", "__sk_common", "skc_v6_daddr", isInteger: false)
        case .sockLocalIPv6: Path("sock", "__sk_common", "skc_v6_rcv_saddr", isInteger: false)
        case .unixName: Path("unix_sock", "addr")
        case .unixPeer: Path("unix_sock", "peer")
        case .nameLength: Path("unix_address", "len")
        case .nameBytes: Path("unix_address", "name", isInteger: false)
        case .netlinkPort: Path("netlink_sock", "portid")
        case .netlinkRemotePort: Path("netlink_sock", "dst_portid")
        case .sockError: Path("sock", "sk_err")
        case .tcpBytesSent: Path("tcp_sock", "bytes_sent")
        case .tcpBytesAcked: Path("tcp_sock", "bytes_acked")
        case .tcpBytesReceived: Path("tcp_sock", "bytes_received")
        case .bufferData: Path("sk_buff", "data")
        case .bufferSock: Path("sk_buff", "sk")
        case .flowRemoteIPv4: Path("flowi4", "daddr")
        case .flowLocalIPv4: Path("flowi4", "saddr")
        case .flowRemotePortIPv4: Path("flowi4", "uli", "ports", "dport")
        case .flowLocalPortIPv4: Path("flowi4", "uli", "ports", "sport")
        case .flowRemoteIPv6: Path("flowi6", "daddr", isInteger: false)
        case .flowLocalIPv6: Path("flowi6", "saddr", isInteger: false)
        case .flowRemotePortIPv6: Path("flowi6", "uli", "ports", "dport")
        case .flowLocalPortIPv6: Path("flowi6", "uli", "ports", "sport")
        }
    }
}
