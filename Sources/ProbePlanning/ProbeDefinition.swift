package import ProbeContract

/// One kprobe, kretprobe or event probe, as tracefs' `dynamic_events` and `kprobe_events` take it.
package struct ProbeDefinition: Sendable, Equatable {
    /// What a probe is put on.
    package enum Kind: Sendable, Equatable {
        /// The entry of a function.
        case entry
        /// The return of a function.
        case `return`
        /// An event that the kernel has of itself (Documentation/trace/eprobetrace.rst).
        case event
    }

    package var kind = Kind.entry
    /// The kernel function, by its name in a plan; of an event its name, `SYSTEM/EVENT`.
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
    /// It fires where this holds, in the words of an event's filter; probes on events only.
    package var filter: String?

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
        if event.side == .return { kind = .return }
    }

    /// A probe on an event of the kernel's.
    package init(on event: String, if filter: String? = nil, _ notice: SocketNotice, arguments: [FetchArgument]) {
        self.init(symbol: event, event: .notice(NoticeEventName(notice)), arguments: arguments)
        self.filter = filter
        kind = .event
    }

    /// The line that defines the event in a group.
    package func text(group: String) -> String {
        let letter =
            switch kind {
            case .entry: "p"
            case .return: "r" + (maxActive.map(String.init) ?? "")
            case .event: "e"
            }
        let words = ["\(letter):\(group)/\(event.text)", place ?? symbol] + arguments.map(\.text)
        return (words + (filter.map { ["if", $0] } ?? [])).joined(separator: " ")
    }

    /// It records all that an event of the kernel's tells, and more.
    package var replacesEvent: Bool { kind == .event && filter == nil }

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
