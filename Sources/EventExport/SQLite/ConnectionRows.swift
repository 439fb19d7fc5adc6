internal import BasicContainers
internal import EventStatistics
internal import SocketEvents
internal import SocketNames

/// Rows of the table `connections`, as the command `connections` tells them.
struct ConnectionRows: ~Copyable {
    private var rows: RowWriter
    private var sources: [Source]
    private var count: Int64 = 0
    private var texts = TextStore()

    private struct Source {
        var tracker = ConnectionTracker()
        /// The socket of a serial number, of those that may have a connection.
        var sockets: [UInt64: Int64] = [:]
        /// The details that were noted last.
        var noted: Int32 = -1
    }

    init(_ rows: consuming RowWriter, sources: Int) {
        self.rows = rows
        self.sources = (0..<sources).map { _ in Source() }
    }

    /// Passes on what was not passed on yet.
    mutating func flush() throws(ExportError) { try rows.flush() }

    /// What follows is of another batch, in which other details are at the same place.
    mutating func beginBatch() {
        for source in sources.indices { sources[source].noted = -1 }
    }

    /// Looks at an event.
    /// - Parameter socket: the number of its socket.
    mutating func take(
        _ batch: borrowing TraceBatch, _ index: Int, _ source: Int, socket: Int64?
    ) throws(ExportError) {
        let place = batch.events[index].details
        if place >= 0, place != sources[source].noted, let socket {
            sources[source].noted = place
            sources[source].sockets[batch.details[Int(place)].serial] = socket
        }
        if let ended = sources[source].tracker.take(batch, index) { try write(ended, source, socket) }
        if batch.events[index].alias == .close, place >= 0 {
            sources[source].sockets.removeValue(forKey: batch.details[Int(place)].serial)
            sources[source].noted = -1
        }
    }

    /// Those that are open end.
    mutating func endAll(of source: Int, as end: Connection.End) throws(ExportError) {
        for connection in sources[source].tracker.endAll(as: end) {
            try write(connection, source, sources[source].sockets[connection.details.serial])
        }
    }

    private mutating func write(_ connection: Connection, _ source: Int, _ socket: Int64?) throws(ExportError) {
        count += 1
        rows.set(0, count)
        rows.set(1, Int64(source + 1))
        rows.set(2, socket)
        rows.set(3, connection.begin)
        rows.set(4, connection.time)
        rows.set(5, connection.pid)
        if let comm = connection.comm {
            texts.withText(of: comm) { rows.set(6, bytes: $0) }
        } else {
            rows.set(6, nil as Int64?)
        }
        rows.set(7, connection.details.inode)
        rows.set(8, connection.protocol)
        rows.set(9, connection.family)
        rows.set(end: connection.details.local, address: 10, port: 11, &texts)
        rows.set(end: connection.details.remote, address: 12, port: 13, &texts)
        rows.set(14, connection.details.remoteInode)
        rows.set(15, connection.direction?.rawValue)
        rows.set(16, connection.connectLatency)
        rows.set(17, connection.backlogWait)
        rows.set(18, connection.lived)
        rows.set(19, connection.sent.bytes)
        rows.set(20, connection.sent.messages)
        rows.set(21, connection.received.bytes)
        rows.set(22, connection.received.messages)
        rows.set(23, connection.details.retransmits.map { Int64($0) })
        rows.set(24, connection.end.rawValue)
        rows.set(25, connection.errorNumber)
        rows.set(26, connection.errorNumber.map { ErrorNames.name(of: $0)?.description ?? String($0) })
        try rows.write()
    }
}
