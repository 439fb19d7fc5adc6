internal import ProbePlanning
public import SocketEvents

/// Where the offsets of members of the kernel's structs come from.
public enum OffsetSource: String, Sendable, CaseIterable {
    /// The kernel's type information where there is some, else experiments.
    case auto
    /// Experiments: sockets of our own, whose memory is looked at.
    case calibrate
    /// The kernel's type information (/sys/kernel/btf/vmlinux), or an error.
    case btf
}

/// What to trace, and how.
public struct TraceOptions: Sendable {
    /// The aliases to tell.
    public var aliases: AliasSet = .standard
    /// Which of the events are wanted. The kernel records nothing else, as far as it can tell: processes, names of threads.
    public var selection = EventSelection()
    /// What a recording is to be shown of; noted in the file and handed back by `Replay`.
    package var notedFilters: [String] = []
    /// KiB of ring buffer a CPU.
    public var bufferKilobytes = 4096
    /// Where the offsets of struct members come from.
    public var offsets: OffsetSource = .auto
    /// Asked while the trace is set up.
    public var cancellation = SetupCancellation.never
    /// What the kernel is taken for, for tests.
    package var overrides = KernelOverrides()
    /// Whether the probes are trusted without making known calls first.
    package var skipsSelfTest = false
    /// Whether events say between whom they were: addresses, ports, names and inodes of sockets.
    public var tellsEndpoints = true
    /// What events say of their sockets besides.
    package var optionalFields: [OptionalField] = []
    /// Only sockets of some control groups are wanted.
    var asksForControlGroups: Bool { !(selection.filter?.cgroups.isEmpty ?? true) }
    /// What is fetched of each socket.
    var fetching: KernelKnowledge.Fetching {
        var fetching = KernelKnowledge.Fetching()
        fetching.packsFields = packsFields
        fetching.tellsEndpoints = tellsEndpoints
        fetching.details = Set(optionalFields)
        if asksForControlGroups { fetching.details.insert(.cgroup) }
        return fetching
    }
    /// Whether neighbouring members are fetched at once: for records that nobody else will read.
    var packsFields = false

    /// The standard aliases of the whole system.
    public init() {}

    /// Only these processes (whole system if nil).
    public var processes: Set<Int32>? {
        get { selection.scope.processes }
        set { selection.scope.processes = newValue }
    }

    /// Their children, too.
    public var followsChildren: Bool {
        get { selection.scope.followsChildren }
        set { selection.scope.followsChildren = newValue }
    }

    /// Only what the processes that this one starts do, and their descendants.
    public var onlyOwnChildren: Bool {
        get { selection.scope.followsTracersChildren }
        set { selection.scope.followsTracersChildren = newValue }
    }

    /// Only what threads of these names do (all if empty).
    var comms: [String] { selection.filter?.comms.map(\.description) ?? [] }
}
