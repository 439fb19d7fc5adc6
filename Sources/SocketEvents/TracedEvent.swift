/// An event by itself, with what its batch has beside it. The properties of both are its own.
@dynamicMemberLookup
public struct TracedEvent: Sendable, Equatable {
    /// What happened.
    public var event: SocketEvent
    /// Who the socket is, and between whom it was; nil where nothing of it is known.
    public var details: EventDetails?

    /// An event and what is known beside it.
    package init(_ event: SocketEvent, _ details: EventDetails? = nil) {
        self.event = event
        self.details = details
        self.event.details = -1
    }

    /// A property of the event.
    public subscript<Value>(dynamicMember path: KeyPath<SocketEvent, Value>) -> Value { event[keyPath: path] }

    /// A property of the details.
    public subscript<Value>(dynamicMember path: KeyPath<EventDetails, Value?>) -> Value? {
        details.flatMap { $0[keyPath: path] }
    }
}

extension TraceItem {
    /// An event of which no details are known.
    package static func plain(_ event: SocketEvent) -> TraceItem { .event(TracedEvent(event)) }
}
