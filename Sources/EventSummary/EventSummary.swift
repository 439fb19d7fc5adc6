internal import Histogram
internal import KeyTables
public import SocketAliases

/// Counts messages by what they have in common. Nothing is allocated an event, only for groups and errors not seen
/// before.
public struct EventSummary: Sendable {
    /// What it shows.
    public let options: SummaryOptions

    private let wanted: GroupKey.Members
    private var keys = KeyTable<GroupKey>()
    private var groups: ContiguousArray<Group> = []
    private var errorKeys = KeyTable<ErrorKey>()
    private var errorCounts: ContiguousArray<UInt64> = []
    private var histograms = Distribution.Pool()
    private var lastSend = 0
    private var lastReceive = 0

    private struct Group: Sendable {
        var messages: UInt64 = 0
        var failed: UInt64 = 0
        var bytes: UInt64 = 0
        var latency = Distribution()
        var size = Distribution()
    }

    /// A summary of nothing yet.
    public init(options: SummaryOptions = SummaryOptions()) {
        self.options = options
        wanted = options.dimensions.reduce(into: []) { $0.insert(GroupKey.Members($1)) }
    }

    /// How many groups there are.
    public var groupCount: Int { groups.count }

    /// Counts one event; those that are no messages are passed over.
    @inline(__always)
    public mutating func add(_ event: borrowing SocketEvent) {
        let alias = event.alias
        guard alias == .send || alias == .receive else { return }
        let index = group(of: GroupKey(event, by: wanted))
        Self.count(event, in: &groups[index], &histograms)
        if event.success == false, let number = event.errorNumber { count(error: number, in: index) }
    }

    /// Most messages are of the same group as the one before in their direction.
    @inline(__always)
    private mutating func group(of key: GroupKey) -> Int {
        let last = key.isSend ? lastSend : lastReceive
        if last < keys.count, keys.keys[last] == key { return last }
        let index = keys.index(of: key)
        if index == groups.count { groups.append(Group()) }
        if key.isSend { lastSend = index } else { lastReceive = index }
        return index
    }

    @inline(__always)
    private static func count(_ event: borrowing SocketEvent, in group: inout Group, _ pool: inout Distribution.Pool) {
        group.messages &+= 1
        if let duration = event.duration { group.latency.record(duration, &pool) }
        if event.success == false {
            group.failed &+= 1
        } else if let size = event.size, size >= 0 {
            group.bytes &+= UInt64(size)
            group.size.record(UInt64(size), &pool)
        }
    }

    /// Counts a batch.
    public mutating func add(_ items: ContiguousArray<TraceItem>) {
        for index in items.indices {
            if case .event(let event) = items[index] { add(event) }
        }
    }

    @inline(never)
    private mutating func count(error: Int32, in group: Int) {
        let index = errorKeys.index(of: ErrorKey(group: Int32(truncatingIfNeeded: group), error: error))
        if index == errorCounts.count { errorCounts.append(0) }
        errorCounts[index] &+= 1
    }

    /// The groups to show, in their order.
    public var rows: [SummaryRow] {
        var errors: [Int32: [SummaryRow.ErrorCount]] = [:]
        for (key, count) in zip(errorKeys.keys, errorCounts) {
            errors[key.group, default: []].append(SummaryRow.ErrorCount(number: key.error, count: count))
        }
        let rank = groups.indices.map { self.rank(of: groups[$0]) }
        // The index decides between equals: sorting alone keeps no order among them.
        let order = groups.indices.sorted { (rank[$0], $1) > (rank[$1], $0) }
        return order.prefix(options.top ?? .max).map { row($0, errors[Int32(truncatingIfNeeded: $0)] ?? []) }
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
        if key.known.contains(.family) { row.family = key.family }
        if key.known.contains(.protocol) { row.protocol = key.protocol }
        if key.known.contains(.type) { row.type = key.type }
        if key.known.contains(.socket) { row.socket = key.socket }
        if key.known.contains(.error) { row.error = key.error }
        (row.messages, row.failed) = (group.messages, group.failed)
        row.latency = group.latency.quantiles(histograms)
        row.size = group.size.quantiles(histograms)
        // Messages that all failed moved nothing; of others that told no size nobody knows.
        row.bytes = row.size != nil || group.failed == group.messages ? group.bytes : nil
        row.errors = errors.sorted { ($0.count, $1.number) > ($1.count, $0.number) }
        return row
    }
}

extension GroupKey.Members {
    init(_ dimension: SummaryDimension) {
        switch dimension {
        case .comm: self = .comm
        case .pid: self = .pid
        case .family: self = .family
        case .protocol: self = .protocol
        case .type: self = .type
        case .socket: self = .socket
        case .error: self = .error
        }
    }
}
