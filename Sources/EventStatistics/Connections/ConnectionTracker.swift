internal import BasicContainers
internal import Interning
package import SocketEvents

/// Makes connections of the events of one source: those of TCP and of UNIX stream sockets.
///
/// A connection is known by the serial number of its socket, which no other has, whatever memory of the kernel it is in.
/// Memory is used again: it is as large as the most connections that were open at one time.
package struct ConnectionTracker: Sendable {
    private var open = SlotTable<Serial>()
    /// By slot.
    private var connections: ContiguousArray<Connection> = []
    /// The latest event's.
    private var time: UInt64 = 0

    /// A socket's serial number as a key.
    private struct Serial: InternerKey {
        let number: UInt64

        func hash(_ multiplier: UInt64) -> UInt64 { (number &* multiplier) >> 32 }
    }

    package init() {}

    /// The events that it needs.
    package static var aliases: AliasSet { AliasSet([.connected, .acceptReturn, .send, .receive, .close]) }

    /// How many sockets it knows that are not closed.
    package var openCount: Int { open.count }

    /// Looks at an event.
    /// - Returns: the connection that ended with it.
    package mutating func take(_ batch: borrowing TraceBatch, _ index: Int) -> Connection? {
        time = batch.events[index].time
        guard batch.events[index].type == 1, let family = batch.events[index].family, [1, 2, 10].contains(family)
        else { return nil }
        let place = Int(batch.events[index].details)
        let serial = place < 0 ? 0 : batch.details[place].serial
        switch batch.events[index].alias {
        case .connected: return connected(batch, index, serial)
        case .acceptReturn: accepted(batch, index, serial)
        case .send, .receive: moved(batch, index, serial)
        case .close: return closed(batch, index, serial)
        default: break
        }
        return nil
    }

    /// Those that are still open, in the order of their beginnings; none is any longer.
    /// - Parameter end: what is to be said of their ends.
    package mutating func endAll(as end: Connection.End) -> [Connection] {
        let rest = connections.filter { $0.end == .open }.map { connection in
            var connection = connection
            (connection.end, connection.time) = (end, time)
            return connection
        }
        (open, connections) = (SlotTable(), [])
        return rest.sorted { $0.begin < $1.begin }
    }

    // MARK: Events

    private mutating func connected(_ batch: borrowing TraceBatch, _ index: Int, _ serial: UInt64) -> Connection? {
        var connection = Self.connection(batch, index)
        connection.direction = .outgoing
        connection.connectLatency = batch.events[index].duration
        connection.begin = time &- (connection.connectLatency ?? 0)
        guard batch.events[index].success != true else {
            // The outcome's own time is not known where it went unseen.
            connection.made = connection.connectLatency == nil ? nil : time
            add(connection, serial)
            return nil
        }
        connection.errorNumber = batch.events[index].errorNumber
        // Nobody knows an error: its owner gave it up.
        connection.end = connection.errorNumber.map { Connection.end(after: $0) ?? .failed } ?? .givenUp
        // Its socket lives on; the close of it is not the end of another connection.
        add(connection, serial)
        return connection
    }

    private mutating func accepted(_ batch: borrowing TraceBatch, _ index: Int, _ serial: UInt64) {
        guard batch.events[index].success == true, serial != 0 else { return }
        var connection = Self.connection(batch, index)
        connection.direction = .incoming
        connection.backlogWait = connection.details.backlogWait
        connection.made = time
        add(connection, serial)
    }

    private mutating func moved(_ batch: borrowing TraceBatch, _ index: Int, _ serial: UInt64) {
        guard serial != 0 else { return }
        guard let slot = open.slot(of: Serial(number: serial)) ?? addOlder(batch, index, serial) else { return }
        if batch.events[index].success == false, let error = batch.events[index].errorNumber {
            if Connection.end(after: error) != nil { connections[slot].errorNumber = error }
            return
        }
        let bytes = batch.events[index].bytes ?? 0
        if batch.events[index].alias == .send {
            connections[slot].sent.bytes &+= bytes
            connections[slot].sent.messages &+= 1
        } else if bytes > 0 {
            // What returns 0 tells that the other end has finished.
            connections[slot].received.bytes &+= bytes
            connections[slot].received.messages &+= 1
        }
    }

    /// A connection that is older than the trace; what has no other end is none.
    private mutating func addOlder(_ batch: borrowing TraceBatch, _ index: Int, _ serial: UInt64) -> Int? {
        let connection = Self.connection(batch, index)
        return connection.details.remote == nil ? nil : add(connection, serial)
    }

    private mutating func closed(_ batch: borrowing TraceBatch, _ index: Int, _ serial: UInt64) -> Connection? {
        guard serial != 0 else { return nil }
        let latest = Self.connection(batch, index)
        var connection: Connection
        if let slot = open.remove(Serial(number: serial)) {
            connection = connections[slot]
            guard connection.end == .open else { return nil }
            connections[slot].end = .closed
            // A sock that is over has forgotten its peer.
            var details = latest.details
            if details.remote == nil { details.remote = connection.details.remote }
            if let known = connection.details.local, known.port != 0 { details.local = known }
            connection.details = details
        } else {
            guard latest.details.remote != nil else { return nil }
            connection = latest
        }
        connection.time = time
        if let error = latest.details.error { connection.errorNumber = error }
        connection.end = Connection.end(after: connection.errorNumber) ?? .closed
        return connection
    }

    private static func connection(_ batch: borrowing TraceBatch, _ index: Int) -> Connection {
        var connection = Connection(begin: batch.events[index].time, time: batch.events[index].time)
        (connection.pid, connection.comm) = (batch.events[index].pid, batch.events[index].comm)
        (connection.family, connection.protocol) = (batch.events[index].family, batch.events[index].protocol)
        connection.details = batch.details(of: index) ?? EventDetails()
        return connection
    }

    /// Adds a connection, in the place of one that is connected anew or of which older messages were seen.
    @discardableResult
    private mutating func add(_ connection: Connection, _ serial: UInt64) -> Int? {
        guard serial != 0 else { return nil }
        let slot = open.add(Serial(number: serial)).slot
        if slot == connections.count { connections.append(connection) } else { connections[slot] = connection }
        return slot
    }
}
