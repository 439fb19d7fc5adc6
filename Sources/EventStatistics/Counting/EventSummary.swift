internal import BasicContainers
internal import Interning
package import SocketEvents

/// Counts messages by what they have in common. Nothing is allocated an event, only for groups and errors not seen
/// before.
package struct EventSummary: ~Copyable, Sendable {
    /// What it shows.
    package let options: SummaryOptions

    private let wanted: Alias.Arguments
    var keys = Interner<GroupKey>()
    var groups = UniqueArray<Group>()
    var errorKeys = Interner<ErrorKey>()
    var errorCounts: ContiguousArray<UInt64> = []
    var distributions = Distribution.Pool()
    private let likeness: GroupMatcher
    /// By direction.
    private var last = UniqueArray(repeating: Last(), count: 2)
    private var lives = SocketLives()
    var ends: EndTable
    /// Of which recording the events are, in a summary by it.
    private var source: Int32 = 0

    /// The message counted last in one direction.
    struct Last: Sendable {
        var identity = GroupMatcher.Identity.none
        var group = 0
    }

    struct Group: Sendable {
        /// The position of its first message.
        var first: UInt64
        var messages: UInt64 = 0
        var failed: UInt64 = 0
        var connections: UInt64 = 0
        var bytes: UInt64 = 0
        var latencySum: UInt64 = 0
        var latencyCount: UInt64 = 0
        var latency = Distribution()
        var size = Distribution()

        init(first: UInt64) { self.first = first }
    }

    /// A summary of nothing yet.
    package init(options: SummaryOptions = SummaryOptions()) {
        self.options = options
        wanted = options.dimensions.compactMap(\.field).reduce(into: []) { $0.insert(Alias.Arguments($1)) }
        likeness = GroupMatcher(wanted.contains(.protocol) ? wanted.union(.family) : wanted)
        ends = EndTable(options.dimensions)
        slowest = SlowestMessages(count: options.slowest ?? 0)
    }

    /// The paths of control groups by their numbers, as far as they are known.
    package var groupPaths: [UInt64: String] = [:]

    /// How many messages it has counted.
    package private(set) var messageCount: UInt64 = 0

    /// How many calls it has counted that failed, and were no messages.
    package private(set) var failedCallCount: UInt64 = 0

    /// How many connections it has counted, where its options ask for them.
    package private(set) var connectionCount: UInt64 = 0

    /// When the first and the last of them ended, nanoseconds of the trace clock.
    package private(set) var times: (first: UInt64, last: UInt64)?

    /// The slowest messages, as far as the options ask for them.
    package private(set) var slowest: SlowestMessages

    /// How many groups there are.
    package var groupCount: Int { groups.count }

    /// The aliases that it counts: messages, other calls for the sake of those that fail, and where sockets matter their
    /// ends.
    package static func aliases(_ options: SummaryOptions) -> AliasSet {
        var aliases: [Alias] = [
            .send, .receive, .createReturn, .connected, .acceptReturn, .bindReturn, .listenReturn, .shutdownReturn,
        ]
        if !options.dimensions.isDisjoint(with: [.socket, .listener]) { aliases.append(.close) }
        return AliasSet(aliases)
    }

    /// Counts events of a batch.
    /// - Parameter number: of the recording that they are of.
    package mutating func add(_ batch: borrowing TraceBatch, _ events: Range<Int>, of number: Int = 0) {
        guard let end = events.last else { return }
        let span = (batch[events.lowerBound].time, batch[end].time)
        times = (times?.first ?? span.0, max(times?.last ?? 0, span.1))
        if options.dimensions.contains(.file), source != Int32(clamping: number) { begin(number) }
        if ends.isUsed { addByEnds(batch, events) } else { addQuickly(batch, events) }
        if slowest.limit > 0 { slowest.add(batch, events, of: number) }
    }

    private mutating func addQuickly(_ batch: borrowing TraceBatch, _ events: Range<Int>) {
        for index in events {
            // Of nearly every event no more is asked than some of its members, where they lie: a call that is given the
            // event would have it copied first.
            if let group = lastGroup(like: batch.events[index]) {
                count(batch.events[index], in: group)
            } else {
                addUnlike(batch, index)
            }
        }
    }

    private mutating func addByEnds(_ batch: borrowing TraceBatch, _ events: Range<Int>) {
        ends.beginBatch()
        for index in events {
            ends.note(batch.events[index], in: batch)
            add(batch.events[index], ends.ends(of: batch.events[index], in: batch))
        }
    }

    /// Counts one event.
    private mutating func add(_ event: borrowing SocketEvent, _ ends: EndTable.Ends = .init()) {
        switch event.alias {
        case .send, .receive:
            if !self.ends.isUsed, let group = lastGroup(like: event) {
                count(event, in: group)
            } else {
                count(event, in: group(of: key(of: event, ends), likeness.identity(of: event)))
            }
        case .close: endLife(of: event)
        case .createReturn, .connected, .acceptReturn, .bindReturn, .listenReturn, .shutdownReturn:
            guard event.success == false else { return countConnection(event, ends) }
            failedCallCount &+= 1
            count(failure: event.errorNumber, in: index(of: key(of: event, ends)))
        default: return
        }
    }

    @inline(never)
    private mutating func addUnlike(_ batch: borrowing TraceBatch, _ index: Int) { add(batch.events[index]) }

    /// The group of the message before in the same direction, if this one is like it.
    @inline(__always)
    private func lastGroup(like event: borrowing SocketEvent) -> Int? {
        let direction = likeness.direction(of: event)
        return likeness.isLike(event, last[direction].identity) ? last[direction].group : nil
    }

    private func key(of event: borrowing SocketEvent, _ ends: EndTable.Ends) -> GroupKey {
        var key = GroupKey(event, by: wanted)
        if key.known.contains(.socket) { key.life = lives.count(of: key.socket) }
        (key.source, key.ends) = (source, ends)
        return key
    }

    /// What follows is of another recording, and like nothing before.
    private mutating func begin(_ number: Int) {
        source = Int32(clamping: number)
        for direction in last.indices { last[direction] = Last() }
    }

    private mutating func group(of key: GroupKey, _ identity: GroupMatcher.Identity) -> Int {
        let index = index(of: key)
        guard !identity.isUnlikeAll else { return index }
        last[identity.direction] = Last(identity: identity, group: index)
        return index
    }

    private mutating func index(of key: GroupKey) -> Int {
        let index = keys.index(of: key)
        if index == groups.count { groups.append(Group(first: messageCount)) }
        return index
    }

    @inline(__always)
    private mutating func count(_ event: borrowing SocketEvent, in group: Int) {
        messageCount &+= 1
        groups[group].messages &+= 1
        if let duration = event.duration {
            groups[group].latencySum &+= duration
            groups[group].latencyCount &+= 1
            groups[group].latency.record(duration, &distributions)
        }
        if event.success == false {
            count(failure: event.errorNumber, in: group)
        } else if let size = event.size, size >= 0 {
            groups[group].bytes &+= UInt64(size)
            groups[group].size.record(UInt64(size), &distributions)
        }
    }

    /// A connection that was made or accepted, if that is what it is.
    private mutating func countConnection(_ event: borrowing SocketEvent, _ ends: EndTable.Ends) {
        let alias = event.alias
        guard options.countsConnections, event.success == true, alias == .connected || alias == .acceptReturn else {
            return
        }
        connectionCount &+= 1
        groups[index(of: key(of: event, ends))].connections &+= 1
    }

    @inline(never)
    private mutating func count(failure error: Int32?, in group: Int) {
        groups[group].failed &+= 1
        if let error { count(error: error, in: group) }
    }

    private mutating func count(error: Int32, in group: Int) {
        let index = errorKeys.index(of: ErrorKey(group: Int32(truncatingIfNeeded: group), error: error))
        if index == errorCounts.count { errorCounts.append(0) }
        errorCounts[index] &+= 1
    }

    /// What the kernel makes of the memory of a socket later is another one.
    private mutating func endLife(of event: borrowing SocketEvent) {
        guard wanted.contains(.socket), let socket = event.socket else { return }
        lives.end(of: socket)
        for direction in last.indices { last[direction] = Last() }
    }
}

/// How many sockets were closed at each address of a `struct socket`.
struct SocketLives: Sendable {
    private var counts: [UInt64: Int32] = [:]

    func count(of socket: UInt64) -> Int32 { counts[socket] ?? 0 }

    mutating func end(of socket: UInt64) { counts[socket, default: 0] &+= 1 }
}
