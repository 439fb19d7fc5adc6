/// One alias event. A property is nil where the traced kernel, or a trace with losses, could not tell it.
///
/// Optionals are kept as plain numbers and one set of those that are known: an event takes 104 bytes instead of 160,
/// and making one from what was gathered at entry is a copy.
public struct SocketEvent: Sendable {
    /// Nanoseconds of the trace clock: of the return for conclusions, of the entry for entries.
    public var time: UInt64
    @usableFromInline var rawDuration: UInt64 = 0
    @usableFromInline var name = TaskName()
    @usableFromInline var facts = SocketFields()
    /// The CPU that wrote the record.
    public var cpu: UInt32
    /// The thread.
    public var tid: Int32
    @usableFromInline var rawPid: Int32 = 0
    @usableFromInline var rawErr: Int32 = 0
    // As numbers, lest an optional or enumeration around the event hides its own tag in their unused bits: then every
    // copy would have to mask them.
    @usableFromInline var rawAlias: UInt8
    @usableFromInline var rawVia: UInt8 = 0
    @usableFromInline var rawSuccess: UInt8 = 0
    /// `skc_state` of TCP; 0 where it is not known.
    @usableFromInline var rawTCPState: UInt8 = 0
    /// Where in its batch it is said who its socket is; -1 where nothing is known of that.
    @usableFromInline package var details: Int32 = -1

    /// Nothing is known but this.
    @inlinable
    package init(alias: Alias, time: UInt64, cpu: UInt32, tid: Int32) {
        rawAlias = alias.rawValue
        self.time = time
        self.cpu = cpu
        self.tid = tid
    }
}

extension SocketEvent {
    /// Which alias fired; `alias.arguments` says which of the properties below belong to it.
    @inlinable
    public var alias: Alias {
        get { Alias(rawValue: rawAlias) ?? .send }
        set { rawAlias = newValue.rawValue }
    }

    /// The process (thread group).
    @inlinable
    public var pid: Int32? {
        get { facts.known.contains(.pid) ? rawPid : nil }
        set {
            rawPid = newValue ?? 0
            note(.pid, newValue != nil)
        }
    }

    /// The thread's name at that moment.
    @inlinable
    public var comm: TaskName? {
        get { facts.known.contains(.comm) ? name : nil }
        set {
            name = newValue ?? TaskName()
            note(.comm, newValue != nil)
        }
    }

    /// Address of the kernel's `struct socket`.
    @inlinable
    public var socket: UInt64? {
        get { facts.known.contains(.socket) ? facts.socket : nil }
        set {
            facts.socket = newValue ?? 0
            note(.socket, newValue != nil)
        }
    }

    /// Bytes: asked for at an entry; moved, or the negative error number, at a conclusion.
    @inlinable
    public var size: Int64? {
        get { facts.known.contains(.size) ? facts.size : nil }
        set {
            facts.size = newValue ?? 0
            note(.size, newValue != nil)
        }
    }

    /// Protocol number.
    @inlinable
    public var `protocol`: Int32? {
        get { facts.known.contains(.protocol) ? facts.protocol : nil }
        set {
            facts.protocol = newValue ?? 0
            note(.protocol, newValue != nil)
        }
    }

    /// Address family.
    @inlinable
    public var family: Int32? {
        get { facts.known.contains(.family) ? facts.family : nil }
        set {
            facts.family = newValue ?? 0
            note(.family, newValue != nil)
        }
    }

    /// Socket state.
    @inlinable
    public var state: Int32? {
        get { facts.known.contains(.state) ? facts.state : nil }
        set {
            facts.state = newValue ?? 0
            note(.state, newValue != nil)
        }
    }

    /// Socket type.
    @inlinable
    public var type: Int32? {
        get { facts.known.contains(.type) ? facts.type : nil }
        set {
            facts.type = newValue ?? 0
            note(.type, newValue != nil)
        }
    }

    /// The raw word `socket.flags`; `SocketFlagNames` says what its bits mean on the traced kernel.
    @inlinable
    public var flags: UInt64? {
        get { facts.known.contains(.flags) ? facts.flags : nil }
        set {
            facts.flags = newValue ?? 0
            note(.flags, newValue != nil)
        }
    }

    /// Who asked for a new socket: 1 the kernel, 0 user space.
    @inlinable
    public var requester: Int32? {
        get { facts.known.contains(.requester) ? facts.requester : nil }
        set {
            facts.requester = newValue ?? 0
            note(.requester, newValue != nil)
        }
    }

    /// Result of a creation: 0 or the negative error number.
    @inlinable
    public var err: Int32? {
        get { facts.known.contains(.err) ? rawErr : nil }
        set {
            rawErr = newValue ?? 0
            note(.err, newValue != nil)
        }
    }

    /// Whether the operation succeeded.
    @inlinable
    public var success: Bool? {
        get { facts.known.contains(.success) ? rawSuccess != 0 : nil }
        set {
            rawSuccess = newValue == true ? 1 : 0
            note(.success, newValue != nil)
        }
    }

    /// The route of a message.
    @inlinable
    public var via: Route? {
        get { facts.known.contains(.via) ? Route(rawValue: rawVia) : nil }
        set {
            rawVia = newValue?.rawValue ?? 0
            note(.via, newValue != nil)
        }
    }

    /// Nanoseconds from entry to return.
    @inlinable
    public var duration: UInt64? {
        get { facts.known.contains(.duration) ? rawDuration : nil }
        set {
            rawDuration = newValue ?? 0
            note(.duration, newValue != nil)
        }
    }

    /// Bytes moved: none by an operation that failed. Only of conclusions of messages.
    @inlinable
    public var bytes: UInt64? {
        guard let success else { return nil }
        return success ? size.map { UInt64(clamping: $0) } : 0
    }

    /// TCP's state, by its number (include/net/tcp_states.h): of a conclusion the one then, or when it began.
    @inlinable
    public package(set) var tcpState: UInt8? {
        get { rawTCPState == 0 ? nil : rawTCPState }
        set { rawTCPState = newValue ?? 0 }
    }

    /// The backlog of listen(2), kept where others have their size.
    @inlinable
    public var backlog: Int32? { facts.known.contains(.backlog) ? Int32(truncatingIfNeeded: facts.size) : nil }

    /// The manner of shutdown(2): 0 for receiving, 1 for sending, 2 for both; kept where others have their size.
    @inlinable
    public var how: Int32? { facts.known.contains(.how) ? Int32(truncatingIfNeeded: facts.size) : nil }

    /// Makes it another event, of which nothing is known but this.
    @inline(__always)
    mutating func begin(_ alias: Alias, _ time: UInt64, cpu: UInt32, tid: Int32) {
        self.time = time
        self.cpu = cpu
        rawAlias = alias.rawValue
        self.tid = tid
        details = -1
        rawTCPState = 0
    }

    /// The positive error number of a failed operation.
    @inlinable
    public var errorNumber: Int32? {
        guard success == false else { return nil }
        // Wrapping: a damaged trace can hold the most negative number, which has no positive twin.
        if let err { return 0 &- err }
        return size.map { Int32(truncatingIfNeeded: 0 &- $0) }
    }

    @inlinable
    mutating func note(_ member: Alias.Arguments, _ isKnown: Bool) {
        if isKnown { facts.known.insert(member) } else { facts.known.remove(member) }
    }
}
