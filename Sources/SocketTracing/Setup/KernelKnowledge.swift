package import KernelLayout
package import ProbePlanning
package import SocketEvents
internal import TraceFS

/// What is known of the running kernel: what it says of itself, and what experiments showed besides. Probe plans are made
/// from it.
package struct KernelKnowledge: Sendable {
    /// What the kernel says of itself.
    package let survey: KernelSurvey
    /// Where the fields of its sockets are, as far as that is known.
    package let layout: StructLayout
    /// The protocols' own functions.
    package let protocols: ProtocolFunctions
    /// Nanoseconds that the experiments took; nil without any.
    package let calibrationTime: UInt64?
    /// Its functions, those among them that only the protocols' tables name.
    private let symbols: KernelSymbols

    init(_ survey: KernelSurvey, layout: StructLayout, protocols found: ProtocolFunctions?, calibrationTime: UInt64?) {
        self.survey = survey
        self.layout = layout
        self.calibrationTime = calibrationTime
        let overrides = survey.overrides
        let known = overrides.hidesProtocolNames ? ProtocolFunctions(sending: [], receiving: []) : .known
        protocols = known.joined(with: found)
        var symbols = survey.symbols
        for function in (found?.sending ?? []) + (found?.receiving ?? [])
        where !overrides.absent.contains(function.symbol) {
            symbols.add(function.symbol)
        }
        self.symbols = symbols
    }

    /// Learns what there is to know of the running kernel. Where experiments are needed, probes are in place for a moment.
    package static func current(
        offsets: OffsetSource = .auto, overrides: KernelOverrides = KernelOverrides(),
        cancellation: SetupCancellation = .never
    ) throws(TracingError) -> KernelKnowledge {
        let boost = PriorityBoost.begin()
        defer { boost.end() }
        let survey = try KernelSurvey(overrides: overrides, cancellation: cancellation)
        // Whoever may not write learns it from the trace; for `list` and `doctor` the rest is worth telling.
        return try LayoutSource(offsets).learn(from: survey, bufferKilobytes: 0).leave()
    }

    /// What is fetched of each socket, and how.
    package struct Fetching: Sendable {
        /// The records are for nobody but us to read.
        package var packsFields = false
        /// Between whom it was.
        package var tellsEndpoints = false
        /// What else somebody wants to know.
        package var details: Set<OptionalField> = []

        package init() {}
    }

    /// The plan for some aliases on this kernel.
    /// - Parameters:
    ///   - silent: functions that were proven not to fire.
    ///   - unseen: call paths that were proven not to be seen.
    ///   - fetching: what is fetched of each socket.
    package func plan(
        for aliases: AliasSet, silent: Set<String> = [], unseen: Set<CallPath> = [], fetching: Fetching = Fetching()
    ) throws(TracingError) -> ProbePlan {
        let top = survey.directory.top
        var request = PlanRequest(
            symbols: symbols, layout: layout, convention: survey.convention,
            hasMaxActive: survey.capabilities.has(.maxActive), aliases: aliases, silent: silent)
        request.unseen = unseen
        request.protocols = protocols
        request.packsFields = fetching.packsFields
        request.tellsEndpoints = fetching.tellsEndpoints
        request.details = fetching.details
        guard survey.capabilities.has(.kernelProbes) else { return try planWithoutKprobes(for: request) }
        var plan = ProbePlan(for: request)
        plan.tracepoints.removeAll { !top.has("events/\($0)") }
        guard !plan.probes.isEmpty else { throw .noProbes(aliases: aliases.members.map { "\($0.name)" }) }
        return plan
    }

    private func planWithoutKprobes(for request: PlanRequest) throws(TracingError) -> ProbePlan {
        let top = survey.directory.top
        func plan(for request: PlanRequest) -> ProbePlan? {
            ProbePlan.tracepoints(
                for: request, hasEventProbes: survey.capabilities.has(.eventProbes),
                hasEvent: { top.has("events/\($0)") })
        }
        if let plan = plan(for: request) { return plan }
        let release = survey.facts.release
        var messages = request
        messages.aliases = AliasSet([.send, .receive])
        guard plan(for: messages) != nil else { throw .noKernelProbes(release: release) }
        throw .needsKernelProbes(release: release, aliases: request.aliases.members.map { "\($0.name)" })
    }
}
