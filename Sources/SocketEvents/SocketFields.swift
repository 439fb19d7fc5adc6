/// What is known of a socket and its message. Which members are known is in `known`, with other members of an event.
@usableFromInline
struct SocketFields: Sendable {
    @usableFromInline var socket: UInt64 = 0
    @usableFromInline var size: Int64 = 0
    @usableFromInline var flags: UInt64 = 0
    @usableFromInline var `protocol`: Int32 = 0
    @usableFromInline var family: Int32 = 0
    @usableFromInline var state: Int32 = 0
    @usableFromInline var type: Int32 = 0
    @usableFromInline var requester: Int32 = 0
    @usableFromInline var known: Alias.Arguments = []

    @inlinable
    init() {}

    /// Takes over what is not known yet.
    mutating func complete(with other: SocketFields) {
        let new = other.known.subtracting(known)
        guard !new.isEmpty else { return }
        if new.contains(.socket) { socket = other.socket }
        if new.contains(.size) { size = other.size }
        if new.contains(.flags) { flags = other.flags }
        if new.contains(.protocol) { `protocol` = other.protocol }
        if new.contains(.family) { family = other.family }
        if new.contains(.state) { state = other.state }
        if new.contains(.type) { type = other.type }
        known.formUnion(new)
    }
}
