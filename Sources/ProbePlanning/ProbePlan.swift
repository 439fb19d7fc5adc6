public import KernelLayout
public import SocketEvents
public import ProbeContract

/// Which functions to probe on the running kernel, and what to fetch there.
public struct ProbePlan: Sendable, Equatable {
    /// What is to be installed.
    public var probes: [ProbeDefinition]
    /// Events that the kernel has of itself, `SYSTEM/EVENT`, where it takes no probes.
    public var tracepoints: [String] = []
    /// What was chosen for each role, in words, for `list` and `doctor`.
    public var choices: [Choice]
    /// Where the fields are that the probes fetch.
    public var layout: StructLayout

    /// One route and the functions that show it.
    public struct Choice: Sendable, Equatable {
        /// The calls that it stands for, such as `send, sendto`.
        public var route: String
        /// The functions that show it, none where nothing does.
        public var functions: [String]

        /// A route and what shows it.
        public init(route: String, functions: [String]) {
            self.route = route
            self.functions = functions
        }
    }
}

extension ProbePlan {
    /// Where the values of its events come from, in words.
    public var origin: String {
        tracepoints.isEmpty
            ? "field offsets \(layout.origin)"
            : "fields from the kernel's tracepoints (unknown: all but size, success, family, protocol)"
    }

    /// The plan for a kernel without kprobe events that has the tracepoints `sock_send_length` and `sock_recv_length`
    /// (since 6.3): messages with size, success, family and protocol, and creations by socket(2).
    /// - Parameter hasEvent: whether the kernel has an event, by its name `SYSTEM/EVENT`.
    /// - Returns: nil where the kernel has no event for any of the aliases.
    public static func tracepoints(for aliases: AliasSet, hasEvent: (String) -> Bool) -> ProbePlan? {
        let sources: [(alias: Alias, route: String, events: [String])] = [
            (.send, "messages sent", ["sock/sock_send_length"]),
            (.receive, "messages received", ["sock/sock_recv_length"]),
            (.createReturn, "create", ["syscalls/sys_enter_socket", "syscalls/sys_exit_socket"]),
        ]
        let found = sources.filter { aliases.contains($0.alias) && $0.events.allSatisfy(hasEvent) }
        guard !found.isEmpty else { return nil }
        var plan = ProbePlan(probes: [], choices: [], layout: StructLayout())
        plan.tracepoints = found.flatMap(\.events)
        plan.choices = found.map { .init(route: $0.route, functions: $0.events) }
        return plan
    }
}

/// What a plan is made for.
public struct PlanRequest: Sendable {
    /// The kernel's text symbols, from /proc/kallsyms.
    public var symbols: KernelSymbols
    /// Where the fields of sockets are, as far as that is known.
    public var layout: StructLayout
    /// How arguments are fetched.
    public var convention: CallingConvention
    /// The kernel's `maxactive` can be chosen (since 4.12).
    public var hasMaxActive: Bool
    /// The aliases that are wanted; they decide whether a return probe is needed.
    public var aliases: AliasSet
    /// Functions that exist and were proven not to fire where they should: dead copies that inlining left behind.
    public var silent: Set<String>
    /// Directions in which messages of callers inside the kernel were proven not to be seen: a function that they are to
    /// pass may be one that no system call passes, so that this says nothing of them.
    public var unseenKernelCallers: Set<OperationKind> = []
    /// The protocols' own functions.
    public var protocols = ProtocolFunctions.known
    /// Whether neighbouring members are fetched at once (``FieldPack``): it costs the traced call less, and other
    /// readers of the records see them less well.
    public var packsFields = false

    /// A request for all aliases, of a kernel of which nothing is known to be silent, unless told otherwise.
    public init(
        symbols: KernelSymbols, layout: StructLayout, convention: CallingConvention = .byNumber,
        hasMaxActive: Bool = true, aliases: AliasSet = .all, silent: Set<String> = []
    ) {
        self.symbols = symbols
        self.layout = layout
        self.convention = convention
        self.hasMaxActive = hasMaxActive
        self.aliases = aliases
        self.silent = silent
    }
}

extension ProbePlan {
    /// KRETPROBE_MAXACTIVE_MAX (kernel/trace/trace_kprobe.c). A thread that sleeps in recv holds an instance for as long
    /// as it sleeps, and an instance costs about a hundred bytes.
    public static let maxActive = 4096

    /// Chooses functions for every route that the wanted aliases need.
    public init(for request: PlanRequest) {
        var builder = PlanBuilder(request: request)
        builder.planSends()
        builder.planReceives()
        builder.planCreation()
        builder.planClosing()
        probes = builder.probes
        choices = builder.choices
        layout = request.layout
    }

    /// Does without a function that the kernel takes no probe on.
    public mutating func remove(_ symbol: String) {
        probes.removeAll { $0.symbol == symbol }
        for index in choices.indices { choices[index].functions.removeAll { $0 == symbol } }
    }
}
