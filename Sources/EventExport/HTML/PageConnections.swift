internal import BasicContainers
internal import EventStatistics
internal import SocketEvents

/// Connections as a page shows them: the largest, and all that failed as far as there is room, with their messages.
struct PageConnections: Sendable {
    /// A message as a mark on its connection.
    struct Mark: Sendable {
        var time: UInt64
        var bytes: UInt64
        var isSend: Bool
    }

    struct Item: Sendable {
        var source: Int
        var connection: Connection
        var marks: [Mark]
    }

    /// What is known of an open one.
    fileprivate struct Open: Sendable {
        var marks: [Mark] = []
        var messages: UInt64 = 0
        /// Every so-and-so-many-th message has a mark.
        var every: UInt64 = 1
    }

    private var trackers: [ConnectionTracker]
    private var open: [[UInt64: Open]]
    private(set) var items: [Item] = []
    /// How many there were, and how many of them ended how.
    private(set) var count: UInt64 = 0
    private(set) var ends: [Connection.End: UInt64] = [:]

    private static let limit = 1000
    private static let markLimit = 32
    /// Open ones with marks, at one time.
    private static let openLimit = 4096

    init(sources: Int) {
        trackers = (0..<sources).map { _ in ConnectionTracker() }
        open = (0..<sources).map { _ in [:] }
    }

    mutating func take(_ batch: borrowing TraceBatch, _ index: Int, _ source: Int) {
        let event = batch.events[index].alias
        if event == .send || event == .receive, batch.events[index].type == 1 { mark(batch, index, source) }
        if let ended = trackers[source].take(batch, index) { add(ended, source) }
    }

    private mutating func mark(_ batch: borrowing TraceBatch, _ index: Int, _ source: Int) {
        let place = Int(batch.events[index].details)
        guard place >= 0, batch.events[index].success != false else { return }
        let serial = batch.details[place].serial
        guard serial != 0, open[source][serial] != nil || open[source].count < Self.openLimit else { return }
        let mark = Mark(
            time: batch.events[index].time, bytes: batch.events[index].bytes ?? 0,
            isSend: batch.events[index].alias == .send)
        open[source][serial, default: Open()].add(mark, limit: Self.markLimit)
    }

    /// Those that are open end.
    mutating func endAll(of source: Int, as end: Connection.End) {
        for connection in trackers[source].endAll(as: end) { add(connection, source) }
        open[source].removeAll()
    }

    private mutating func add(_ connection: Connection, _ source: Int) {
        count += 1
        ends[connection.end, default: 0] += 1
        let marks = open[source].removeValue(forKey: connection.details.serial) ?? Open()
        items.append(Item(source: source, connection: connection, marks: marks.marks))
        if items.count >= 2 * Self.limit { thin() }
    }

    private mutating func thin() {
        guard items.count > Self.limit else { return }
        let order = items.indices.sorted { (items[$0].weight, $1) > (items[$1].weight, $0) }
        items = order.prefix(Self.limit).sorted().map { items[$0] }
    }

    /// The heaviest, in the order of their beginnings.
    mutating func finish() -> [Item] {
        thin()
        return items.sorted { $0.connection.begin < $1.connection.begin }
    }
}

extension PageConnections.Open {
    fileprivate mutating func add(_ mark: PageConnections.Mark, limit: Int) {
        defer { messages += 1 }
        guard messages & (every - 1) == 0 else { return }
        marks.append(mark)
        guard marks.count >= limit else { return }
        marks = stride(from: 0, to: marks.count, by: 2).map { marks[$0] }
        every *= 2
    }
}

extension PageConnections.Item {
    /// What makes it worth showing.
    fileprivate var weight: UInt64 {
        let bytes = connection.sent.bytes &+ connection.received.bytes
        return connection.errorNumber == nil ? bytes : max(bytes, 1 << 20)
    }
}
