/// What renderers show of a socket, its address aside: the same for all messages of most sockets, so that what is made of
/// it is worth keeping. Members are as events keep them; where two kinds are equal, so is all that is made of them.
@usableFromInline
package struct RenderKey: Sendable, Equatable {
    @usableFromInline let flags: UInt64
    @usableFromInline let kinds: UInt64
    @usableFromInline let places: UInt64
    /// Which of the members the alias has, and which are known.
    @usableFromInline let carried: UInt64
    @usableFromInline let known: UInt64

    /// What renderers make of the members above and of nothing else. (A list in brackets would be an array, made each time.)
    @inlinable
    @inline(__always)
    static var members: UInt64 {
        typealias Fields = Alias.Arguments
        return Fields.protocol.rawValue | Fields.family.rawValue | Fields.state.rawValue | Fields.tcpState.rawValue
            | Fields.flags.rawValue | Fields.type.rawValue
    }

    @inlinable
    @inline(__always)
    package init(_ event: borrowing SocketEvent, _ arguments: Alias.Arguments) {
        flags = event.facts.flags
        kinds = UInt64(UInt32(bitPattern: event.facts.family)) << 32 | UInt64(UInt32(bitPattern: event.facts.protocol))
        places = UInt64(UInt32(bitPattern: event.facts.state)) << 32 | UInt64(UInt32(bitPattern: event.facts.type))
        carried = arguments.rawValue & Self.members
        // Whether TCP's state is known, the number says itself.
        known = event.facts.known.rawValue & Self.members | UInt64(event.rawTCPState) << 56
    }

    @inlinable
    @inline(__always)
    package static func == (left: RenderKey, right: RenderKey) -> Bool {
        (left.flags ^ right.flags) | (left.kinds ^ right.kinds) | (left.places ^ right.places)
            | (left.carried ^ right.carried) | (left.known ^ right.known) == 0
    }

    /// A number of which all bits of the members have a part.
    @inlinable
    @inline(__always)
    package var hash: UInt64 {
        let sum =
            flags ^ kinds &* 0x9e37_79b9_7f4a_7c15 ^ places &* 0xff51_afd7_ed55_8ccd
            ^ (carried << 32 ^ known) &* 0xc4ce_b9fe_1a85_ec53
        return (sum ^ sum >> 32) &* 0x94d0_49bb_1331_11eb >> 32
    }
}
