public import SocketEvents

/// Which of a trace's events are wanted. Every part that is set must hold.
///
/// Of `scope` and `filter` the kernel does what it can; of a recording, what is not set is as its recorder was asked.
public struct EventSelection: Sendable {
    /// The tasks whose operations are wanted.
    public var scope = TaskScope()
    /// What the events must be like; nil for anything, or for what the recorder of a recording was asked to show.
    public var filter: EventFilter?
    /// When they must have been written.
    public var window = TimeWindow()
    /// The CPUs that wrote them; nil for all.
    public var cpus: CPUList?
    /// The users, by number; nil for all. Of a live trace they are the effective users of the processes: /proc is asked while
    /// it runs, and a process that ended before that belongs to nobody known. Of a recording they are the owners of the
    /// sockets: who made or accepted them.
    public var users: Set<UInt32>?

    /// Everything.
    public init() {}
}

/// From one time of the trace clock to another, in nanoseconds, both included.
///
/// What lies outside is decoded all the same: an operation that began before the window and ended in it is shown in full.
public struct TimeWindow: Sendable, Equatable {
    /// The first moment.
    public var since: UInt64 = 0
    /// The last moment.
    public var until: UInt64 = .max

    /// From the beginning to the end.
    public init() {}
}
