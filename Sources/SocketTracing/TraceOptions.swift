public import SocketAliases

/// What to trace, and how.
public struct TraceOptions: Sendable {
    /// The aliases to tell.
    public var aliases: AliasSet = .standard
    /// Only these processes (whole system if nil).
    public var processes: Set<Int32>?
    /// Their children, too.
    public var followsChildren = false
    /// Only what the processes that this one starts do, and their descendants.
    public var onlyOwnChildren = false
    /// KiB of ring buffer a CPU.
    public var bufferKilobytes = 4096

    public init() {}
}
