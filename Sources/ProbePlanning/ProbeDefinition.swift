package import ProbeContract

/// One kprobe or kretprobe event, as tracefs' `dynamic_events` and `kprobe_events` take it.
package struct ProbeDefinition: Sendable, Equatable {
    /// The kernel function, by its name in a plan.
    package var symbol: String
    /// Where it is, as tracefs takes it: `FUNCTION`, `MODULE:FUNCTION`, `FUNCTION+DISTANCE`; nil where that is the symbol.
    package var place: String?
    /// The event that it makes.
    package var event: ProbeEventName
    /// What it fetches, in this order.
    package var arguments: [FetchArgument]
    /// How many calls of the function may be in flight at once before returns are missed; return probes only, and nil
    /// where the kernel does not let it be chosen.
    package var maxActive: Int?
    /// It fires when the function returns.
    package var isAtReturn = false

    /// A probe at a function; `maxActive` is for return probes.
    package init(
        symbol: String, at place: String? = nil, event: ProbeEventName, arguments: [FetchArgument],
        maxActive: Int? = nil
    ) {
        self.symbol = symbol
        self.place = place
        self.event = event
        self.arguments = arguments
        self.maxActive = maxActive
        isAtReturn = event.side == .return
    }

    /// The line that defines the event in a group.
    package func text(group: String) -> String {
        let kind = isAtReturn ? "r" + (maxActive.map(String.init) ?? "") : "p"
        let words = ["\(kind):\(group)/\(event.text)", place ?? symbol] + arguments.map(\.text)
        return words.joined(separator: " ")
    }

    /// Where the kernel does not take it, a trace can do without: of the protocols' own functions, which are as many as
    /// there are protocols, only what passes this one stays unseen, and what is missing of sockets is unknown.
    package var isDispensable: Bool {
        switch event {
        case .frame(let name): [.protoSendmsg, .protoRecvmsg].contains(name.role) || name.role.kind.isStep
        case .notice: true
        }
    }

    /// What it records may be a connection that is being accepted.
    package var tellsConnections: Bool { arguments.contains { $0.name == ProbeField.peersPeer } }
}

extension OperationKind {
    /// A step in a socket's life.
    fileprivate var isStep: Bool {
        switch self {
        case .connect, .accept, .bind, .listen, .shutdown: true
        case .send, .receive, .context, .create, .close: false
        }
    }
}
