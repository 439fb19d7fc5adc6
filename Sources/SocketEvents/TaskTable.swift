internal import BasicContainers
internal import Interning

/// What is known of one task (thread) of the traced machine.
struct TaskState: Sendable {
    let tid: Int32
    /// Which of the two below are known, as the task's events have it.
    private(set) var known: Alias.Arguments = []
    /// The process; 0 where unknown.
    var tgid: Int32 = 0 {
        didSet { known = tgid != 0 ? known.union(.pid) : known.subtracting(.pid) }
    }
    private(set) var rawName = TaskName()
    /// The innermost open frame, or -1.
    var top: Int32 = -1
    /// How many frames are open.
    var depth: UInt8 = 0
    /// The number of losses known when the open frames were last known to be all that there are.
    var stackKnownAt: UInt64 = 0
    var scope: TaskScope.Verdict = .undecided
    /// The trace has its birth, and so all that it did.
    var isBornInTrace = false
    /// The last thing this task did was to return from a function whose entry was not seen.
    var isOrphaned = false

    init(tid: Int32) { self.tid = tid }

    @inline(__always)
    mutating func isInScope(_ scope: borrowing TaskScope) -> Bool {
        if self.scope == .undecided { self.scope = scope.verdict(tgid: tgid) }
        return self.scope == .included
    }

    /// The thread's name, where it is known.
    var name: TaskName? {
        get { known.contains(.comm) ? rawName : nil }
        set {
            rawName = newValue ?? TaskName()
            known = newValue != nil ? known.union(.comm) : known.subtracting(.comm)
        }
    }
}

/// The tasks of the traced machine, found by a key: no allocation once a task is known.
struct TaskTable: ~Copyable, Sendable {
    private var table = Interner<TaskKey>()
    private var tasks = UniqueArray<TaskState>()

    /// Tells threads, and what else writes records, apart.
    private struct TaskKey: InternerKey {
        var number: Int64
        // Multiplicative hashing: neighbouring thread ids must not cluster.
        func hash(_ multiplier: UInt64) -> UInt64 { (UInt64(bitPattern: number) &* multiplier) >> 32 }
    }

    var count: Int { tasks.count }

    subscript(index: Int) -> TaskState {
        @inline(__always) _read { yield tasks[index] }
        @inline(__always) _modify { yield &tasks[index] }
    }

    /// The index of the task with a key, made known if it is new.
    @inline(__always)
    mutating func index(ofKey key: Int64, tid: Int32) -> Int {
        let index = table.index(of: TaskKey(number: key))
        if index == tasks.count { tasks.append(TaskState(tid: tid)) }
        return index
    }
}

/// Which tasks' operations are of interest.
public struct TaskScope: Sendable {
    /// Threads of these processes are of interest, whole system if nil.
    public var processes: Set<Int32>?
    /// Children of processes of interest are of interest, too.
    public var followsChildren: Bool
    /// The tracer's own process: never of interest.
    public var tracer: Int32?
    /// The children of the tracer's process are of interest: it started the command that is traced.
    public var followsTracersChildren: Bool

    /// The whole system unless told otherwise.
    public init(
        processes: Set<Int32>? = nil, followsChildren: Bool = false, tracer: Int32? = nil,
        followsTracersChildren: Bool = false
    ) {
        self.processes = processes
        self.followsChildren = followsChildren
        self.tracer = tracer
        self.followsTracersChildren = followsTracersChildren
    }

    /// Everything on the machine but the tracer itself.
    public static func wholeSystem(tracer: Int32? = nil) -> TaskScope {
        TaskScope(tracer: tracer)
    }

    /// Whether a task's operations are of interest.
    enum Verdict: UInt8, Sendable {
        case undecided
        case included
        case excluded
    }

    private var isWholeSystem: Bool { processes == nil && !followsTracersChildren }

    /// The verdict for a task of which only its process is known.
    func verdict(tgid: Int32) -> Verdict {
        if tgid != 0, tgid == tracer { return .excluded }
        if isWholeSystem { return .included }
        if tgid != 0, let processes, processes.contains(tgid) { return .included }
        return .excluded
    }

    /// The verdict for a task that was seen to be born.
    func verdict(tgid: Int32, parent: Verdict, parentTgid: Int32, isThread: Bool) -> Verdict {
        if isThread { return parent }
        if followsTracersChildren, parentTgid != 0, parentTgid == tracer { return .included }
        if parent == .included, followsChildren || followsTracersChildren { return .included }
        return verdict(tgid: tgid)
    }
}
