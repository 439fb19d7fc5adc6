/// Whether two events agree in what somebody wants to know of them.
///
/// All members are compared at once, without a branch, as they are kept: they may be called unlike although both do not
/// know the member that differs, but never alike although they are not.
package struct EventLikeness: Sendable {
    @usableFromInline let known: UInt16
    @usableFromInline let comm: UInt64
    @usableFromInline let socket: UInt64
    @usableFromInline let pid: Int32
    @usableFromInline let family: Int32
    @usableFromInline let `protocol`: Int32
    @usableFromInline let type: Int32
    @usableFromInline let failure: UInt16

    /// - Parameters: what must agree; with `error`, only events that both succeeded are alike.
    package init(
        pid: Bool, comm: Bool, family: Bool, `protocol`: Bool, type: Bool, socket: Bool, error: Bool
    ) {
        var known: Alias.Arguments = []
        if pid { known.insert(.pid) }
        if comm { known.insert(.comm) }
        if family { known.insert(.family) }
        if `protocol` { known.insert(.protocol) }
        if type { known.insert(.type) }
        if socket { known.insert(.socket) }
        self.known = known.rawValue
        self.pid = pid ? -1 : 0
        self.comm = comm ? .max : 0
        self.family = family ? -1 : 0
        self.protocol = `protocol` ? -1 : 0
        self.type = type ? -1 : 0
        self.socket = socket ? .max : 0
        failure = error ? 1 : 0
    }

    /// Whether two events of one alias are alike.
    @inlinable
    @inline(__always)
    package func holds(_ one: borrowing SocketEvent, _ other: borrowing SocketEvent) -> Bool {
        let words =
            (one.name.low ^ other.name.low | one.name.high ^ other.name.high) & comm
            | (one.facts.socket ^ other.facts.socket) & socket
        let numbers =
            (one.rawPid ^ other.rawPid) & pid | (one.facts.family ^ other.facts.family) & family
            | (one.facts.protocol ^ other.facts.protocol) & `protocol` | (one.facts.type ^ other.facts.type) & type
        // Success is told by a bit that it is known and a byte that it is so.
        let successes = one.facts.known.rawValue & other.facts.known.rawValue & Alias.Arguments.success.rawValue
        let bothSucceeded: UInt16 = one.rawSuccess & other.rawSuccess != 0 && successes != 0 ? 1 : 0
        let rest =
            (one.facts.known.rawValue ^ other.facts.known.rawValue) & known | failure & ~bothSucceeded
            | UInt16(one.rawAlias ^ other.rawAlias)
        return words | UInt64(UInt32(bitPattern: numbers)) | UInt64(rest) == 0
    }
}
