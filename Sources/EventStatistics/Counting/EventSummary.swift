internal import BasicContainers
internal import Interning
package import SocketEvents

/// Counts messages by what they have in common. Nothing is allocated an event, only for groups and errors not seen
/// before.
package struct EventSummary: ~Copyable, Sendable {
    /// What it shows.
    package let options: SummaryOptions

    private let wanted: Alias.Arguments
    private var keys = Interner<GroupKey>()
    private var groups = UniqueArray<Group>()
    private var errorKeys = Interner<ErrorKey>()
    private var errorCounts: ContiguousArray<UInt64> = []
    private var histograms = Distribution.Pool()
    private let likeness: GroupMatcher
    /// By direction.
    private var last = UniqueArray(repeating: Last(), count: 2)

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
        var bytes: UInt64 = 0
        var latency = Distribution()
        var size = Distribution()

        init(first: UInt64) { self.first = first }
    }

    /// A summary of nothing yet.
    package init(options: SummaryOptions = SummaryOptions()) {
        self.options = options
        wanted = options.dimensions.reduce(into: []) { $0.insert(Alias.Arguments($1.field)) }
        likeness = GroupMatcher(wanted.contains(.protocol) ? wanted.union(.family) : wanted)
    }

    /// How many messages it has counted.
    package private(set) var messageCount: UInt64 = 0

    /// How many groups there are.
    package var groupCount: Int { groups.count }

    /// Counts events of a batch.
    package mutating func add(_ batch: borrowing TraceBatch, _ events: Range<Int>) {
        for index in events {
            // Of nearly every event no more is asked than some of its members, where they lie: a call that is given the
            // event would have it copied first, all 104 bytes of it.
            if let group = lastGroup(like: batch.events[index]) {
                count(batch.events[index], in: group)
            } else {
                addUnlike(batch, index)
            }
        }
    }

    /// Counts one event; those that are no messages are passed over.
    package mutating func add(_ event: borrowing SocketEvent) {
        let alias = event.alias
        guard alias == .send || alias == .receive else { return }
        if let group = lastGroup(like: event) {
            count(event, in: group)
        } else {
            count(event, in: group(of: GroupKey(event, by: wanted), likeness.identity(of: event)))
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

    private mutating func group(of key: GroupKey, _ identity: GroupMatcher.Identity) -> Int {
        let index = keys.index(of: key)
        if index == groups.count { groups.append(Group(first: messageCount)) }
        guard !identity.isUnlikeAll else { return index }
        last[identity.direction] = Last(identity: identity, group: index)
        return index
    }

    @inline(__always)
    private mutating func count(_ event: borrowing SocketEvent, in group: Int) {
        messageCount &+= 1
        groups[group].messages &+= 1
        if let duration = event.duration { groups[group].latency.record(duration, &histograms) }
        if event.success == false {
            count(failure: event.errorNumber, in: group)
        } else if let size = event.size, size >= 0 {
            groups[group].bytes &+= UInt64(size)
            groups[group].size.record(UInt64(size), &histograms)
        }
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

    /// The groups to show, in their order.
    package var rows: [SummaryRow] {
        var errors: [Int32: [SummaryRow.ErrorCount]] = [:]
        for (key, count) in zip(errorKeys.keys, errorCounts) {
            errors[key.group, default: []].append(SummaryRow.ErrorCount(number: key.error, count: count))
        }
        var rank: [UInt64] = []
        var first: [UInt64] = []
        for index in groups.indices {
            rank.append(self.rank(of: groups[index]))
            first.append(groups[index].first)
        }
        // The first message decides between equals.
        let order = rank.indices.sorted { (rank[$0], first[$1]) > (rank[$1], first[$0]) }
        var rows: [SummaryRow] = []
        for index in order.prefix(options.top ?? .max) {
            rows.append(row(index, errors[Int32(truncatingIfNeeded: index)] ?? []))
        }
        return rows
    }

    private func rank(of group: Group) -> UInt64 {
        switch options.order {
        case .messages: group.messages
        case .bytes: group.bytes
        case .errors: group.failed
        case .latency: group.latency.quantiles(histograms)?.p99 ?? 0
        }
    }

    private func row(_ index: Int, _ errors: [SummaryRow.ErrorCount]) -> SummaryRow {
        let (key, group) = (keys.keys[index], groups[index])
        var row = SummaryRow()
        row.isSend = key.isSend
        if key.known.contains(.pid) { row.pid = key.pid }
        if key.known.contains(.comm) { row.comm = TaskName(low: key.comm, high: key.commEnd) }
        if key.known.contains(.family) || key.family != 0 { row.family = key.family }
        if key.known.contains(.protocol) { row.protocol = key.protocol }
        if key.known.contains(.type) { row.type = key.type }
        if key.known.contains(.socket) { row.socket = key.socket }
        if key.known.contains(Alias.Arguments(.error)) { row.error = key.error }
        (row.messages, row.failed) = (group.messages, group.failed)
        row.latency = group.latency.quantiles(histograms)
        row.size = group.size.quantiles(histograms)
        // Messages that all failed moved nothing; of others that told no size nobody knows.
        row.bytes = row.size != nil || group.failed == group.messages ? group.bytes : nil
        row.errors = errors.sorted { ($0.count, $1.number) > ($1.count, $0.number) }
        return row
    }
}
