internal import EventOutput
internal import SocketEvents
internal import SocketNames

/// What a top groups messages by.
package enum TopGrouping: String, CaseIterable, Sendable {
    case process
    case connection
    case peer
    case user
    case cgroup
    case `protocol`
    case family
    case error

    /// What is left of what messages have in common.
    func common(_ key: SummaryKey) -> SummaryKey {
        var common = SummaryKey()
        switch self {
        case .process: (common.pid, common.comm) = (key.pid, key.comm)
        case .connection:
            (common.pid, common.comm) = (key.pid, key.comm)
            (common.local, common.remote, common.protocol) = (key.local, key.remote, key.protocol)
            common.family = ProtocolNames.commonFamily(key.family)
        case .user: common.user = key.user
        case .peer: common.remote = key.remote?.withoutPort
        case .cgroup: common.cgroup = key.cgroup
        case .protocol:
            common.protocol = key.protocol
            // The same number is another protocol's in another family.
            if key.protocol != nil { common.family = ProtocolNames.commonFamily(key.family) }
        case .family: common.family = key.family
        case .error: common.error = key.error
        }
        return common
    }

    /// The columns that say which group a line is about.
    /// - Parameter userName: the name of a user; nil where it has none.
    func columns(_ userName: @escaping @Sendable (UInt32) -> String?) -> [TableColumn<TopLine>] {
        switch self {
        case .process: return keys([.pid, .comm], least: 23)
        case .connection:
            // Both ends say most; who it is comes before all but the rates.
            return keys([.pid, .comm], rank: 2) + keys([.local, .remote], least: 12) + keys([.protocol], rank: 5)
        case .protocol: return keys([.protocol], least: 12)
        case .family: return keys([.family], least: 12)
        case .error: return keys([.error], least: 12)
        case .peer: return keys([.peer], least: 12)
        case .cgroup: return keys([.cgroup], least: 12)
        case .user:
            return [
                TableColumn("USER", isRight: false, least: 12) { line, out in
                    guard let user = line.now.key.user else { return out.appendDash() }
                    return out.append(printable: userName(user) ?? String(user))
                }
            ]
        }
    }

    private func keys(
        _ dimensions: Set<SummaryDimension>, rank: Int = 0, least: Int = 0
    ) -> [TableColumn<TopLine>] {
        SummaryColumn.keys(dimensions).map { $0.of({ $0.now }, rank: rank, least: least) }
    }

    /// The one behind it, and the first behind the last.
    var next: TopGrouping {
        let all = Self.allCases
        return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
    }
}

/// What comes first in a top: the largest of this in the last interval.
package enum TopOrder: String, CaseIterable, Sendable {
    case bytes
    case sent
    case received
    case messages
    case connections
    case errors
    case latency
    /// The most bytes since the beginning.
    case total

    func rank(_ line: TopLine) -> UInt64 {
        switch self {
        case .bytes: line.now.bytes
        case .sent: line.now.sent.bytes ?? 0
        case .received: line.now.received.bytes ?? 0
        case .messages: line.now.messages
        case .connections: line.now.other.connections
        case .errors: line.now.failed
        case .latency: max(line.now.sent.latency?.p99 ?? 0, line.now.received.latency?.p99 ?? 0)
        case .total: line.total.bytes
        }
    }

    /// The one behind it, and the first behind the last.
    var next: TopOrder {
        let all = Self.allCases
        return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
    }
}

extension SummaryKey {
    /// What a filter looks at, and what decides between equals.
    var words: String {
        var words = [comm?.description, pid.map(String.init), user.map(String.init)].compactMap { $0 }
        if let family { words.append(AddressFamilyNames.name(of: family)?.description ?? String(family)) }
        if let number = self.protocol {
            words.append(ProtocolNames.word(for: number, family: family)?.description ?? String(number))
        }
        for end in [remote, local].compactMap({ $0 }) {
            var text = OutputBuffer(capacity: 64)
            _ = text.cell(end: end)
            words.append(text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        }
        if let cgroup { words.append(cgroupPath ?? String(cgroup)) }
        words += [port.map(String.init), inode.map(String.init), listener.map(String.init)].compactMap { $0 }
        if let error { words.append(error == 0 ? "none" : ErrorNames.name(of: error)?.description ?? String(error)) }
        return words.joined(separator: "/").lowercased()
    }
}
