public import BasicContainers

/// What a trace yields, in time order: events, and the places where records are missing between them.
public enum TraceItem: Sendable, Equatable {
    case event(TracedEvent)
    /// The kernel dropped records of this CPU before the next item; count is nil where it does not say how many.
    case lost(cpu: UInt32, count: UInt64?)
}

/// Items of a trace, in time order, in memory that is used again and again.
///
/// Events lie one behind the other and are written where they lie; losses, of which there are few, are beside them.
public struct TraceBatch: ~Copyable, Sendable {
    @usableFromInline package var events: UniqueArray<SocketEvent>
    /// How many events it holds.
    @usableFromInline package var eventCount = 0
    @usableFromInline var losses = UniqueArray<Loss>()
    /// Who the sockets of the events are, and between whom: what several events may share.
    @usableFromInline package var details = UniqueArray<EventDetails>()
    @usableFromInline package var detailsCount = 0
    /// Tells its contents from those that it had before, and from other batches' of the same decoder.
    package var serial: UInt64 = 0

    /// Records that the kernel dropped.
    @usableFromInline package struct Loss: Sendable, Equatable {
        /// How many events come before it.
        @usableFromInline package let position: Int
        /// Whose buffer they are missing from.
        package let cpu: UInt32
        /// Nil where the kernel does not say.
        package let count: UInt64?

        /// Records of a CPU that are missing behind so many events.
        package init(position: Int, cpu: UInt32, count: UInt64?) {
            (self.position, self.cpu, self.count) = (position, cpu, count)
        }
    }

    /// Some of the items, without gaps: events, and those losses that lie before, between or behind them.
    @usableFromInline package struct Part: Sendable {
        /// Indices of the events.
        @usableFromInline package var events: Range<Int>
        /// Indices of the losses.
        @usableFromInline package var losses: Range<Int>

        /// Some of the items of a batch.
        @inlinable
        package init(events: Range<Int>, losses: Range<Int>) {
            self.events = events
            self.losses = losses
        }

        /// Whether there are none.
        @inlinable package var isEmpty: Bool { events.isEmpty && losses.isEmpty }
    }

    /// An empty batch with room for so many events; it grows when it must.
    public init(capacity: Int = 0) {
        events = UniqueArray(repeating: Self.blank, count: capacity)
    }

    /// A batch of these items.
    package init(_ items: some Sequence<TraceItem>) {
        self.init()
        for item in items {
            switch item {
            case .event(let event):
                let index = add()
                events[index] = event.event
                guard let known = event.details else { continue }
                let place = addDetails()
                details[Int(place)] = known
                events[index].details = place
            case .lost(let cpu, let count): addLoss(cpu: cpu, count: count)
            }
        }
    }

    private static var blank: SocketEvent { SocketEvent(alias: .send, time: 0, cpu: 0, tid: 0) }

    /// How many items it holds.
    @inlinable public var count: Int { eventCount + losses.count }

    /// Whether it holds nothing.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// All items.
    @inlinable package var whole: Part { Part(events: 0..<eventCount, losses: 0..<losses.count) }

    /// One of its losses.
    @inlinable package func loss(at index: Int) -> Loss { losses[index] }

    /// One of its events, where it lies.
    @inlinable
    package subscript(index: Int) -> SocketEvent {
        _read {
            precondition(index < eventCount)
            yield events[index]
        }
    }

    /// Drops the contents and keeps the memory.
    public mutating func clear() {
        eventCount = 0
        losses.removeAll(keepingCapacity: true)
        detailsCount = 0
        serial = 0
    }

    /// Who the socket of an event is, and between whom it was; nil where nothing of it is known.
    package func details(of index: Int) -> EventDetails? {
        let place = Int(events[index].details)
        return index < eventCount && place >= 0 && place < detailsCount ? details[place] : nil
    }

    /// The index of one more, of which nothing is known.
    mutating func addDetails() -> Int32 {
        if detailsCount == details.count { details.append(EventDetails()) }
        details[detailsCount].known = []
        details[detailsCount].serial = 0
        detailsCount += 1
        return Int32(truncatingIfNeeded: detailsCount - 1)
    }

    /// The value of a field of an event; nil where it is not known.
    package func value(of field: EventField, at index: Int) -> EventValue? {
        EventField.details.contains(field) ? details(of: index)?.value(of: field) : events[index].value(of: field)
    }

    /// Calls with each item in order.
    @inlinable
    @inline(__always)
    package func visit(_ event: (borrowing SocketEvent) -> Void, lost: (Loss) -> Void) {
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
    package mutating func update(_ body: (inout SocketEvent) -> Void) {
        for index in 0..<eventCount { body(&events[index]) }
    }

    /// Keeps some of the items, in their order.
    /// - Parameters:
    ///   - isKept: whether to keep an event; may put losses before it.
    ///   - loss: puts a loss into the list of those that are kept, or does not.
    package mutating func keep(
        where isKept: (borrowing SocketEvent, inout KeptLosses) -> Bool, loss: (Loss, inout KeptLosses) -> Void
    ) {
        var kept = KeptLosses()
        var next = 0
        for index in 0...eventCount {
            while next < losses.count, losses[next].position <= index {
                loss(losses[next], &kept)
                next += 1
            }
            guard index < eventCount, isKept(events[index], &kept) else { continue }
            if kept.position != index { events.swapAt(kept.position, index) }
            kept.position += 1
        }
        eventCount = kept.position
        losses = kept.losses
    }

    /// The losses that are kept of a batch, and how many events of it are kept so far.
    package struct KeptLosses: ~Copyable {
        fileprivate var losses = UniqueArray<Loss>()
        fileprivate var position = 0

        /// Puts a loss behind the events kept so far.
        package mutating func append(_ loss: Loss) {
            losses.append(Loss(position: position, cpu: loss.cpu, count: loss.count))
        }
    }

    /// A copy of what it holds.
    public var items: ContiguousArray<TraceItem> {
        var items: ContiguousArray<TraceItem> = []
        items.reserveCapacity(count)
        var next = 0
        for index in 0...losses.count {
            let end = index < losses.count ? losses[index].position : eventCount
            for event in next..<end {
                items.append(.event(TracedEvent(events[event], details(of: event))))
            }
            next = end
            if index < losses.count { items.append(.lost(cpu: losses[index].cpu, count: losses[index].count)) }
        }
        return items
    }

    /// The index of one more event, which holds another's values.
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
