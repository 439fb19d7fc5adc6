/// The names of the fields that probes fetch, but for those whose names say where in them things lie (``FieldPack``,
/// ``AddressPack``).
@usableFromInline
package enum ProbeField {
    /// Address of a `struct socket`.
    package static let socket = "socket"
    /// `socket.ops` of a socket that is being closed; null where it was never made whole.
    package static let ops = "ops"
    /// Address of a `struct sock`.
    package static let sock = "sk"
    /// `socket.state`.
    package static let state = "state"
    /// `socket.type`; at creation the argument.
    package static let type = "type"
    /// `socket.flags`; the bits' letters and numbers may follow after `_` (``SocketFlagNames``).
    package static let flags = "flags"
    /// The family: of the socket's operations, or the argument of a creation.
    package static let family = "family"
    /// `sk_protocol`, or the argument of a creation.
    package static let `protocol` = "protocol"
    /// Bytes asked for.
    package static let size = "size"
    /// 1 where the kernel itself makes a socket, 0 where user space does.
    package static let requester = "requester"
    /// The descriptor that a system call was given.
    package static let descriptor = "fd"
    /// What a function returned.
    package static let result = "ret"

    /// Inode number of a socket: the N of socket:[N].
    package static let inode = "inode"
    /// Owner of that inode: a user id of the initial namespace.
    package static let user = "uid"
    /// Inode number of the network namespace.
    package static let networkNamespace = "netns"
    /// Address of the `struct cgroup` that a socket was made in: null, or with flags in its lowest bits, where there is none.
    package static let cgroupPointer = "cgrp"
    /// Inode number of that group's directory below the mount of cgroup2.
    package static let cgroup = "cgroup"
    /// Address of the listening `struct socket`.
    package static let listener = "listener"
    /// Another `struct socket`.
    package static let peerSocket = "peer_socket"
    /// Another `struct sock`; null where there is none.
    package static let peerSock = "peer_sk"
    /// The peer of that other `struct sock`, of AF_UNIX.
    package static let peersPeer = "peers_peer_sk"
    /// A `struct sockaddr` as the kernel copied it, 8 bytes an element: `length` bytes of it count, and no more than there
    /// are.
    package static let address = "address"
    /// Bytes of an address; what the caller said, so it may be anything.
    package static let length = "length"
    /// Address of a `struct unix_address`; null where the socket has no name.
    package static let name = "name"
    /// listen(2)'s second argument.
    package static let backlog = "backlog"
    /// shutdown(2)'s second argument.
    package static let how = "how"
    /// A positive error number; 0 for none.
    package static let error = "err"
    /// What lies before a datagram's data: 48 bytes.
    package static let header = "header"
    /// Netlink's port, local and remote.
    package static let port = "port"
    package static let remotePort = "remote_port"
    package static let bytesSent = "bytes_sent"
    package static let bytesAcked = "bytes_acked"
    package static let bytesReceived = "bytes_received"
}
