internal import BasicContainers
internal import Interning
internal import SocketEvents

/// What was counted, put in order.
extension EventSummary {
    /// A row for each group and direction to show, in their order.
    package var rows: [SummaryRow] {
        Array(options.order.sorted(rows()).prefix(options.top ?? .max))
    }

    /// The same with what was sent and received side by side.
    package var lines: [SummaryLine] {
        Array(options.order.sorted(SummaryLine.lines(of: rows())).prefix(options.top ?? .max))
    }

    /// All messages as one line.
    package var total: SummaryLine {
        SummaryLine.lines(of: rows { _ in SummaryKey() }).first ?? SummaryLine(key: SummaryKey())
    }

    /// A row for each direction of what groups have in common, in the order of their first messages.
    /// - Parameter common: what is left of what a group has in common: groups of which that is the same are one.
    package func rows(_ common: (SummaryKey) -> SummaryKey = { $0 }) -> [SummaryRow] {
        var errors: [Int32: [(number: Int32, count: UInt64)]] = [:]
        for (key, count) in zip(errorKeys.keys, errorCounts) {
            errors[key.group, default: []].append((key.error, count))
        }
        var members: [[Int]] = []
        var places: [RowKey: Int] = [:]
        for index in groups.indices {
            let key = RowKey(key: common(summaryKey(index)), direction: keys.keys[index].direction)
            let place = places[key] ?? members.count
            if place == members.count {
                places[key] = place
                members.append([])
            }
            members[place].append(index)
        }
        return places.sorted { $0.value < $1.value }.map { key, place in
            row(key, members[place], members[place].flatMap { errors[Int32(truncatingIfNeeded: $0)] ?? [] })
        }
    }

    private struct RowKey: Hashable {
        let key: SummaryKey
        let direction: SummaryDirection
    }

    private func summaryKey(_ index: Int) -> SummaryKey {
        let group = keys.keys[index]
        var key = SummaryKey()
        if group.known.contains(.pid) { key.pid = group.pid }
        if group.known.contains(.comm) { key.comm = TaskName(low: group.comm, high: group.commEnd) }
        if group.known.contains(.family) || group.family != 0 { key.family = group.family }
        if group.known.contains(.protocol) { key.protocol = group.protocol }
        if group.known.contains(.type) { key.type = group.type }
        if group.known.contains(.socket) { (key.socket, key.life) = (group.socket, group.life) }
        if group.known.contains(Alias.Arguments(.error)) { key.error = group.error }
        (key.remote, key.local) = (ends[group.ends.remote], ends[group.ends.local])
        (key.port, key.inode) = (ends.port(group.ends.port), ends.inode(group.ends.inode))
        key.listener = ends.inode(group.ends.listener)
        key.cgroup = ends.inode(group.ends.group)
        key.cgroupPath = key.cgroup.flatMap { groupPaths[$0] }
        if options.dimensions.contains(.file) { key.file = Int(group.source) }
        return key
    }

    private func row(_ key: RowKey, _ members: [Int], _ errors: [(number: Int32, count: UInt64)]) -> SummaryRow {
        var row = SummaryRow()
        (row.key, row.direction) = (key.key, key.direction)
        var bytes: UInt64 = 0
        for index in members {
            row.messages &+= groups[index].messages
            row.failed &+= groups[index].failed
            row.connections &+= groups[index].connections
            row.latencySum &+= groups[index].latencySum
            row.latencyCount &+= groups[index].latencyCount
            bytes &+= groups[index].bytes
        }
        row.latency = quantiles(members, \.latency)
        row.size = quantiles(members, \.size)
        // Messages that all failed moved nothing; for others without a size it is unknown.
        row.bytes = row.size != nil || (row.failed == row.messages && row.messages > 0) ? bytes : nil
        row.errors = SummaryRow.ErrorCount.sorted(
            errors.reduce(into: [:]) { counts, error in counts[error.number, default: 0] &+= error.count })
        if let subject = options.histogram {
            let counts = counts(members, subject == .latency ? \.latency : \.size)
            row.histogram = HistogramBucket.buckets(of: counts)
            if options.encodesHistograms { row.encodedHistogram = counts.encoded }
        }
        return row
    }

    private func quantiles(_ members: [Int], _ member: KeyPath<Group, Distribution>) -> SummaryRow.Quantiles? {
        if members.count == 1 { return groups[members[0]][keyPath: member].quantiles(distributions) }
        return counts(members, member).quantiles
    }

    private func counts(_ members: [Int], _ member: KeyPath<Group, Distribution>) -> ValueCounts {
        var counts = ValueCounts()
        for index in members { groups[index][keyPath: member].add(to: &counts, distributions) }
        return counts
    }
}

extension SummaryOrder {
    /// The largest first; the first message decides between equals.
    package func sorted(_ rows: [SummaryRow]) -> [SummaryRow] { sorted(rows) { $0.rank(in: self) } }

    /// The same for what was sent and received side by side.
    package func sorted(_ lines: [SummaryLine]) -> [SummaryLine] { sorted(lines) { $0.rank(in: self) } }

    private func sorted<Item>(_ items: [Item], by rank: (Item) -> UInt64) -> [Item] {
        let ranks = items.map(rank)
        return items.indices.sorted { (ranks[$0], $1) > (ranks[$1], $0) }.map { items[$0] }
    }
}

extension SummaryRow {
    func rank(in order: SummaryOrder) -> UInt64 {
        switch order {
        case .messages: messages
        case .bytes: bytes ?? 0
        case .errors: failed
        case .latency, .p99: latency?.p99 ?? 0
        case .p50: latency?.p50 ?? 0
        case .p90: latency?.p90 ?? 0
        case .max: latency?.max ?? 0
        case .mean: latencyMean ?? 0
        case .total: latencySum
        }
    }
}

extension SummaryLine {
    func rank(in order: SummaryOrder) -> UInt64 {
        switch order {
        case .messages: messages
        case .bytes: bytes
        case .errors: failed
        case .total: latencySum
        case .latency, .p50, .p90, .p99, .max, .mean: max(sent.rank(in: order), received.rank(in: order))
        }
    }
}
