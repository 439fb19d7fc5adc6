internal import ProbeContract
internal import ProbePlanning
internal import SocketEvents

/// What the trace must show of one call.
struct ExpectedEvent: Sendable {
    var call: KnownCall
    var alias: Alias
    /// Nil where the alias has no size.
    var size: Int64?
    var type: Int32
    /// AF_UNIX unless it says otherwise.
    var family: Int32 = 1
    /// AF_UNIX keeps none.
    var `protocol`: Int32 = 0
    /// Nil where kernels differ.
    var via: Route?
    /// 0 or -errno; nil where the alias has none.
    var err: Int32?
    /// Nil where it is not compared between whom it was.
    var ends: ExpectedEnds?

    /// It is one of the steps in a socket's life, which nobody sees who did not ask for them.
    fileprivate var isStep: Bool { KnownCalls.stepCalls.contains(call) }

    /// The kind of operation that its alias concludes.
    var kind: OperationKind {
        switch alias {
        case .receive: .receive
        case .create, .createReturn: .create
        case .close, .closeReturn: .close
        case .connected: .connect
        case .acceptReturn: .accept
        case .bindReturn: .bind
        case .listenReturn: .listen
        case .shutdownReturn: .shutdown
        default: .send
        }
    }
}

/// Holds the events of a dry run against the calls that were made.
struct SelfTestJudge {
    /// The probes that were in place.
    let plan: ProbePlan
    /// The aliases for which they were chosen.
    let aliases: AliasSet
    /// What the calls must have left.
    let expected: [ExpectedEvent]
    /// Calls that the kernel refused.
    let refused: Set<KnownCall>
    /// What was seen while they were made.
    let items: ContiguousArray<TraceItem>
    /// The thread that made them.
    let thread: Int32
    /// Whether the probes are to tell between whom things happen.
    var tellsEndpoints = false

    /// What became of each call that the aliases have to show.
    var outcomes: [SelfTestVerdict.Call] {
        var events: [TracedEvent] = []
        var hasLosses = false
        for item in items {
            switch item {
            case .event(let event): if event.tid == thread { events.append(event) }
            case .lost: hasLosses = true
            }
        }
        let wanted = wantedEvents
        return KnownCall.allCases.compactMap { call in
            let kinds = plan.operations(of: call, for: aliases)
            guard !kinds.isEmpty else { return nil }
            let own = wanted.filter { $0.call == call && kinds.contains($0.kind) }
            guard !own.isEmpty, !refused.contains(call), !hasLosses else { return .init(call, .unknown) }
            return .init(call, Self.outcome(of: own, outOf: wanted, among: events))
        }
    }

    /// What the probes can show of the calls.
    private var wantedEvents: [ExpectedEvent] {
        expected.compactMap { one in
            guard !one.isStep || aliases.contains(one.alias) else { return nil }
            var one = one
            if !tellsEndpoints || !plan.probesFunctions { one.ends = nil }
            if !plan.tellsRoutes { one.via = nil }
            // Where nobody asked for its result, a creation is seen only to begin.
            if one.alias == .createReturn, !aliases.contains(.createReturn) { one.alias = .create }
            return one
        }
    }

    private static func outcome(
        of expected: [ExpectedEvent], outOf all: [ExpectedEvent], among events: [TracedEvent]
    ) -> SelfTestVerdict.Outcome {
        var wrong: Set<String> = []
        var unknown: Set<String> = []
        for one in expected {
            // A message is known by its size; what has none by its kind, or, where that is unknown, only by number.
            let hasKinds = one.size == nil && events.contains { $0.alias == one.alias && $0.type != nil }
            let seen = events.filter {
                $0.alias == one.alias && (one.size == nil || $0.size == one.size)
                    && (one.err == nil || $0.err == one.err)
                    && (!hasKinds || $0.type == one.type && ($0.family ?? one.family) == one.family)
            }
            let count = all.count {
                $0.alias == one.alias && $0.size == one.size && $0.err == one.err
                    && (!hasKinds || $0.type == one.type && $0.family == one.family)
            }
            if seen.count < count { return .missed }
            if seen.count > count { return .doubled }
            for event in seen {
                wrong.formUnion(wrongFields(of: event.event, one))
                if one.via != nil, event.via == nil { unknown.insert("via") }
            }
            if let ends = one.ends, let own = ends.own(among: seen) {
                let differences = ends.compare(own)
                wrong.formUnion(differences.wrong)
                unknown.formUnion(differences.unknown)
            }
        }
        if !wrong.isEmpty { return .wrong(wrong.sorted()) }
        return unknown.isEmpty ? .exactlyOnce : .incomplete(unknown.sorted())
    }

    /// What the kernel does not tell is nil, and that is no fault of the probes.
    private static func wrongFields(of event: SocketEvent, _ expected: ExpectedEvent) -> [String] {
        var wrong: [String] = []
        if let family = event.family, family != expected.family { wrong.append("family") }
        if let type = event.type, type != expected.type { wrong.append("type") }
        if let number = event.protocol, number != expected.protocol { wrong.append("protocol") }
        if event.success == false, expected.err ?? 0 == 0 { wrong.append("success") }
        if let via = expected.via, let seen = event.via, seen != via { wrong.append("via") }
        if expected.kind != .create, event.socket == 0 { wrong.append("socket") }
        return wrong
    }
}
