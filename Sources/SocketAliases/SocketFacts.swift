internal import RingBuffer

/// What is known of a socket and its message. Which members are known is in `known`, with other members of an event.
@usableFromInline
struct SocketFacts: Sendable {
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
    mutating func complete(with other: SocketFacts) {
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

extension EventPlan {
    /// The facts of an entry record whose length has been checked against `minimumLength`.
    @inline(__always)
    func facts(at payload: Int, in bytes: RawSpan, swapped: Bool) -> SocketFacts {
        var facts = SocketFacts()
        @inline(__always) func value(_ field: FieldPlan) -> UInt64 {
            field.load(at: payload, in: bytes, swapped: swapped)
        }
        @inline(__always) func narrow(_ field: FieldPlan) -> Int32 { Int32(truncatingIfNeeded: value(field)) }

        if socket.isPresent {
            facts.socket = value(socket)
            // A null pointer means that there is no socket behind it, and zeros in all fields behind it.
            guard facts.socket != 0 else { return facts }
            facts.known.insert(.socket)
        }
        if size.isPresent {
            facts.size = Int64(bitPattern: value(size))
            facts.known.insert(.size)
        }
        if flags.isPresent {
            facts.flags = value(flags)
            facts.known.insert(.flags)
        }
        if state.isPresent {
            facts.state = narrow(state)
            facts.known.insert(.state)
        }
        if type.isPresent {
            facts.type = isSocketCall ? narrow(type) & 0xf : narrow(type)
            facts.known.insert(.type)
        }
        if isSocketCall { facts.known.insert(.requester) }
        if requester.isPresent {
            facts.requester = narrow(requester)
            facts.known.insert(.requester)
        }
        // What lies behind a null pointer was not fetched: the bytes are those of an older record.
        if family.isPresent, !ops.isPresent || value(ops) != 0 {
            facts.family = narrow(family)
            // AF_UNSPEC is no socket's family; but the argument of a creation, which has no socket yet, may well be 0.
            if facts.family != 0 || !socket.isPresent { facts.known.insert(.family) }
        }
        if `protocol`.isPresent, !sock.isPresent || value(sock) != 0 {
            facts.protocol = narrow(`protocol`)
            facts.known.insert(.protocol)
        }
        return facts
    }
}
