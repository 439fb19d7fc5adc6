internal import SocketEvents
internal import KernelLayout
internal import ProbeContract

extension ProbePlan {
    /// The plan for a kernel without kprobe events that has the tracepoints `sock_send_length` and `sock_recv_length`
    /// (since 6.3): messages with size, success, family and protocol, creations by socket(2), and TCP connections made.
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

extension Planner {
    /// Probes on an event of the kernel's; none where they would tell no more than the event itself.
    fileprivate func eventProbes(on event: String) -> [ProbeDefinition] {
        let probes: [ProbeDefinition?] =
            switch event {
            case "sock/sock_send_length": [messageProbe(on: event, .messageSent)]
            case "sock/sock_recv_length": [messageProbe(on: event, .messageReceived)]
            case KernelEvent.tcpState.rawValue: stateProbe().map { [$0, connectionProbe()] } ?? []
            default: []
            }
        return probes.compactMap { $0 }
    }

    private func messageProbe(on event: String, _ notice: SocketNotice) -> ProbeDefinition? {
        let sock = Expression(text: "$sk")
        let fetched = sockArguments(sock, .wholeMessage)
        guard fetched.count > 1 else { return nil }
        let known = headArgument(sock) == nil ? [FetchArgument(ProbeField.family, "$family", "u16")] : []
        return ProbeDefinition(
            on: event, notice,
            arguments: fetched + known + [
                FetchArgument(ProbeField.protocol, "$protocol", "u16"), FetchArgument(ProbeField.result, "$ret", "s32"),
            ])
    }

    /// A probe on an event sees of an array of bytes as much as fits into a word, so IPv6 addresses are the sock's own.
    private func stateProbe() -> ProbeDefinition? {
        let sock = Expression(text: "$skaddr")
        guard let ipv6 = ipv6Argument(sock), let error = member(ProbeField.error, sock, .sockError, signed: true) else {
            return nil
        }
        let copied = [
            ("skaddr", request.convention.word), ("oldstate", "s32"), ("newstate", "s32"), ("sport", "u16"),
            ("dport", "u16"), ("family", "u16"), ("protocol", "u16"), ("saddr", "u32"), ("daddr", "u32"),
        ]
        return ProbeDefinition(
            on: KernelEvent.tcpState.rawValue, .tcpChanged,
            arguments: copied.map { FetchArgument($0.0, "$" + $0.0, $0.1) } + [ipv6, error])
    }

    /// Who connects: only then it is certain that the sock has a socket.
    private func connectionProbe() -> ProbeDefinition? {
        let fetched = sockArguments(Expression(text: "$skaddr"), .wholeConnection)
        guard fetched.count > 1 else { return nil }
        return ProbeDefinition(
            on: KernelEvent.tcpState.rawValue, if: "newstate == \(Self.synSent)", .connecting, arguments: fetched)
    }

    /// TCP_SYN_SENT (include/net/tcp_states.h).
    private static var synSent: Int { 2 }
}
