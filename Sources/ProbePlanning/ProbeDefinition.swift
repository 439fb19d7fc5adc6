public import ProbeContract

/// One kprobe or kretprobe event, as tracefs' `dynamic_events` and `kprobe_events` take it.
public struct ProbeDefinition: Sendable, Equatable {
    /// The kernel function, by its name in a plan.
    public var symbol: String
    /// Where it is, as tracefs takes it: `FUNCTION`, `MODULE:FUNCTION`, `FUNCTION+DISTANCE`; nil where that is the symbol.
    public var place: String?
    /// The event that it makes.
    public var event: FrameEventName
    /// What it fetches, in this order.
    public var arguments: [FetchArgument]
    /// How many calls of the function may be in flight at once before returns are missed; return probes only, and nil
    /// where the kernel does not let it be chosen.
    public var maxActive: Int?

    /// A probe at a function; `maxActive` is for return probes.
    public init(
        symbol: String, at place: String? = nil, event: FrameEventName, arguments: [FetchArgument],
        maxActive: Int? = nil
    ) {
        self.symbol = symbol
        self.place = place
        self.event = event
        self.arguments = arguments
        self.maxActive = maxActive
    }

    /// The line that defines the event in a group.
    public func text(group: String) -> String {
        let kind = event.side == .return ? "r" + (maxActive.map(String.init) ?? "") : "p"
        let words = ["\(kind):\(group)/\(event.text)", place ?? symbol] + arguments.map(\.text)
        return words.joined(separator: " ")
    }
}
