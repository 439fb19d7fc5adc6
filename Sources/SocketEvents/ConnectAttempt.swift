internal import BasicContainers

/// An attempt to connect that goes on behind the back of the call that began it: its outcome comes from whatever task and
/// CPU, and is shown as that of the task that called.
struct ConnectAttempt: Sendable {
    /// When the call was entered.
    var time: UInt64 = 0
    var tid: Int32 = 0
    var process: Int32 = 0
    var name = TaskName()
    /// Which of process and name are known.
    var knownOfTask: Alias.Arguments = []
    /// What the call's record said of the socket.
    var facts = SocketFields()
    /// The address asked for.
    var hasAddress = false
    var address = SocketAddress()
    /// The descriptor that the call was given; -1 where that is not known.
    var descriptor: Int32 = -1
    /// The call that began it has not returned; an outcome waits for it.
    var isInCall = true
    /// The outcome that came meanwhile: when, and an error number as a call returns it; nil error where nobody knows it.
    var outcome: Outcome?

    /// How an attempt ended.
    struct Outcome: Sendable {
        var time: UInt64
        /// That was the moment; else it was before it.
        var isTimeKnown = true
        /// 0, or the negative error number; nil where its owner gave it up.
        var error: Int32?
        var tcpState: UInt8
    }
}

/// Attempts under way, in slots that are used again: as many as sockets that are connecting at one time.
struct AttemptPool: ~Copyable, Sendable {
    private var attempts = UniqueArray<ConnectAttempt>()
    private var free: ContiguousArray<Int32> = []

    subscript(index: Int32) -> ConnectAttempt {
        _read { yield attempts[Int(index)] }
        _modify { yield &attempts[Int(index)] }
    }

    var count: Int { attempts.count - free.count }

    mutating func add(_ attempt: ConnectAttempt) -> Int32 {
        if let index = free.popLast() {
            attempts[Int(index)] = attempt
            return index
        }
        attempts.append(attempt)
        return Int32(truncatingIfNeeded: attempts.count - 1)
    }

    mutating func release(_ index: Int32) { free.append(index) }

    mutating func removeAll() {
        attempts.removeAll(keepingCapacity: true)
        free.removeAll(keepingCapacity: true)
    }
}
