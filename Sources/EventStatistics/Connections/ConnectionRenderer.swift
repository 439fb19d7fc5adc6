package import EventOutput
package import SocketEvents
internal import SocketNames

/// Connections as aligned columns for people, as JSON with an object a line, or as CSV; `-`, `null` and nothing stand for what
/// is not known.
///
/// | JSON and CSV | value |
/// |---|---|
/// | `name` | `connection`, or `lost` |
/// | `time`, `wall`, `begin` | nanoseconds: its end, on the trace clock and since 1970; its beginning on the trace clock |
/// | `pid`, `comm`, `inode` | of the process that connected or accepted; the N of socket:[N] |
/// | `protocol_name`, `family_name`, `local_address`, `local_port`, `remote_address`, `remote_port` | as in events |
/// | `direction` | `out`, `in`; null where it is older than the trace |
/// | `connect_latency`, `backlog_wait`, `lived` | nanoseconds |
/// | `sent_bytes`, `sent_messages`, `received_bytes`, `received_messages` | what its messages moved |
/// | `retransmits` | segments that TCP sent once more |
/// | `end`, `errno`, `error` | how it ended, and the error, if any |
package struct ConnectionRenderer: Sendable {
    private let format: OutputFormat
    private let columns: [ConnectionColumn]
    private let time: TimeColumn
    private let wallClock: Int64?
    private let limit: Int?

    /// - Parameters:
    ///   - width: columns of the terminal; nil where that does not matter.
    ///   - time: what the column TIME shows.
    ///   - wallClock: nanoseconds from the trace clock to the time since 1970; nil where unknown.
    package init(format: OutputFormat, width: Int?, time: TimeColumn, wallClock: Int64?) {
        (self.format, self.time, self.wallClock, limit) = (format, time, wallClock, width)
        columns = ConnectionColumn.fitting(width)
    }

    /// Appends what stands above the first connection.
    package func header(into out: inout OutputBuffer) {
        switch format {
        case .text: append(columns.map { ($0, $0.title) }, into: &out)
        case .csv: out.append(line: Self.keys.joined(separator: ","))
        case .json: break
        }
    }

    /// Appends one connection as a line.
    package func render(_ connection: Connection, into out: inout OutputBuffer) {
        switch format {
        case .text: append(columns.map { ($0, $0.text(of: connection, time: time)) }, into: &out)
        case .json:
            let pairs = zip(Self.keys, values(of: connection)).map { key, value in
                "\"\(key)\":" + (value?.json ?? "null")
            }
            out.append(line: "{" + pairs.joined(separator: ",") + "}")
        case .csv: out.append(line: values(of: connection).map { $0?.csv ?? "" }.joined(separator: ","))
        }
    }

    /// Appends a line for records that the kernel dropped.
    package func renderLost(_ loss: TraceBatch.Loss, into out: inout OutputBuffer) {
        switch format {
        case .text:
            let count = loss.count.map { "\($0) records" } ?? "records"
            out.append(
                line:
                    "*** lost \(count) on CPU \(loss.cpu): the connections above, and those open now, lack what was in them ***"
            )
        case .json:
            let count = loss.count.map { "\($0)" } ?? "null"
            out.append(line: "{\"name\":\"lost\",\"cpu\":\(loss.cpu),\"count\":\(count)}")
        case .csv: out.append(line: "lost" + String(repeating: ",", count: Self.keys.count - 1))
        }
    }

    private func append(_ cells: [(column: ConnectionColumn, text: String)], into out: inout OutputBuffer) {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let isLast = index == cells.count - 1
            var text = cell.text
            let width = cell.column.width
            if text.unicodeScalars.count > width, !isLast || limit != nil {
                text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(width - 1))) + "+"
            }
            let gap = String(repeating: " ", count: max(width - text.unicodeScalars.count, 0))
            line += (index > 0 ? " " : "") + (cell.column.isRight ? gap + text : isLast ? text : text + gap)
        }
        out.append(line: line)
    }

    // MARK: JSON and CSV

    private static let keys = [
        "name", "time", "wall", "begin", "pid", "comm", "inode", "protocol_name", "family_name", "local_address",
        "local_port", "remote_address", "remote_port", "remote_inode", "direction", "connect_latency", "backlog_wait",
        "lived", "sent_bytes", "sent_messages", "received_bytes", "received_messages", "retransmits", "end", "errno",
        "error",
    ]

    private enum Value {
        case number(Int64)
        case text(String)

        var json: String {
            switch self {
            case .number(let number): String(number)
            case .text(let text): "\"" + PrintableText.json(text) + "\""
            }
        }

        var csv: String {
            switch self {
            case .number(let number): String(number)
            case .text(let text): PrintableText.csv(text)
            }
        }

        init?(_ number: UInt64?) {
            guard let number else { return nil }
            self = .number(Int64(clamping: number))
        }
    }

    private func values(of connection: Connection) -> [Value?] {
        let (local, remote) = (connection.details.local, connection.details.remote)
        let wall = wallClock.flatMap { Int64(exactly: connection.time)?.addingReportingOverflow($0).partialValue }
        return [
            .text("connection"), Value(connection.time), wall.map { .number($0) }, Value(connection.begin),
            connection.pid.map { .number(Int64($0)) }, connection.comm.map { .text($0.description) },
            Value(connection.details.inode),
            connection.protocol.map { .text(Self.name(ofProtocol: $0, connection.family)) },
            connection.family.map { .text(AddressFamilyNames.name(of: $0)?.description ?? String($0)) },
            local.map { .text($0.textWithoutPort) }, local?.port.map { .number(Int64($0)) },
            remote.map { .text($0.textWithoutPort) }, remote?.port.map { .number(Int64($0)) },
            Value(connection.details.remoteInode), connection.direction.map { .text($0.rawValue) },
            Value(connection.connectLatency), Value(connection.backlogWait), Value(connection.lived),
            Value(connection.sent.bytes), Value(connection.sent.messages), Value(connection.received.bytes),
            Value(connection.received.messages), Value(connection.details.retransmits.map { UInt64($0) }),
            .text(connection.end.rawValue), connection.errorNumber.map { .number(Int64($0)) },
            connection.errorNumber.map { .text(ErrorNames.name(of: $0)?.description ?? String($0)) },
        ]
    }

    private static func name(ofProtocol number: Int32, _ family: Int32?) -> String {
        ProtocolNames.name(of: number, family: family)?.description ?? String(number)
    }
}
