internal import BasicContainers
package import SocketEvents

/// Pairs the queries that programs send to DNS servers with the answers that they get, by socket and server.
///
/// What is in a message is not looked at: of several queries to one server by one socket the first answer is taken for that
/// of the first, and a query that is sent once more counts as another. Over TCP a message of two bytes is the length of the
/// one behind it.
package struct QueryMeter: ~Copyable, Sendable {
    private var waiting: [Conversation: Waiting] = [:]
    /// Servers that open sockets have asked, for their closes.
    private var servers: [Asker: [SocketAddress]] = [:]
    private var places: [QueryKey: Int] = [:]
    private var groups: [Group] = []
    private var distributions = Distribution.Pool()
    /// Datagrams whose other end is unknown: queries may be among them.
    package private(set) var strangers: UInt64 = 0
    /// Queries counted.
    package private(set) var queryCount: UInt64 = 0

    /// The port of DNS servers.
    private static var port: UInt32 { 53 }
    /// So many queries of one socket are kept; a program that asks more at once uses several sockets.
    private static var mostWaiting: Int { 256 }
    /// So many sockets and servers are waited for; beyond that all that wait count as pending.
    private static var mostConversations: Int { 1 << 14 }

    /// A socket of one recording.
    private struct Asker: Hashable {
        let source: Int
        let socket: UInt64
    }

    private struct Conversation: Hashable {
        let asker: Asker
        let server: SocketAddress
    }

    /// The queries of one socket to one server that have no answer yet.
    private struct Waiting {
        var group: Int
        var begins: [UInt64] = []
    }

    private struct Group: Sendable {
        var line: QueryLine
        var latency = Distribution()
        var sum: UInt64 = 0
    }

    package init() {}

    /// The events that it needs.
    package static var aliases: AliasSet { AliasSet([.send, .receive, .close]) }

    /// Counts events of a batch.
    /// - Parameter source: the number of the recording that they are of.
    package mutating func add(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int = 0) {
        for index in events {
            let place = Int(batch.events[index].details)
            if batch.events[index].alias == .close {
                if place >= 0 { close(Self.asker(batch, index, source)) }
            } else if place < 0 || !batch.details[place].known.contains(.remote) {
                if Self.isDatagram(batch[index]) { strangers &+= 1 }
            } else if batch.details[place].rawRemote.hasPort, batch.details[place].rawRemote.rawPort == Self.port {
                take(
                    batch, index,
                    Conversation(
                        asker: Self.asker(batch, index, source), server: batch.details[place].rawRemote))
            }
        }
    }

    /// Records of a recording are missing: answers may be among them.
    /// - Parameter source: its number; nil for all.
    package mutating func lose(of source: Int? = nil) {
        for (conversation, entry) in waiting where source == nil || conversation.asker.source == source {
            groups[entry.group].line.pending &+= UInt64(entry.begins.count)
            (waiting[conversation], servers[conversation.asker]) = (nil, nil)
        }
    }

    /// What was counted, the most queries first.
    package mutating func finish() -> [QueryLine] {
        lose()
        var lines = groups.map { group in
            var line = group.line
            line.latency = group.latency.quantiles(distributions)
            line.latencyMean = line.answers == 0 ? nil : group.sum / line.answers
            return line
        }
        // The first query decides between equals.
        let order = lines.indices.sorted { (lines[$0].queries, $1) > (lines[$1].queries, $0) }
        lines = order.map { lines[$0] }
        return lines
    }

    // MARK: Events

    /// It moved something over UDP.
    private static func isDatagram(_ event: borrowing SocketEvent) -> Bool {
        guard event.protocol == 17, event.success != false else { return false }
        switch event.family {
        case 2?, 10?: return true
        default: return false
        }
    }

    private static func asker(_ batch: borrowing TraceBatch, _ index: Int, _ source: Int) -> Asker {
        let serial = batch.details(of: index)?.serial ?? 0
        return Asker(source: source, socket: serial != 0 ? serial : batch.events[index].socket ?? 0)
    }

    private mutating func take(_ batch: borrowing TraceBatch, _ index: Int, _ conversation: Conversation) {
        let isStream = batch.events[index].type == 1
        let bytes = batch.events[index].bytes ?? 0
        let hasFailed = batch.events[index].success == false
        // The length of what follows.
        if isStream, !hasFailed, bytes <= 2 { return }
        if batch.events[index].alias == .send {
            ask(batch, index, conversation, bytes, hasFailed)
        } else if hasFailed {
            fail(conversation, batch.events[index].errorNumber)
        } else {
            answer(conversation, batch.events[index].time, bytes)
        }
    }

    private mutating func ask(
        _ batch: borrowing TraceBatch, _ index: Int, _ conversation: Conversation, _ bytes: UInt64, _ hasFailed: Bool
    ) {
        var key = QueryKey(server: conversation.server)
        (key.pid, key.comm) = (batch.events[index].pid, batch.events[index].comm)
        let group = place(of: key)
        groups[group].line.queries &+= 1
        queryCount &+= 1
        groups[group].line.sentBytes &+= bytes
        if hasFailed { return count(batch.events[index].errorNumber, group) }
        if waiting[conversation] == nil {
            if waiting.count >= Self.mostConversations { lose() }
            servers[conversation.asker, default: []].append(conversation.server)
        }
        // The answer may come before the call has returned.
        let begin = batch.events[index].time &- (batch.events[index].duration ?? 0)
        var entry = waiting[conversation] ?? Waiting(group: group)
        entry.group = group
        if entry.begins.count >= Self.mostWaiting {
            entry.begins.removeFirst()
            groups[group].line.unanswered &+= 1
        }
        entry.begins.append(begin)
        waiting[conversation] = entry
    }

    private mutating func answer(_ conversation: Conversation, _ time: UInt64, _ bytes: UInt64) {
        guard var entry = waiting[conversation], !entry.begins.isEmpty else { return }
        let begin = entry.begins.removeFirst()
        waiting[conversation] = entry
        let latency = time >= begin ? time - begin : 0
        groups[entry.group].line.answers &+= 1
        groups[entry.group].line.receivedBytes &+= bytes
        groups[entry.group].sum &+= latency
        groups[entry.group].latency.record(latency, &distributions)
    }

    /// A receive that failed: by asking too early or a signal, or because nobody is at that port.
    private mutating func fail(_ conversation: Conversation, _ error: Int32?) {
        guard let error, ![11, 4, 512].contains(error), var entry = waiting[conversation], !entry.begins.isEmpty else {
            return
        }
        entry.begins.removeFirst()
        waiting[conversation] = entry
        count(error, entry.group)
    }

    private mutating func count(_ error: Int32?, _ group: Int) {
        groups[group].line.failed &+= 1
        if let error, groups[group].line.errorCounts[error] != nil || groups[group].line.errorCounts.count < 256 {
            groups[group].line.errorCounts[error, default: 0] &+= 1
        }
    }

    /// Whoever asked does not wait any longer.
    private mutating func close(_ asker: Asker) {
        for server in servers.removeValue(forKey: asker) ?? [] {
            guard let entry = waiting.removeValue(forKey: Conversation(asker: asker, server: server)) else { continue }
            groups[entry.group].line.unanswered &+= UInt64(entry.begins.count)
        }
    }

    private mutating func place(of key: QueryKey) -> Int {
        if let place = places[key] { return place }
        groups.append(Group(line: QueryLine(key: key)))
        places[key] = groups.count - 1
        return groups.count - 1
    }
}

/// Who asked whom.
package struct QueryKey: Hashable, Sendable {
    package var pid: Int32?
    package var comm: TaskName?
    package var server: SocketAddress
}

/// What the queries of one process to one server came to.
package struct QueryLine: Sendable {
    package let key: QueryKey
    package var queries: UInt64 = 0
    package var answers: UInt64 = 0
    /// Queries that could not be sent, or got an error in place of an answer.
    package var failed: UInt64 = 0
    /// Queries whose socket was closed before an answer came.
    package var unanswered: UInt64 = 0
    /// Queries whose outcome is unknown: the trace ended, or records are missing.
    package var pending: UInt64 = 0
    package var sentBytes: UInt64 = 0
    package var receivedBytes: UInt64 = 0
    var errorCounts: [Int32: UInt64] = [:]
    /// Nanoseconds from the query's call to the end of the one that got the answer.
    package var latency: SummaryRow.Quantiles?
    package var latencyMean: UInt64?

    init(key: QueryKey) { self.key = key }

    /// Errors and how often they came, the most frequent first.
    package var errors: [SummaryRow.ErrorCount] { SummaryRow.ErrorCount.sorted(errorCounts) }
}
