internal import KernelLayout
internal import ProbeContract

/// Event probes: they follow the pointers in the kernel's own events, where it takes no kprobes.
extension Planner {
    /// Event probes for one of the kernel's events; empty where they would add nothing to it.
    func eventProbes(on event: String) -> [ProbeDefinition] {
        let probes: [ProbeDefinition?] =
            switch event {
            case MessageEvent.sent.rawValue: [messageProbe(on: event, .messageSent)]
            case MessageEvent.received.rawValue: [messageProbe(on: event, .messageReceived)]
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

    /// An event probe copies no more of an array than fits into a word, so IPv6 addresses are fetched from the sock.
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

    /// Tells which socket connects. At other changes of state a sock may have no socket.
    private func connectionProbe() -> ProbeDefinition? {
        let fetched = sockArguments(Expression(text: "$skaddr"), .wholeConnection)
        guard fetched.count > 1 else { return nil }
        return ProbeDefinition(
            on: KernelEvent.tcpState.rawValue, if: "newstate == \(Self.synSent)", .connecting, arguments: fetched)
    }

    /// TCP_SYN_SENT (include/net/tcp_states.h).
    private static var synSent: Int { 2 }
}
