internal import SocketEvents
internal import KernelLayout
internal import ProbeContract

extension ProbePlan {
    /// The plan for a kernel without kprobe events that has the tracepoints `sock_send_length` and `sock_recv_length`
    /// (since 6.3): messages with size, success, family and protocol, creations by socket(2), and TCP connections made and
    /// ended.
    /// Where it has event probes, and it is known where the fields of sockets are, messages tell of their sockets, too.
    /// - Parameters:
    ///   - request: of it aliases, layout, and what is to be fetched.
    ///   - hasEventProbes: whether the kernel takes probes on its own events (since 5.15).
    ///   - hasEvent: whether the kernel has an event, by its name `SYSTEM/EVENT`.
    /// - Returns: nil where the kernel has no event for any of the aliases.
    package static func tracepoints(
        for request: PlanRequest, hasEventProbes: Bool = false, hasEvent: (String) -> Bool
    ) -> ProbePlan? {
        let aliases = request.aliases
        let sources: [(alias: Alias, callPath: String, events: [String])] = [
            (.send, "messages sent", [MessageEvent.sent.rawValue]),
            (.receive, "messages received", [MessageEvent.received.rawValue]),
            (.connected, "TCP connections made", [KernelEvent.tcpState.rawValue]),
            (.close, "TCP connections ended", [KernelEvent.tcpState.rawValue]),
            (.createReturn, "create", SocketCallEvent.allCases.map(\.rawValue)),
        ]
        let found = sources.filter { aliases.contains($0.alias) && $0.events.allSatisfy(hasEvent) }
        guard !found.isEmpty else { return nil }
        var plan = ProbePlan(probes: [], choices: [], layout: StructLayout())
        for event in found.flatMap(\.events) where !plan.tracepoints.contains(event) { plan.tracepoints.append(event) }
        plan.choices = found.map { .init(callPath: $0.callPath, functions: $0.events) }
        if request.tellsEndpoints, CallPath.tcpState.isNeeded(for: aliases) {
            let events = CallPath.tcpState.entry.kernelEvents.map(\.rawValue).filter(hasEvent)
            plan.tracepoints += events.filter { !plan.tracepoints.contains($0) }
            plan.choices.append(.init(callPath: CallPath.tcpState.entry.title, functions: events))
        }
        if hasEventProbes { plan.probeEvents(for: request) }
        return plan
    }

    /// Puts probes in the place of the tracepoints that lead to a sock.
    private mutating func probeEvents(for request: PlanRequest) {
        let planner = Planner(fetchingFor: request)
        let probes = tracepoints.flatMap { planner.eventProbes(on: $0) }
        guard !probes.isEmpty else { return }
        self.probes = probes
        tracepoints.removeAll { event in probes.contains { $0.replacesEvent && $0.symbol == event } }
        layout = request.layout
    }
}
