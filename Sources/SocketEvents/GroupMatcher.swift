/// Whether two events agree in what somebody wants to know of them.
///
/// Members are taken as events keep them, without a branch: two events may be called unlike although neither knows the
/// member that differs, but never alike although they are not.
@usableFromInline
package struct GroupMatcher: Sendable {
    @usableFromInline let known: UInt64
    @usableFromInline let comm: UInt64
    @usableFromInline let socket: UInt64
    @usableFromInline let kind: UInt64
    @usableFromInline let pid: Int32
    @usableFromInline let type: Int32
    @usableFromInline let countsErrors: Bool

    /// - Parameter fields: what must agree; with `error`, only events that both succeeded are alike.
    package init(_ fields: Alias.Arguments) {
        let countsErrors = fields.contains(Alias.Arguments(.error))
        known = fields.rawValue | (countsErrors ? Alias.Arguments.success.rawValue : 0)
        pid = fields.contains(.pid) ? -1 : 0
        comm = fields.contains(.comm) ? .max : 0
        kind = Self.kind(
            family: fields.contains(.family) ? -1 : 0, protocol: fields.contains(.protocol) ? -1 : 0)
        type = fields.contains(.type) ? -1 : 0
        socket = fields.contains(.socket) ? .max : 0
        self.countsErrors = countsErrors
    }

    /// What an event has of it.
    package func identity(of event: borrowing SocketEvent) -> Identity {
        let (known, success) = (event.facts.known, event.rawSuccess)
        let succeeded = known.contains(.success) && success != 0
        return Identity(
            alias: event.rawAlias, known: known.rawValue & self.known, low: event.name.low & comm,
            high: event.name.high & comm, socket: event.facts.socket & socket, pid: event.rawPid & pid,
            kind: Self.kind(family: event.facts.family, protocol: event.facts.protocol) & kind,
            type: event.facts.type & type, isUnlikeAll: countsErrors && !succeeded)
    }

    /// Whether an event has of it what another had.
    @inlinable
    @inline(__always)
    package func isLike(_ event: borrowing SocketEvent, _ other: borrowing Identity) -> Bool {
        // One after the other: they nearly always agree, and all at once they would not find room in registers.
        guard event.rawAlias == other.alias, event.facts.known.rawValue & known == other.known else { return false }
        guard event.name.low & comm == other.low, event.name.high & comm == other.high else { return false }
        guard event.rawPid & pid == other.pid else { return false }
        let kind = Self.kind(family: event.facts.family, protocol: event.facts.protocol)
        guard kind & self.kind == other.kind, event.facts.type & type == other.type else { return false }
        guard event.facts.socket & socket == other.socket else { return false }
        // The other one succeeded, and whether this one did is known as well.
        if countsErrors { return event.rawSuccess != 0 }
        return true
    }

    /// Family and protocol lie side by side: as one number they are one to load and to compare.
    @inlinable
    @inline(__always)
    static func kind(family: Int32, protocol: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: family)) << 32 | UInt64(UInt32(bitPattern: `protocol`))
    }

    /// 0 for messages sent, 1 for those received; either for what is no message.
    @inlinable
    @inline(__always)
    package func direction(of event: borrowing SocketEvent) -> Int { Int(event.rawAlias & 1) }

    /// What events have in common that are alike.
    @usableFromInline
    package struct Identity: Sendable {
        @usableFromInline let alias: UInt8
        @usableFromInline let known: UInt64
        @usableFromInline let low: UInt64
        @usableFromInline let high: UInt64
        @usableFromInline let socket: UInt64
        @usableFromInline let pid: Int32
        @usableFromInline let kind: UInt64
        @usableFromInline let type: Int32
        /// Errors matter and the event has not succeeded: then it is like no other.
        @usableFromInline package let isUnlikeAll: Bool

        /// 0 for messages sent, 1 for those received.
        @usableFromInline package var direction: Int { Int(alias & 1) }

        /// That of no event.
        @usableFromInline package static let none = Identity(
            alias: .max, known: 0, low: 0, high: 0, socket: 0, pid: 0, kind: 0, type: 0,
            isUnlikeAll: true)
    }
}
