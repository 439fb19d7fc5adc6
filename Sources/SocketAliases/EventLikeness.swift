/// Whether two events agree in what somebody wants to know of them.
///
/// Members are taken as events keep them, without a branch: two events may be called unlike although neither knows the
/// member that differs, but never alike although they are not.
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

    /// What an event has of it.
    @inlinable
    @inline(__always)
    package func identity(of event: borrowing SocketEvent) -> Identity {
        let known = event.facts.known
        let success = event.rawSuccess
        let succeeded = known.contains(.success) && success != 0
        return Identity(
            low: event.name.low & comm, high: event.name.high & comm, socket: event.facts.socket & socket,
            process: UInt64(UInt32(bitPattern: event.rawPid & pid)) << 32
                | UInt64(UInt32(bitPattern: event.facts.type & type)),
            kind: UInt64(UInt32(bitPattern: event.facts.family & family)) << 32
                | UInt64(UInt32(bitPattern: event.facts.protocol & `protocol`)),
            rest: UInt64(known.rawValue & self.known) | UInt64(event.rawAlias) << 16
                | (succeeded ? 0 : UInt64(failure) << 32))
    }

    /// What events have in common that are alike.
    package struct Identity: Sendable {
        @usableFromInline let low: UInt64
        @usableFromInline let high: UInt64
        @usableFromInline let socket: UInt64
        @usableFromInline let process: UInt64
        @usableFromInline let kind: UInt64
        @usableFromInline let rest: UInt64

        @inlinable
        @inline(__always)
        init(low: UInt64, high: UInt64, socket: UInt64, process: UInt64, kind: UInt64, rest: UInt64) {
            (self.low, self.high, self.socket) = (low, high, socket)
            (self.process, self.kind, self.rest) = (process, kind, rest)
        }

        /// That of no event.
        package static let none = Identity(low: 0, high: 0, socket: 0, process: 0, kind: 0, rest: .max)

        /// Whether errors matter and the event has not succeeded: then it is like no other.
        @inlinable package var isUnlikeAll: Bool { rest >> 32 != 0 }

        /// Whether two events are alike.
        @inlinable
        @inline(__always)
        package func isLike(_ other: Identity) -> Bool {
            (low ^ other.low) | (high ^ other.high) | (socket ^ other.socket) | (process ^ other.process)
                | (kind ^ other.kind) | (rest ^ other.rest) == 0
        }
    }
}
