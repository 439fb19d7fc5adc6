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

    /// The kind of operation that its alias concludes.
    var kind: OperationKind {
        switch alias {
        case .receive: .receive
        case .create, .createReturn: .create
        case .close, .closeReturn: .close
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

    /// What became of each call that the aliases have to show.
    var outcomes: [SelfTestVerdict.Call] {
        var events: [SocketEvent] = []
        var hasLosses = false
        for item in items {
            switch item {
            case .event(let event): if event.tid == thread { events.append(event.event) }
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
        expected.map { one in
            var one = one
            if !plan.tellsRoutes { one.via = nil }
            // Where nobody asked for its result, a creation is seen only to begin.
            if one.alias == .createReturn, !aliases.contains(.createReturn) { one.alias = .create }
            return one
        }
    }

    private static func outcome(
        of expected: [ExpectedEvent], outOf all: [ExpectedEvent], among events: [SocketEvent]
    ) -> SelfTestVerdict.Outcome {
        var wrong: Set<String> = []
        var isRouteUnknown = false
        for one in expected {
            // A message is known by its size; what has none by its type, or, where that is unknown, only by number.
            let hasTypes = one.size == nil && events.contains { $0.alias == one.alias && $0.type != nil }
            let seen = events.filter {
                $0.alias == one.alias && (one.size == nil || $0.size == one.size) && (!hasTypes || $0.type == one.type)
            }
            let count = all.count {
                $0.alias == one.alias && $0.size == one.size && (!hasTypes || $0.type == one.type)
            }
            if seen.count < count { return .missed }
            if seen.count > count { return .doubled }
            for event in seen {
                wrong.formUnion(wrongFields(of: event, one))
                if one.via != nil, event.via == nil { isRouteUnknown = true }
            }
        }
        if !wrong.isEmpty { return .wrong(wrong.sorted()) }
        return isRouteUnknown ? .incomplete(["via"]) : .exactlyOnce
    }

    /// What the kernel does not tell is nil, and that is no fault of the probes.
    private static func wrongFields(of event: SocketEvent, _ expected: ExpectedEvent) -> [String] {
        var wrong: [String] = []
        if let family = event.family, family != expected.family { wrong.append("family") }
        if let type = event.type, type != expected.type { wrong.append("type") }
        if let number = event.protocol, number != expected.protocol { wrong.append("protocol") }
        if event.success == false { wrong.append("success") }
        if let via = expected.via, let seen = event.via, seen != via { wrong.append("via") }
        if expected.kind != .create, event.socket == 0 { wrong.append("socket") }
        return wrong
    }
}
