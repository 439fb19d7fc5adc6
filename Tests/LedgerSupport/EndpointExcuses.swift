/// What no function of the kernel shows, so that null is the honest answer.
package enum EndpointExcuses {
    private static let ends: Set<String> = [
        "local_address", "local_port", "remote_address", "remote_port", "remote_inode",
    ]
    private static let steps = ["connect", "accept", "bind", "listen", "shutdown"].map { "socket.\($0)" }

    @Sendable package static func hold(_ line: EndpointLine, _ field: String) -> Bool {
        switch field {
        // io_uring, creations and closes know the file alone.
        case "fd": line.situation.hasPrefix("uring.") || !(line.isMessage || isStep(line))
        // The call fails before it has looked for the socket: only its descriptor is known.
        case "inode", "family", "type", "protocol", "tcp_state":
            line.situation.hasSuffix(".bad-pointer") || line.situation.hasSuffix(".bad-length")
        case let end where ends.contains(end): hold(line, end: end)
        default: false
        }
    }

    /// What a kernel without security hooks does not show besides (CONFIG_SECURITY is off).
    /// - Parameter tellsAccepted: the message about a connection of AF_UNIX ends in skb_free_datagram, as up to 6.13, and not in a
    ///   function that every packet passes.
    package static func withoutHooks(tellsAccepted: Bool) -> @Sendable (EndpointLine, String) -> Bool {
        { line, field in
            guard !hold(line, field) else { return true }
            guard ["remote_address", "remote_inode"].contains(field) || !tellsAccepted && field == "local_address",
                line["family"].values == ["1"]
            else { return false }
            if line["type"].values == ["2"], field != "local_address" {
                switch line.alias {
                // Where a datagram goes to, and whom its socket is connected to, security_unix_may_send alone is told.
                case "socket.send", "socket.connect.return", "socket.connected": return true
                // Who sent it is known by its sock, which security_socket_post_create shows, and else bind(2) and connect(2).
                case "socket.receive": return line.situation == "unix-dgram.path"
                default: return false
                }
            }
            // Their other ends are known by the one that is accepted.
            return !tellsAccepted && !line.situation.hasSuffix("socketpair") && !line.situation.hasSuffix("-pair")
        }
    }

    // MARK: Kernels without kprobes

    /// Of connections the changes of TCP's state show those that began.
    @Sendable package static func isShownByEvents(_ line: EndpointLine) -> Bool {
        guard line.alias == "socket.connected" else { return true }
        let failedBefore = [".bad-family", ".bad-length", ".bad-pointer", ".no-route"]
        return isTCP(line) && !failedBefore.contains { line.situation.hasSuffix($0) }
    }

    /// Messages of which the end alone is seen, by the sock: TCP's tells all, others whom they belong to.
    @Sendable package static func holdByEvents(_ line: EndpointLine, _ field: String) -> Bool {
        if line.isMessage, field == "duration" { return true }
        // The sock gave its ends back before its first message.
        if line.situation.hasSuffix(".unspec"), line.alias == "socket.receive", ends.contains(field) { return true }
        guard ends.contains(field), !isTCP(line) else { return hold(line, field) }
        // Without a look at routes and datagrams nobody knows where they went; other families' names are kept elsewhere.
        return !field.hasPrefix("local_") || line["family"].values != ["2"] || hold(line, field)
    }

    private static func isTCP(_ line: EndpointLine) -> Bool { line["protocol"].values == ["6"] }

    private static func isStep(_ line: EndpointLine) -> Bool {
        line.alias == "socket.connected" || steps.contains { line.alias.hasPrefix($0) }
    }

    private static func isIPv6Datagram(_ line: EndpointLine) -> Bool {
        line["family"].values == ["10"] && line["type"].values == ["2"]
    }

    private static func hold(_ line: EndpointLine, end field: String) -> Bool {
        let isLocal = field.hasPrefix("local_")
        let situation = line.situation
        let failed = line.results.contains { ($0 ?? 0) < 0 }
        switch true {
        // The call fails before it has looked for the socket.
        case situation.hasSuffix(".bad-pointer"), situation.hasSuffix(".bad-length"), situation.hasSuffix(".bad-fd"),
            situation.hasSuffix(".not-a-socket"):
            return true
        // The kernel chooses the port; the next record of the socket shows which.
        case field == "local_port" && ["socket.bind.return", "socket.listen.return"].contains(line.alias): return true
        case isLocal && situation.hasSuffix(".fastopen-connect") && line.alias == "socket.connect.return": return true
        case isLocal && situation.hasPrefix("udp")
            && ["socket.connect.return", "socket.connected"].contains(line.alias):
            return true
        case field == "local_port" && situation.hasPrefix("udp") && line.alias == "socket.send" && failed: return true
        // It chooses the address, too, which only IPv4's record has; a datagram that comes shows it, and none that goes.
        case situation.hasPrefix("udp6.") || isIPv6Datagram(line):
            return isLocal || situation == "udp6.connect-wildcard"
        case situation.hasPrefix("netlink."): return field.hasSuffix("_port")
        case situation == "unix-dgram.autobind": return true
        // The call fails before it asks whether it may reach the other socket.
        case situation == "unix-dgram.connected": return !isLocal && failed
        // Options stand where the ports are looked for; a packet socket's messages name no peer.
        case situation == "udp4.ip-options", situation.hasPrefix("packet."): return !isLocal
        // The other end is closed already.
        case situation == "shared.passed": return field == "remote_inode"
        default: return false
        }
    }
}
