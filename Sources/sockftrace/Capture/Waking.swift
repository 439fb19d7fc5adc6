/// What wakes a capture that has nothing to do.
struct Waking {
    /// The descriptors of the CPUs' buffers, and of other input; empty where only signals and time wake it.
    var buffers: [Int32] = []
    /// When there is something to do at the latest, on the monotonic clock.
    var deadline: UInt64?
    /// How long after a record showed the buffers are emptied, nanoseconds: more will have come by then.
    var delay: UInt64 = 0

    /// The most time between two looks, nanoseconds: at what others did to the trace, and at what no buffer tells.
    static let longest: UInt64 = 1_000_000_000

    /// How long a person who watches waits for an event, and how long a burst fills the buffers: 4 MiB hold 50 ms of 800,000
    /// records a second on one CPU.
    static let tick: UInt64 = 50_000_000

    /// The first record wakes it, and what comes within a tick is taken together: an idle machine wakes nobody, a busy one 20
    /// times a second.
    static func onAnyRecord(_ buffers: [Int32]) -> Waking { Waking(buffers: buffers, delay: tick) }
}
