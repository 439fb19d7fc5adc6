package import SocketEvents
internal import KernelLayout
internal import ProbeContract

extension ProbePlan {
    /// The plan for a kernel without kprobe events that has the tracepoints `sock_send_length` and `sock_recv_length`
    /// (since 6.3): messages with size, success, family and protocol, creations by socket(2), and TCP connections made.
    /// - Parameters:
    ///   - tellsEndpoints: with what becomes of TCP connections, by which messages of those that begin during the trace are
    ///     known to be between whom.
    ///   - hasEvent: whether the kernel has an event, by its name `SYSTEM/EVENT`.
    /// - Returns: nil where the kernel has no event for any of the aliases.
    package static func tracepoints(
        for aliases: AliasSet, tellsEndpoints: Bool = false, hasEvent: (String) -> Bool
    ) -> ProbePlan? {
        let sources: [(alias: Alias, callPath: String, events: [String])] = [
            (.send, "messages sent", ["sock/sock_send_length"]),
            (.receive, "messages received", ["sock/sock_recv_length"]),
            (.connected, "TCP connections made", ["sock/inet_sock_set_state"]),
            (.createReturn, "create", ["syscalls/sys_enter_socket", "syscalls/sys_exit_socket"]),
        ]
        let found = sources.filter { aliases.contains($0.alias) && $0.events.allSatisfy(hasEvent) }
        guard !found.isEmpty else { return nil }
        var plan = ProbePlan(probes: [], choices: [], layout: StructLayout())
        for event in found.flatMap(\.events) where !plan.tracepoints.contains(event) { plan.tracepoints.append(event) }
        plan.choices = found.map { .init(callPath: $0.callPath, functions: $0.events) }
        if tellsEndpoints, CallPath.tcpState.isNeeded(for: aliases) {
            let events = CallPath.tcpState.entry.kernelEvents.map(\.rawValue).filter(hasEvent)
            plan.tracepoints += events.filter { !plan.tracepoints.contains($0) }
            plan.choices.append(.init(callPath: CallPath.tcpState.entry.title, functions: events))
        }
        return plan
    }
}
