/// Which tasks' operations are of interest.
public struct TaskScope: Sendable {
    /// Threads of these processes are of interest, whole system if nil.
    public var processes: Set<Int32>?
    /// Children of processes of interest are of interest, too.
    public var followsChildren: Bool
    /// The tracer's own process: never of interest.
    package var tracer: Int32?
    /// The children of the tracer's process are of interest: it started the command that is traced.
    package var followsTracersChildren: Bool
    /// The command that the tracer started, where its number was noted: its birth may be missing.
    var command: Int32?
    /// The kernel was told to leave others out: a task of which nothing is known is of interest.
    var othersAreLeftOut = false

    /// The whole system unless told otherwise.
    public init(
        processes: Set<Int32>? = nil, followsChildren: Bool = false, tracer: Int32? = nil,
        followsTracersChildren: Bool = false
    ) {
        self.init(
            processes: processes, followsChildren: followsChildren, tracer: tracer,
            followsTracersChildren: followsTracersChildren, command: nil)
    }

    package init(
        processes: Set<Int32>?, followsChildren: Bool, tracer: Int32?, followsTracersChildren: Bool, command: Int32?,
        othersAreLeftOut: Bool = false
    ) {
        self.processes = processes
        self.followsChildren = followsChildren
        self.tracer = tracer
        self.followsTracersChildren = followsTracersChildren
        self.command = command
        self.othersAreLeftOut = othersAreLeftOut
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

    /// The verdict for a task whose birth was not seen.
    func verdict(tid: Int32, tgid: Int32) -> Verdict {
        // What interrupts do is nobody's.
        if othersAreLeftOut, tgid == 0, tid > 0 { return .included }
        if followsTracersChildren, tgid != 0, tgid == command { return .included }
        return verdict(ofProcess: tgid)
    }

    private func verdict(ofProcess tgid: Int32) -> Verdict {
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
        // Not the command's number again: who has it now is another.
        return verdict(ofProcess: tgid)
    }
}
