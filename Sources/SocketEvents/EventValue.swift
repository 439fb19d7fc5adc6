internal import SocketNames

/// The value of one field of an event, for whoever does not care which field it is.
package enum EventValue: Sendable, Hashable {
    case number(Int64)
    /// A number that may be beyond the signed ones: a time, a word of flags, an address.
    case word(UInt64)
    case flag(Bool)
    case name(TaskName)
    case text(String)
    case address(SocketAddress)
}

extension SocketEvent {
    /// The value of a field; nil where the event does not know it. Whether its alias has it at all, `isCarried(by:)` says.
    package func value(of field: EventField) -> EventValue? {
        func number(_ value: Int32?) -> EventValue? { value.map { .number(Int64($0)) } }
        return switch field {
        case .name: .text(alias.name.description)
        case .time: .word(time)
        case .cpu: .number(Int64(cpu))
        case .pid: number(pid)
        case .tid: .number(Int64(tid))
        case .comm: comm.map { .name($0) }
        case .socket: socket.map { .word($0) }
        case .size: size.map { .number($0) }
        case .protocol: number(`protocol`)
        case .family: number(family)
        case .state: number(state)
        case .flags: flags.map { .word($0) }
        case .type: number(type)
        case .requester: number(requester)
        case .err: number(err)
        case .success: success.map { .flag($0) }
        case .error: errorNumber.map { .text(ErrorNames.name(of: $0)?.description ?? String($0)) }
        case .via: via.map { .text($0.name.description) }
        case .duration: duration.map { .word($0) }
        case .bytes: bytes.map { .word($0) }
        case .errno: errorNumber.map { .number(Int64($0)) }
        case .tcpState: tcpState.map { .text(TCPStateNames.name(of: $0)?.description ?? String($0)) }
        case .backlog: number(backlog)
        case .how: number(how)
        case .inode, .localAddress, .localPort, .remoteAddress, .remotePort, .remoteInode, .listener, .backlogWait: nil
        }
    }
}

extension EventDetails {
    /// The value of a field that is not an event's own; nil where it is not known, and of others.
    package func value(of field: EventField) -> EventValue? {
        switch field {
        case .inode: inode.map { .word($0) }
        case .localAddress: local.flatMap { $0.kind == .netlink ? nil : .address($0) }
        case .localPort: local?.port.map { .number(Int64($0)) }
        case .remoteAddress: remote.flatMap { $0.kind == .netlink ? nil : .address($0) }
        case .remotePort: remote?.port.map { .number(Int64($0)) }
        case .remoteInode: remoteInode.map { .word($0) }
        case .listener: listener.map { .word($0) }
        case .backlogWait: backlogWait.map { .word($0) }
        default: nil
        }
    }
}

extension SocketEvent: Equatable {
    /// What is not known does not count.
    public static func == (left: SocketEvent, right: SocketEvent) -> Bool {
        EventField.allCases.allSatisfy { left.value(of: $0) == right.value(of: $0) }
    }
}
