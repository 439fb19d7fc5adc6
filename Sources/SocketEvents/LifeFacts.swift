/// What the frames of one step in a socket's life say besides what they say of the socket.
struct LifeFacts: Sendable {
    /// The backlog or manner that the call was given.
    var number: Int32 = 0
    var hasNumber = false
    /// The address that the call was given.
    var hasAddress = false
    /// AF_UNSPEC: what was connected is dissolved.
    var isUnspecified = false
    /// That address is of another kind than the socket's, or too short: no end of it.
    var isForeign = false
    var address = SocketAddress()
    /// Of accept(2): the `struct socket` that listens.
    var listener: UInt64 = 0
    /// Of creation, accept(2): the inode of the socket that is made.
    var inode: UInt64 = 0
    var hasInode = false
    /// Of connect(2): TCP's handshake began within the call.
    var beganHandshake = false

    init() {}

    /// Takes over what is not known yet.
    mutating func complete(with other: LifeFacts) {
        if !hasNumber, other.hasNumber { (number, hasNumber) = (other.number, true) }
        if !hasAddress, other.hasAddress { (address, hasAddress) = (other.address, true) }
        if other.isUnspecified { isUnspecified = true }
        if other.isForeign { isForeign = true }
        if listener == 0 { listener = other.listener }
        if !hasInode, other.hasInode { (inode, hasInode) = (other.inode, true) }
    }
}
