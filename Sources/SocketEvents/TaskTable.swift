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
    /// The number of losses known when it was born.
    var bornAt: UInt64 = 0
    /// The last thing this task did was to return from a function whose entry was not seen.
    var isOrphaned = false
    /// It was seen to end: what it still does is to let go of what it holds.
    var hasEnded = false

    init(tid: Int32) { self.tid = tid }

    @inline(__always)
    mutating func isInScope(_ scope: borrowing TaskScope) -> Bool {
        if self.scope == .undecided { self.scope = scope.verdict(tid: tid, tgid: tgid) }
        return self.scope == .included
    }

    /// Nothing is known of it any longer, but what it has open.
    mutating func doubt() {
        (tgid, name, scope, isBornInTrace) = (0, nil, .undecided, false)
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

/// The tasks of the traced machine, found by a key: no allocation once a task is known. It forgets those that ended, so it
/// is as large as what lived at one time.
struct TaskTable: ~Copyable, Sendable {
    private var table = SlotTable<TaskKey>()
    private var tasks = UniqueArray<TaskState>()
    /// Tasks that ended, in two halves of which the older one is forgotten when the younger one is full: a task closes its
    /// sockets behind the record of its end (do_exit in kernel/exit.c: exit_files comes after the tracepoint).
    private var ended: ContiguousArray<Int32> = []
    private var endedBefore: ContiguousArray<Int32> = []

    /// Tasks of a half.
    private static var endedLimit: Int { 512 }

    /// Tells threads, and what else writes records, apart.
    private struct TaskKey: InternerKey {
        var number: Int64
        // Multiplicative hashing: neighbouring thread ids must not cluster.
        func hash(_ multiplier: UInt64) -> UInt64 { (UInt64(bitPattern: number) &* multiplier) >> 32 }
    }

    /// Slots of tasks, some of which nobody has.
    var slots: Range<Int> { 0..<tasks.count }

    /// How many are known.
    var count: Int { table.count }

    subscript(index: Int) -> TaskState {
        @inline(__always) _read { yield tasks[index] }
        @inline(__always) _modify { yield &tasks[index] }
    }

    /// The slot of the task with a key, made known if it is new.
    @inline(__always)
    mutating func index(ofKey key: Int64, tid: Int32) -> Int {
        let (slot, isNew) = table.add(TaskKey(number: key))
        if isNew { begin(slot, tid: tid) }
        return slot
    }

    private mutating func begin(_ slot: Int, tid: Int32) {
        if slot == tasks.count { tasks.append(TaskState(tid: tid)) } else { tasks[slot] = TaskState(tid: tid) }
    }

    /// Notes that a task ended.
    mutating func end(_ slot: Int) {
        guard !tasks[slot].hasEnded, tasks[slot].tid > 0 else { return }
        tasks[slot].hasEnded = true
        ended.append(tasks[slot].tid)
    }

    /// So many have ended that those who ended first can be forgotten.
    @inline(__always)
    var isFullOfEnded: Bool { ended.count >= Self.endedLimit }

    /// Forgets tasks that ended: the older half of them, or all.
    /// - Parameter body: called with the slot of each, while the slot is still the task's.
    mutating func forgetEnded(all: Bool, _ body: (inout TaskState, Int) -> Void) {
        forget(endedBefore, body)
        if all { forget(ended, body) }
        swap(&ended, &endedBefore)
        if all { endedBefore.removeAll(keepingCapacity: true) }
        ended.removeAll(keepingCapacity: true)
    }

    private mutating func forget(_ tids: ContiguousArray<Int32>, _ body: (inout TaskState, Int) -> Void) {
        for tid in tids {
            let key = TaskKey(number: Int64(tid))
            // Born again meanwhile, or ended twice.
            guard let slot = table.slot(of: key), tasks[slot].hasEnded else { continue }
            body(&tasks[slot], slot)
            table.remove(key)
            tasks[slot] = TaskState(tid: 0)
        }
    }

    /// Doubts all that is known of the tasks whose numbers may have been given to others whose births are missing.
    ///
    /// The kernel gives out numbers in a ring (alloc_pid in kernel/pid.c), so they lie between those of the births that were
    /// seen before and behind the gap.
    /// - Parameter losses: tasks born since so many losses were seen are not meant.
    mutating func doubt(bornBetween first: Int32, and last: Int32, since losses: UInt64) {
        // Two CPUs write down their births in another order than the numbers were given.
        if last <= first, first - last < 1024 { return }
        for slot in tasks.indices
        where tasks[slot].tid > 0 && !(tasks[slot].isBornInTrace && tasks[slot].bornAt > losses) {
            let tid = tasks[slot].tid
            let isBetween = first < last ? tid > first && tid < last : tid > first || tid < last
            if isBetween { tasks[slot].doubt() }
        }
    }
}
