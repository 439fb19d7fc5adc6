internal import PlainText
internal import SocketEvents

/// Views for what is asked most.
enum SchemaViews {
    static let all = [namedEvents, traffic, perSecond, errors, slowest].joined(separator: "\n")

    /// Events with all keys that JSON has, in their order.
    private static let namedEvents: String = {
        let columns = EventField.allCases.flatMap { field -> [String] in
            let key = field.schema.key.description
            switch field {
            case .socket: return ["s.address AS socket"]
            case .time: return ["e.time", "e.time + r.wall_offset AS wall"]
            case .protocol: return ["e.protocol", name("protocol", family: "ifnull(e.family, \(Schema.any))")]
            case .flags: return ["e.flags", name("flags", recording: "e.recording")]
            default: return field.schema.form == .namedNumber ? ["e.\(key)", name(key)] : ["e.\(key)"]
            }
        }
        return """
            CREATE VIEW named_events AS SELECT e.id, r.name AS file, \(columns.joined(separator: ", "))
            FROM events AS e JOIN recordings AS r ON r.id = e.recording LEFT JOIN sockets AS s ON s.id = e.socket_id;
            """
    }()

    private static func name(
        _ field: String, family: String = "\(Schema.any)", recording: String = "\(Schema.any)"
    ) -> String {
        """
        (SELECT n.name FROM names AS n WHERE n.field = '\(field)' AND n.number = e.\(field) AND n.family = \(family) \
        AND n.recording = \(recording)) AS \(field)_name
        """
    }

    /// What `summary` counts, side by side for both directions: messages, their bytes, and all calls that failed.
    private static let traffic: String = {
        let groups = [
            ("process", "recording, pid, comm"), ("protocol", "protocol_name"), ("family", "family_name"),
            ("peer", "remote_address"), ("remote", "remote_address, remote_port"),
            ("local", "local_address, local_port"),
            ("socket", "recording, socket_id"), ("recording", "recording"),
        ]
        return groups.map { name, columns in
            let source = columns.holds("_name") ? "named_events" : "events"
            return """
                CREATE VIEW traffic_by_\(name) AS SELECT \(columns), sum(name = 'socket.send') AS sends,
                sum(CASE name WHEN 'socket.send' THEN bytes END) AS sent_bytes,
                sum(name = 'socket.receive') AS receives,
                sum(CASE name WHEN 'socket.receive' THEN bytes END) AS received_bytes,
                sum(success = 0) AS failed, max(CASE name WHEN 'socket.send' THEN duration END) AS slowest_send,
                max(CASE name WHEN 'socket.receive' THEN duration END) AS slowest_receive
                FROM \(source) WHERE name IN ('socket.send', 'socket.receive')
                OR success = 0 AND name IN (\(otherCalls)) GROUP BY \(columns);
                """
        }.joined(separator: "\n")
    }()

    private static let otherCalls = [
        Alias.createReturn, .connected, .acceptReturn, .bindReturn, .listenReturn, .shutdownReturn,
    ].map { "'\($0.name)'" }.joined(separator: ", ")

    private static let perSecond = """
        CREATE VIEW traffic_by_second AS SELECT e.recording, (e.time - r.first_event) / 1000000000 AS second,
        sum(e.name = 'socket.send') AS sends, sum(CASE e.name WHEN 'socket.send' THEN e.bytes END) AS sent_bytes,
        sum(e.name = 'socket.receive') AS receives,
        sum(CASE e.name WHEN 'socket.receive' THEN e.bytes END) AS received_bytes, sum(e.success = 0) AS failed
        FROM events AS e JOIN recordings AS r ON r.id = e.recording GROUP BY e.recording, second;
        """

    private static let errors = """
        CREATE VIEW errors AS SELECT name, error, errno, comm, pid, count(*) AS count, min(time) AS first_time,
        max(time) AS last_time FROM events WHERE errno IS NOT NULL GROUP BY name, errno, comm, pid;
        """

    private static let slowest = """
        CREATE VIEW slowest_messages AS SELECT * FROM named_events
        WHERE name IN ('socket.send', 'socket.receive') AND duration IS NOT NULL ORDER BY duration DESC;
        """
}
