public import BasicContainers

/// What a trace yields, in time order: events, and the places where records are missing between them.
public enum TraceItem: Sendable, Equatable {
    case event(SocketEvent)
    /// The kernel dropped records of this CPU before the next item; count is nil where it does not say how many.
    case lost(cpu: UInt32, count: UInt64?)
}

/// Items of a trace, in time order, in memory that is used again and again.
///
/// Events lie one behind the other and are written where they lie; losses, of which there are few, are beside them.
public struct TraceBatch: ~Copyable, Sendable {
    @usableFromInline package var events: UniqueArray<SocketEvent>
    @usableFromInline package var eventCount = 0
    @usableFromInline var losses = UniqueArray<Loss>()

    /// Records that the kernel dropped.
    public struct Loss: Sendable {
        /// How many events come before it.
        public let position: Int
        /// Whose buffer they are missing from.
        public let cpu: UInt32
        /// Nil where the kernel does not say.
        public let count: UInt64?
    }

    /// An empty batch with room for so many events; it grows when it must.
    public init(capacity: Int = 0) {
        events = UniqueArray(repeating: Self.blank, count: capacity)
    }

    private static var blank: SocketEvent { SocketEvent(alias: .send, time: 0, cpu: 0, tid: 0) }

    /// How many items it holds.
    @inlinable public var count: Int { eventCount + losses.count }

    /// Whether it holds nothing.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// Drops the contents and keeps the memory.
    public mutating func clear() {
        eventCount = 0
        losses.removeAll(keepingCapacity: true)
    }

    /// Calls with each item in order.
    @inlinable
    @inline(__always)
    public func visit(_ event: (borrowing SocketEvent) -> Void, lost: (Loss) -> Void) {
        var next = 0
        for index in losses.indices {
            while next < losses[index].position {
                event(events[next])
                next += 1
            }
            lost(losses[index])
        }
        while next < eventCount {
            event(events[next])
            next += 1
        }
    }

    /// Calls with each event, to be changed.
    public mutating func update(_ body: (inout SocketEvent) -> Void) {
        for index in 0..<eventCount { body(&events[index]) }
    }

    /// A copy of what it holds.
    public var items: ContiguousArray<TraceItem> {
        var items: ContiguousArray<TraceItem> = []
        items.reserveCapacity(count)
        visit {
            items.append(.event(copy $0))
        } lost: {
            items.append(.lost(cpu: $0.cpu, count: $0.count))
        }
        return items
    }

    /// The place of one more event, which holds another's values.
    @inline(__always)
    mutating func add() -> Int {
        if eventCount == events.count { events.append(Self.blank) }
        eventCount += 1
        return eventCount - 1
    }

    mutating func addLoss(cpu: UInt32, count: UInt64?) {
        losses.append(Loss(position: eventCount, cpu: cpu, count: count))
    }
}
