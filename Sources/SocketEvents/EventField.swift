/// A member of an event.
///
/// The cases are in the order in which JSON, CSV and SQL have them; `schema` says of each all that there is to say. To add
/// one: a case and its schema here, its storage and accessor in `SocketEvent`, the aliases that carry it in
/// `Alias.arguments`, its load in `EventPlan`; the renderers that are written by hand are held to the table by tests.
@usableFromInline package enum EventField: CaseIterable, Sendable {
    case name
    case time
    case cpu
    case pid
    case tid
    case comm
    case socket
    case inode
    case size
    case bytes
    case errno
    case `protocol`
    case family
    case localAddress
    case localPort
    case remoteAddress
    case remotePort
    case remoteInode
    case state
    case tcpState
    case flags
    case type
    case requester
    case listener
    case backlogWait
    case backlog
    case how
    case err
    case success
    case error
    case via
    case duration

    /// What is known of a field before any event is.
    @usableFromInline package struct Schema: Sendable {
        /// The bit that stands for the field in a set of fields.
        @usableFromInline package let bit: UInt8
        /// The key in JSON, the column in CSV and SQL.
        @usableFromInline package let key: StaticString
        /// How the value is written.
        @usableFromInline package let form: Form
        /// What a number counts.
        @usableFromInline package let unit: Unit
        /// Where the traced kernel has it.
        @usableFromInline package let origin: StaticString

        @inlinable
        init(
            _ bit: UInt8, _ key: StaticString, _ form: Form, _ unit: Unit = .none, origin: StaticString
        ) {
            (self.bit, self.key, self.form, self.unit, self.origin) = (bit, key, form, unit, origin)
        }
    }

    /// How a value is written.
    @usableFromInline package enum Form: Sendable {
        /// A number.
        case number
        /// A number, and under `KEY_name` the name that it has.
        case namedNumber
        /// `0x` and sixteen hexadecimal digits.
        case address
        /// 1 or 0.
        case flag
        /// A text.
        case text
    }

    /// What a number counts.
    @usableFromInline package enum Unit: Sendable {
        case none
        case bytes
        case nanoseconds
    }

    /// What is known of the field. In one expression, so that what is asked of a certain field is a constant in other
    /// modules, too.
    @inlinable
    @inline(__always)
    package var schema: Schema {
        switch self {
        case .name: Schema(0, "name", .text, origin: "the probe")
        case .time: Schema(1, "time", .number, .nanoseconds, origin: "trace clock")
        case .cpu: Schema(2, "cpu", .number, origin: "the ring buffer's CPU")
        case .pid: Schema(3, "pid", .number, origin: "task.tgid")
        case .tid: Schema(4, "tid", .number, origin: "task.pid")
        case .comm: Schema(5, "comm", .text, origin: "task.comm")
        case .socket: Schema(6, "socket", .address, origin: "struct socket")
        case .size:
            Schema(
                7, "size", .number, .bytes,
                origin: "msghdr.msg_iter.count, the result")
        case .protocol: Schema(8, "protocol", .namedNumber, origin: "sock.sk_protocol")
        case .family: Schema(9, "family", .namedNumber, origin: "sock.skc_family, proto_ops.family")
        case .state: Schema(10, "state", .namedNumber, origin: "socket.state")
        case .flags: Schema(11, "flags", .namedNumber, origin: "socket.flags")
        case .type: Schema(12, "type", .namedNumber, origin: "socket.type")
        case .requester: Schema(13, "requester", .number, origin: "__sock_create(kern)")
        case .err: Schema(14, "err", .number, origin: "the result")
        case .success: Schema(15, "success", .flag, origin: "the result")
        case .error: Schema(16, "error", .text, origin: "the result")
        case .via: Schema(17, "via", .text, origin: "the functions passed")
        case .duration: Schema(18, "duration", .number, .nanoseconds, origin: "entry to return")
        case .inode: Schema(19, "inode", .number, origin: "socket_alloc.vfs_inode.i_ino")
        case .bytes: Schema(20, "bytes", .number, .bytes, origin: "the result")
        case .errno: Schema(21, "errno", .number, origin: "the result")
        case .localAddress: Schema(22, "local_address", .text, origin: "sock.skc_rcv_saddr, unix_sock.addr")
        case .localPort: Schema(23, "local_port", .number, origin: "sock.skc_num")
        case .remoteAddress: Schema(24, "remote_address", .text, origin: "sock.skc_daddr, unix_sock.peer")
        case .remotePort: Schema(25, "remote_port", .number, origin: "sock.skc_dport")
        case .remoteInode: Schema(26, "remote_inode", .number, origin: "unix_sock.peer")
        case .tcpState: Schema(27, "tcp_state", .text, origin: "sock.skc_state")
        case .listener: Schema(28, "listener", .number, origin: "inode of the listening socket")
        case .backlogWait: Schema(29, "backlog_wait", .number, .nanoseconds, origin: "established to accepted")
        case .backlog: Schema(30, "backlog", .number, origin: "listen(backlog)")
        case .how: Schema(31, "how", .number, origin: "shutdown(how)")
        }
    }

    /// Fields that are not an event's own: they lie beside it, with who its socket is.
    package static let details: [EventField] = [
        .inode, .localAddress, .localPort, .remoteAddress, .remotePort, .remoteInode, .listener, .backlogWait,
    ]

    /// Fields that every event has, whatever its alias.
    package static let common: [EventField] = [.name, .time, .cpu, .pid, .tid, .comm]

    /// The keys of JSON and the columns of CSV that the field takes.
    package var keys: [String] {
        let key = schema.key.description
        return schema.form == .namedNumber ? [key, key + "_name"] : [key]
    }

    /// The aliases whose events have the field.
    package var aliases: [Alias] {
        Self.common.contains(self) ? Alias.allCases : Alias.allCases.filter { self.isCarried(by: $0) }
    }

    /// Whether events of an alias have the field, be its value known or not. An error's name is there with the success that
    /// it explains.
    package func isCarried(by alias: Alias) -> Bool {
        if Self.common.contains(self) { return true }
        return alias.arguments.contains(self == .error ? .success : Alias.Arguments(self))
    }
}
