package import EventOutput
package import SocketEvents

/// Who sends and receives how much at the moment, and since the beginning.
package struct TrafficMeter: ~Copyable {
    private let options: SummaryOptions
    /// What is counted now, and what was in the interval before.
    private var current: EventSummary
    private var last: EventSummary
    /// What was moved since the beginning, as of the last turn.
    private var totals: [SummaryKey: Totals] = [:]
    /// Whom processes belong to.
    private var users: [Int32: UInt32] = [:]
    /// The paths of control groups by their numbers, as far as they are known.
    package var groupPaths: [UInt64: String] = [:]
    /// Nanoseconds that the last interval took.
    package private(set) var nanoseconds: UInt64 = 1
    /// Records that are missing, as far as they were counted; and places where nobody knows how many.
    package private(set) var lost: UInt64 = 0
    package private(set) var uncountedLosses: UInt64 = 0
    /// What was counted.
    package private(set) var tally = Tally(.message, .failedCall, .connection)

    /// So many groups are kept; a machine that starts a process each second makes as many in a day.
    private static var limit: Int { 1 << 16 }
    /// At so many groups, connections that are over are kept no longer one by one: servers make thousands a second.
    private var connectionLimit = 1 << 14

    /// What was moved.
    package struct Totals: Sendable, Equatable {
        package var sent: UInt64 = 0
        package var received: UInt64 = 0
        package var messages: UInt64 = 0
        package var failed: UInt64 = 0
        package var connections: UInt64 = 0
        /// Sent and received.
        package var bytes: UInt64 { sent &+ received }

        mutating func add(_ other: Totals) {
            sent &+= other.sent
            received &+= other.received
            messages &+= other.messages
            failed &+= other.failed
            connections &+= other.connections
        }
    }

    /// Nothing was counted yet.
    package init() {
        var options = SummaryOptions()
        options.dimensions = [.pid, .comm, .family, .protocol, .error, .remote, .local, .cgroup]
        options.countsConnections = true
        self.options = options
        current = EventSummary(options: options)
        last = EventSummary(options: options)
    }

    /// The aliases that it counts.
    package static var aliases: AliasSet { EventSummary.aliases(SummaryOptions()) }

    /// Counts events of a batch.
    package mutating func add(_ batch: borrowing TraceBatch, _ events: Range<Int>) {
        let (messages, failedCalls) = (current.messageCount, current.failedCallCount)
        let connections = current.connectionCount
        current.add(batch, events)
        tally.add(current.messageCount - messages, .message)
        tally.add(current.failedCallCount - failedCalls, .failedCall)
        tally.add(current.connectionCount - connections, .connection)
    }

    /// Takes note that records are missing.
    package mutating func lose(_ loss: TraceBatch.Loss) {
        if let count = loss.count { lost &+= count } else { uncountedLosses &+= 1 }
    }

    /// Ends an interval and begins the next.
    /// - Parameters:
    ///   - nanoseconds: how long it was.
    ///   - user: whom a process belongs to; nil where nobody knows.
    package mutating func turn(after nanoseconds: UInt64, user: (Int32) -> UInt32? = { _ in nil }) {
        self.nanoseconds = max(nanoseconds, 1)
        swap(&current, &last)
        current = EventSummary(options: options)
        let rows = last.rows()
        for process in Set(rows.compactMap(\.pid)) {
            // One that has ended keeps its user until its number is another's.
            if let user = user(process) { users[process] = user }
        }
        for row in rows {
            var sum = Totals()
            (sum.messages, sum.failed, sum.connections) = (row.messages, row.failed, row.connections)
            if row.direction == .send { sum.sent = row.bytes ?? 0 } else { sum.received = row.bytes ?? 0 }
            totals[complete(row.key), default: Totals()].add(sum)
        }
        if totals.count > connectionLimit { fold(keeping: Set(rows.map { complete($0.key) })) }
    }

    private func complete(_ key: SummaryKey) -> SummaryKey {
        var key = key
        key.user = key.pid.flatMap { users[$0] }
        return key
    }

    /// Makes one of all connections that a process had with a peer and that are not active now; where that is not enough,
    /// one of all groups.
    private mutating func fold(keeping active: Set<SummaryKey>) {
        merge(keeping: active) { key in
            var key = key
            (key.local, key.remote) = (nil, key.remote?.withoutPort)
            return key
        }
        if totals.count > Self.limit {
            merge(keeping: active) { _ in SummaryKey() }
            users = users.filter { user in active.contains { $0.pid == user.key } }
        }
        // Else what cannot be merged would be tried again at each turn.
        connectionLimit = min(max(1 << 14, 2 * totals.count), Self.limit)
    }

    private mutating func merge(keeping active: Set<SummaryKey>, _ common: (SummaryKey) -> SummaryKey) {
        var kept: [SummaryKey: Totals] = [:]
        for (key, sum) in totals { kept[active.contains(key) ? key : common(key), default: Totals()].add(sum) }
        totals = kept
    }

    /// What groups did in the last interval and since the beginning, in their order.
    package func lines(_ grouping: TopGrouping, by order: TopOrder) -> [TopLine] {
        let ranked = merged(by: grouping.common).map { (line: $0, rank: order.rank($0), words: $0.now.key.words) }
        return ranked.sorted { left, right in
            if left.rank != right.rank { return left.rank > right.rank }
            return (left.line.total.bytes, right.words) > (right.line.total.bytes, left.words)
        }.map(\.line)
    }

    /// Control groups of the last interval whose paths are not known.
    package var strangeGroups: Set<UInt64> {
        Set(last.rows().compactMap(\.cgroup)).subtracting(groupPaths.keys)
    }

    /// All of it as one line.
    package var all: TopLine {
        let nothing = TopLine(now: SummaryLine(key: SummaryKey()), nanoseconds: nanoseconds)
        let merged = merged { _ in SummaryKey() }
        return merged.first ?? nothing
    }

    private func merged(by left: (SummaryKey) -> SummaryKey) -> [TopLine] {
        let (users, nanoseconds, paths) = (users, nanoseconds, groupPaths)
        func common(_ key: SummaryKey) -> SummaryKey {
            var key = left(key)
            key.cgroupPath = key.cgroup.flatMap { paths[$0] }
            return key
        }
        let rows = last.rows { key in
            var key = key
            key.user = key.pid.flatMap { users[$0] }
            return common(key)
        }
        var lines: [SummaryKey: TopLine] = [:]
        for line in SummaryLine.lines(of: rows) { lines[line.key] = TopLine(now: line, nanoseconds: nanoseconds) }
        for (key, sum) in totals {
            let key = common(key)
            lines[key, default: TopLine(now: SummaryLine(key: key), nanoseconds: nanoseconds)].total.add(sum)
        }
        return Array(lines.values)
    }
}

/// What one group does now, and did since the beginning.
package struct TopLine: Sendable {
    /// In the last interval.
    package let now: SummaryLine
    /// How long that was.
    private let nanoseconds: UInt64
    /// Since the beginning.
    package var total = TrafficMeter.Totals()

    init(now: SummaryLine, nanoseconds: UInt64) { (self.now, self.nanoseconds) = (now, nanoseconds) }

    /// A number of the interval, a second.
    func rate(_ count: UInt64) -> UInt64 { UInt64((Double(count) / Double(nanoseconds) * 1e9).rounded()) }
}
