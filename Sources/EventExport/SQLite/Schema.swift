internal import SocketEvents

/// The tables, indexes and views of the database. A change of what is there, or of what it means, is a new version; one
/// that only adds is not.
enum Schema {
    static let version = 1
    /// `Sock` as a number, so that file(1) and others can tell such databases from the rest.
    static let applicationID = 0x536f_636b

    static let events = SchemaTable(name: "events", columns: EventColumn.allCases.map(\.definition))

    static let recordings = SchemaTable(
        name: "recordings",
        columns: [
            .init("id", "INTEGER PRIMARY KEY"), .init("name", "TEXT NOT NULL"), .init("machine", "TEXT"),
            .init("recorder", "TEXT"), .init("boot", "TEXT"), .init("clock", "TEXT"),
            .init("counts_nanoseconds", "INTEGER NOT NULL"), .init("wall_offset", "INTEGER"),
            .init("begin", "INTEGER"), .init("first_event", "INTEGER"), .init("last_event", "INTEGER"),
            .init("events", "INTEGER NOT NULL"), .init("lost_records", "INTEGER NOT NULL"),
            .init("uncounted_losses", "INTEGER NOT NULL"), .init("missed_returns", "INTEGER NOT NULL"),
            .init("unfinished_operations", "INTEGER NOT NULL"), .init("remarks", "TEXT"),
        ])

    static let sockets = SchemaTable(
        name: "sockets",
        columns: [
            .init("id", "INTEGER PRIMARY KEY"), .init("recording", "INTEGER NOT NULL REFERENCES recordings"),
            .init("address", "TEXT NOT NULL"), .init("life", "INTEGER NOT NULL"), .init("inode", "INTEGER"),
            .init("protocol", "INTEGER"), .init("family", "INTEGER"), .init("type", "INTEGER"),
            .init("local_address", "TEXT"), .init("local_port", "INTEGER"), .init("first_time", "INTEGER NOT NULL"),
            .init("last_time", "INTEGER NOT NULL"), .init("closed", "INTEGER"),
        ])

    static let connections = SchemaTable(
        name: "connections",
        columns: [
            .init("id", "INTEGER PRIMARY KEY"), .init("recording", "INTEGER NOT NULL REFERENCES recordings"),
            .init("socket_id", "INTEGER REFERENCES sockets"), .init("begin", "INTEGER NOT NULL"),
            .init("time", "INTEGER NOT NULL"), .init("pid", "INTEGER"), .init("comm", "TEXT"),
            .init("inode", "INTEGER"), .init("protocol", "INTEGER"), .init("family", "INTEGER"),
            .init("local_address", "TEXT"), .init("local_port", "INTEGER"), .init("remote_address", "TEXT"),
            .init("remote_port", "INTEGER"), .init("remote_inode", "INTEGER"), .init("direction", "TEXT"),
            .init("connect_latency", "INTEGER"), .init("backlog_wait", "INTEGER"), .init("lived", "INTEGER"),
            .init("sent_bytes", "INTEGER NOT NULL"), .init("sent_messages", "INTEGER NOT NULL"),
            .init("received_bytes", "INTEGER NOT NULL"), .init("received_messages", "INTEGER NOT NULL"),
            .init("retransmits", "INTEGER"), .init("end", "TEXT NOT NULL"), .init("errno", "INTEGER"),
            .init("error", "TEXT"),
        ].map { column in
            // A keyword of SQL; the name is that of the command `connections`.
            column.name == "end" ? SchemaTable.Column("\"end\"", column.type) : column
        })

    static let processes = SchemaTable(
        name: "processes",
        columns: [
            .init("id", "INTEGER PRIMARY KEY"), .init("recording", "INTEGER NOT NULL REFERENCES recordings"),
            .init("pid", "INTEGER"), .init("comm", "TEXT"), .init("first_time", "INTEGER NOT NULL"),
            .init("last_time", "INTEGER NOT NULL"), .init("events", "INTEGER NOT NULL"),
        ])

    static let losses = SchemaTable(
        name: "losses",
        columns: [
            .init("id", "INTEGER PRIMARY KEY"), .init("recording", "INTEGER NOT NULL REFERENCES recordings"),
            .init("before_event", "INTEGER NOT NULL"), .init("cpu", "INTEGER NOT NULL"), .init("count", "INTEGER"),
        ])

    static let names = SchemaTable(
        name: "names",
        columns: [
            .init("field", "TEXT NOT NULL"), .init("number", "INTEGER NOT NULL"), .init("family", "INTEGER NOT NULL"),
            .init("recording", "INTEGER NOT NULL"), .init("name", "TEXT NOT NULL"),
        ])

    static let meta = SchemaTable(
        name: "meta", columns: [.init("key", "TEXT PRIMARY KEY"), .init("value", "TEXT NOT NULL")])

    static let tables = [meta, recordings, processes, sockets, connections, events, losses, names]

    /// Stands for what a name does not depend on.
    static let any = -1

    /// Run before the first row. The file is new and nobody else's: a process that is killed leaves a part under another
    /// name, so there is no journal to go back by, and nothing to lock. Large pages take less time to fill, and few events
    /// fail, so that an index of those grows for less than a look at all events takes.
    static let opening =
        """
        PRAGMA page_size = 32768; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA cache_size = -16384; PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version);
        PRAGMA encoding = 'UTF-8';
        BEGIN;
        \(tables.map(\.definition).joined())
        CREATE INDEX events_time ON events (time);
        CREATE INDEX events_errno ON events (errno) WHERE errno IS NOT NULL;
        """

    /// Run behind the last row: an index that grows with its table takes longer than one that is made of a whole one, but
    /// for that of what comes in order.
    static let closing =
        """
        CREATE INDEX events_pid ON events (pid);
        CREATE INDEX events_socket ON events (socket_id);
        CREATE UNIQUE INDEX names_key ON names (field, number, family, recording);
        CREATE INDEX connections_socket ON connections (socket_id);
        \(SchemaViews.all)
        COMMIT;
        """
}
