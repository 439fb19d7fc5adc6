/// The ends of TCP connections that a trace without functions tells, held against a ledger of endpoints.
///
/// TCP's end of a connection is not its owner's close(2): it comes before by a reset or where its owner dissolves it
/// (connect(2) to AF_UNSPEC), and after with the last segment. So ends are compared by who they are of, and by what was
/// still sent.
package struct ConnectionEnds {
    /// Told twice, of no connection of the ledger, or before something was sent.
    package var wrong: [String] = []
    /// Not told, although something was told of the connection, and the ledger closes it.
    package var missing: [String] = []
    package var count = 0

    /// What the ledger says of an end of a connection.
    private struct Known {
        var lastSend = 0
        var isClosed = false
    }

    package init(_ ledger: EndpointLedger, _ events: [EventLine]) {
        let connections = Self.connections(of: ledger)
        let places = Set(connections.keys.map(\.place))
        var used: Set<Key> = []
        var told: Set<Key> = []
        for event in events where event.text("protocol_name") == "TCP" && event.number("success") != 0 {
            guard let key = Key(event) else { continue }
            if event.name == "socket.close" {
                count += 1
                let isNew = told.insert(key).inserted
                // After losses its inode may be unknown.
                let isRight =
                    key.inode == nil
                    ? places.contains(key.place)
                    : isNew && connections[key].map { event.number("time") ?? 0 > $0.lastSend } == true
                if !isRight { wrong.append(event.description) }
            } else if ["socket.connected", "socket.send", "socket.receive"].contains(event.name) {
                used.insert(key)
            }
        }
        missing = used.subtracting(told).filter { connections[$0]?.isClosed == true }.map { "\($0)" }.sorted()
    }

    private static func connections(of ledger: EndpointLedger) -> [Key: Known] {
        var connections: [Key: Known] = [:]
        for line in ledger.lines {
            guard let key = Key(line) else { continue }
            var connection = connections[key] ?? Known()
            if line.alias == "socket.close" { connection.isClosed = true }
            if line.alias == "socket.send", line["result"].values.contains(where: { Int($0).map { $0 > 0 } == true }) {
                connection.lastSend = max(connection.lastSend, line.window.lowerBound)
            }
            connections[key] = connection
        }
        return connections
    }

    /// An end of a connection. Addresses and ports are used again, and in another network namespace at the same time.
    private struct Key: Hashable {
        var place: String
        var inode: String?

        /// Nil where not both ends are known.
        init?(_ event: EventLine) {
            guard let local = event.text("local_address"), let remote = event.text("remote_address"),
                let localPort = event.number("local_port"), let remotePort = event.number("remote_port"),
                remotePort != 0
            else { return nil }
            place = "\(local) \(localPort) \(remote) \(remotePort)"
            inode = event.number("inode").map { "\($0)" }
        }

        /// Nil where the ledger does not say between which ends of TCP it was.
        init?(_ line: EndpointLine) {
            let names: [Substring] = ["local_address", "local_port", "remote_address", "remote_port"]
            let values = names.map { line[$0].values }
            guard line["protocol"].values == ["6"], values.allSatisfy({ $0.count == 1 }),
                !["-", "0"].contains(values[3][0]), values[1] != ["0"]
            else { return nil }
            place = values.map { $0[0] }.joined(separator: " ")
            inode = line["inode"].values.first
        }
    }
}
