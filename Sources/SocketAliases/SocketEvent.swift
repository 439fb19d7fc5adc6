/// One alias event. A property is nil where the traced kernel, or a trace with losses, could not tell it.
public struct SocketEvent: Sendable, Equatable {
    /// Which alias fired; `alias.arguments` says which of the properties below belong to it.
    public var alias: Alias
    /// Nanoseconds of the trace clock: of the return for conclusions, of the entry for entries.
    public var time: UInt64
    /// The CPU that wrote the record.
    public var cpu: UInt32
    /// The thread.
    public var tid: Int32
    /// The process (thread group).
    public var pid: Int32?
    /// The thread's name at that moment.
    public var comm: TaskName?

    /// Address of the kernel's `struct socket`.
    public var socket: UInt64?
    /// Bytes: asked for at an entry; moved, or the negative error number, at a conclusion.
    public var size: Int64?
    public var `protocol`: Int32?
    public var family: Int32?
    public var state: Int32?
    public var type: Int32?
    /// The raw word `socket.flags`; `SocketFlagNames` says what its bits mean on the traced kernel.
    public var flags: UInt64?
    /// Who asked for a new socket: 1 the kernel, 0 user space.
    public var requester: Int32?
    /// Result of a creation: 0 or the negative error number.
    public var err: Int32?
    public var success: Bool?
    public var via: Route?
    /// Nanoseconds from entry to return.
    public var duration: UInt64?

    public init(alias: Alias, time: UInt64, cpu: UInt32, tid: Int32) {
        self.alias = alias
        self.time = time
        self.cpu = cpu
        self.tid = tid
    }

    /// The positive error number of a failed operation.
    public var errorNumber: Int32? {
        guard success == false else { return nil }
        // Wrapping: a damaged trace can hold the most negative number, which has no positive twin.
        if let err { return 0 &- err }
        return size.map { Int32(truncatingIfNeeded: 0 &- $0) }
    }
}

/// The way a message took through the kernel.
public enum Route: UInt8, CaseIterable, Sendable {
    case sendmsg
    case aioWrite
    case writev
    case sendpage
    case splice
    case recvmsg
    case aioRead
    case readv

    /// As events carry it, for example `aio_write`.
    public var name: StaticString {
        switch self {
        case .sendmsg: "sendmsg"
        case .aioWrite: "aio_write"
        case .writev: "writev"
        case .sendpage: "sendpage"
        case .splice: "splice"
        case .recvmsg: "recvmsg"
        case .aioRead: "aio_read"
        case .readv: "readv"
        }
    }
}

/// What a trace yields, in time order: events, and the places where records are missing between them.
public enum TraceItem: Sendable, Equatable {
    case event(SocketEvent)
    /// The kernel dropped records of this CPU before the next item; count is nil where it does not say how many.
    case lost(cpu: UInt32, count: UInt64?)
}
