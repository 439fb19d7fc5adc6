internal import SocketEvents

/// A table of the database: its name, its columns and what they hold.
struct SchemaTable: Sendable {
    /// A column as CREATE TABLE has it.
    struct Column: Sendable {
        let name: String
        let type: String

        init(_ name: String, _ type: String) { (self.name, self.type) = (name, type) }
    }

    let name: String
    let columns: [Column]

    /// Makes the table.
    var definition: String {
        let lines = columns.map { "    \($0.name) \($0.type)" }.joined(separator: ",\n")
        return "CREATE TABLE \(name) (\n\(lines)\n);"
    }

    /// Adds rows, their values to be bound in the order of the columns. One that fails is the end of the database: nothing
    /// is kept for taking back those before it.
    func insertion(rows: Int) -> String {
        let row = "(" + columns.map { _ in "?" }.joined(separator: ",") + ")"
        return "INSERT OR FAIL INTO \(name) VALUES " + Array(repeating: row, count: rows).joined(separator: ",")
    }
}

/// The columns of `events`: those of the table of fields, in its order, but for the names of numbers, which the view
/// `named_events` has, and the socket, of which the table `sockets` tells.
enum EventColumn: Int, CaseIterable {
    case id, recording, name, time, cpu, pid, tid, comm, socket, inode, size, bytes, errno, `protocol`, family
    case localAddress, localPort, remoteAddress, remotePort, remoteInode, state, tcpState, flags, type, requester
    case listener, backlogWait, backlog, how, err, success, error, via, duration

    /// The field that it holds; nil for those that tell rows apart.
    var field: EventField? {
        guard rawValue >= Self.name.rawValue else { return nil }
        return EventField.allCases[rawValue - Self.name.rawValue]
    }

    var definition: SchemaTable.Column {
        switch self {
        case .id: return .init("id", "INTEGER PRIMARY KEY")
        case .recording: return .init("recording", "INTEGER NOT NULL REFERENCES recordings")
        case .socket: return .init("socket_id", "INTEGER REFERENCES sockets")
        default:
            guard let schema = field?.schema else { preconditionFailure("\(self) has no field") }
            let isText = schema.form == .text || schema.form == .address
            let isKnown = self == .name || self == .time || self == .cpu || self == .tid
            return .init(schema.key.description, (isText ? "TEXT" : "INTEGER") + (isKnown ? " NOT NULL" : ""))
        }
    }
}
