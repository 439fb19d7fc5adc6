/// Pairs the entries of probed functions with their returns, and tells the operations that they make up.
///
/// Per task there is a small stack of the probed functions that the task is in. The outermost frame on a socket is the
/// operation; frames inside it on the same socket only add what the outer one does not know. So a message counts once,
/// however many probed functions it passes, and its result is that of the outermost function.
///
/// Of tasks it knows only the one that it is handed, whose place in the table so is found but once a record.
struct Pairing: ~Copyable, Sendable {
    var statistics = DecodeStatistics()
    var frames = FramePool()
    var sockets = SocketTable()
    /// Attempts to connect that are under way.
    var attempts = AttemptPool()
    /// Events say between whom they were.
    var tellsEndpoints = false
    /// Somebody looks at the ends of messages.
    var showsEnds = true
    /// Records say where datagrams of each family go to.
    var tellsDestinations = (ipv4: false, ipv6: false, unix: false)
    /// There are records of connect(2).
    var tellsConnects = false
    /// No function shows that sockets are closed, only TCP's changes of state that connections end.
    var tellsEnds = false
    /// There are records of TCP's changes of state.
    var tellsStates = false
    /// There are records of calls that say by which descriptor.
    var tellsDescriptors = false
    /// The aliases to emit.
    let wanted: AliasSet
    /// Operations of which an alias is wanted that tells their beginning.
    let toldEntries: OperationKindSet
    /// Operations of which an alias is wanted that tells their end, other than the message itself.
    let toldReturns: OperationKindSet
    /// Operations entered earlier are not told but for tasks born in the trace.
    let begin: UInt64

    /// Losses begun so far; a frame entered before the latest may have lost its return.
    var losses: UInt64 = 0
    /// Streams whose records are missing between the last one seen and the next.
    var openLosses = 0

    init(_ wanted: AliasSet, begin: UInt64) {
        self.wanted = wanted
        toldEntries = OperationKindSet { !wanted.isDisjoint(with: $0.entryAliases) }
        toldReturns = OperationKindSet { !wanted.isDisjoint(with: $0.returnAliases) }
        self.begin = begin
    }

    /// Closes what a task has open at the end of the trace.
    mutating func finish(_ task: inout TaskState) {
        while task.top >= 0 {
            let top = task.top
            if frames[top].operation == top, !lacksSocket(top) { statistics.unfinished += 1 }
            pop(&task)
        }
    }

    /// The operation that began with this frame has not reached a socket.
    @inline(__always)
    func lacksSocket(_ place: Int32) -> Bool {
        frames[place].function.learnsSocket && !frames[place].facts.known.contains(.socket)
    }

    @inline(__always)
    func beganBeforeTrace(_ time: UInt64, _ task: borrowing TaskState) -> Bool {
        !task.isBornInTrace && time < begin
    }

    @inline(__always)
    mutating func pop(_ task: inout TaskState) {
        let top = task.top
        task.top = frames[top].below
        task.depth &-= 1
        frames.release(top)
    }
}
