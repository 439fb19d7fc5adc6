/// What is known of one task (thread) of the traced machine.
struct TaskState: Sendable {
    let tid: Int32
    /// The process; 0 where unknown.
    var tgid: Int32 = 0
    var name: TaskName?
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
}

/// The tasks of the traced machine, found by a key in an open-addressed table: no allocation once a task is known.
struct TaskTable: Sendable {
    private var keys: ContiguousArray<Int64>
    private var slots: ContiguousArray<Int32>
    private var mask: Int
    /// Differs from run to run, so that no trace can be made whose ids all collide.
    private let multiplier = UInt64.random(in: 0 ... .max) | 1
    private(set) var tasks: ContiguousArray<TaskState> = []

    private static let free = Int64.min

    init() {
        let capacity = 1024
        keys = ContiguousArray(repeating: Self.free, count: capacity)
        slots = ContiguousArray(repeating: 0, count: capacity)
        mask = capacity - 1
    }

    subscript(index: Int) -> TaskState {
        get { tasks[index] }
        _modify { yield &tasks[index] }
    }

    /// The index of the task with a key, made known if it is new.
    mutating func index(ofKey key: Int64, tid: Int32) -> Int {
        var slot = home(of: key)
        while keys[slot] != Self.free {
            if keys[slot] == key { return Int(slots[slot]) }
            slot = (slot + 1) & mask
        }
        return insert(key, tid: tid, at: slot)
    }

    private mutating func insert(_ key: Int64, tid: Int32, at slot: Int) -> Int {
        let index = tasks.count
        tasks.append(TaskState(tid: tid))
        keys[slot] = key
        slots[slot] = Int32(truncatingIfNeeded: index)
        if tasks.count * 2 > keys.count { grow() }
        return index
    }

    private mutating func grow() {
        let old = (keys, slots)
        mask = keys.count * 2 - 1
        keys = ContiguousArray(repeating: Self.free, count: mask + 1)
        slots = ContiguousArray(repeating: 0, count: mask + 1)
        for position in old.0.indices where old.0[position] != Self.free {
            var slot = home(of: old.0[position])
            while keys[slot] != Self.free { slot = (slot + 1) & mask }
            keys[slot] = old.0[position]
            slots[slot] = old.1[position]
        }
    }

    private func home(of key: Int64) -> Int {
        // Multiplicative hashing: neighbouring thread ids must not cluster.
        Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* multiplier) >> 32) & mask
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
