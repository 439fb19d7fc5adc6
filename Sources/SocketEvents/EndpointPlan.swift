internal import EventFormats
internal import ProbeContract
internal import RingBuffer

/// Where in the records of one event addresses lie, and what else says who a socket is.
struct EndpointPlan: Sendable {
    /// Bytes that a record must have.
    var minimumLength = 0

    var head = Head()
    /// Where the 16 bytes of each begin; -1 where the event does not have them.
    var remoteIPv6: Int32 = -1
    var localIPv6: Int32 = -1
    /// Where a `struct sockaddr` begins, and how many bytes of it there can be.
    var address: Int32 = -1
    var addressRoom: Int32 = 0
    var length = FieldPlan.absent
    var flowIPv4 = Flow()
    var flowIPv6 = Flow()
    /// Where the 48 bytes before a datagram's data begin.
    var header: Int32 = -1

    var sock = FieldPlan.absent
    var inode = FieldPlan.absent
    var ownership = OwnershipPlan()
    var listener = FieldPlan.absent
    var peerSocket = FieldPlan.absent
    var peerSock = FieldPlan.absent
    var peersPeer = FieldPlan.absent
    var name = FieldPlan.absent
    var backlog = FieldPlan.absent
    var how = FieldPlan.absent
    var error = FieldPlan.absent
    var port = FieldPlan.absent
    var remotePort = FieldPlan.absent
    var type = FieldPlan.absent
    var `protocol` = FieldPlan.absent
    var family = FieldPlan.absent
    // Of the kernel's own event.
    var oldState = FieldPlan.absent
    var newState = FieldPlan.absent
    var sourcePort = FieldPlan.absent
    var destinationPort = FieldPlan.absent

    /// The beginning of a sock.
    struct Head: Sendable {
        var remoteIPv4 = FieldPlan.absent
        var localIPv4 = FieldPlan.absent
        var remotePort = FieldPlan.absent
        var localPort = FieldPlan.absent
        var family = FieldPlan.absent
        var state = FieldPlan.absent
        /// All of them are there.
        var isPresent = false
    }

    /// Where a datagram goes: where its addresses begin, and its ports.
    struct Flow: Sendable {
        var remote: Int32 = -1
        var local: Int32 = -1
        var remotePort = FieldPlan.absent
        var localPort = FieldPlan.absent

        var isPresent: Bool { remote >= 0 }
    }

    /// Fields that hold one number, by their names.
    private static var numbers: [(String, WritableKeyPath<EndpointPlan, FieldPlan>)] {
        [
            (ProbeField.sock, \.sock), (ProbeField.inode, \.inode), (ProbeField.listener, \.listener),
            (ProbeField.peerSocket, \.peerSocket), (ProbeField.peerSock, \.peerSock),
            (ProbeField.peersPeer, \.peersPeer), (ProbeField.name, \.name),
            (ProbeField.backlog, \.backlog), (ProbeField.how, \.how),
            (ProbeField.error, \.error), (ProbeField.length, \.length), (ProbeField.port, \.port),
            (ProbeField.remotePort, \.remotePort), (ProbeField.type, \.type), (ProbeField.protocol, \.protocol),
            (ProbeField.family, \.family),
            ("skaddr", \.sock), ("oldstate", \.oldState), ("newstate", \.newState), ("sport", \.sourcePort),
            ("dport", \.destinationPort),
        ]
    }

    /// Of an event of ours, or of one that the kernel has of itself.
    init(_ format: EventFormat) {
        for (name, path) in Self.numbers {
            if let plan = Self.number(name, of: format) { self[keyPath: path] = take(plan) }
        }
        for (name, path) in OwnershipPlan.numbers {
            if let plan = Self.number(name, of: format) { ownership[keyPath: path] = take(plan) }
        }
        for field in format.fields where !field.isDynamic {
            readPack(field)
            switch field.name {
            case ProbeField.address: (address, addressRoom) = (take(field.offset, field.size), Int32(field.size))
            case ProbeField.header where field.size >= Self.headerSize:
                header = take(field.offset, Self.headerSize)
            // As struct trace_event_raw_inet_sock_set_state has them: arrays of bytes.
            case "saddr_v6" where field.size == 16: localIPv6 = take(field.offset, 16)
            case "daddr_v6" where field.size == 16: remoteIPv6 = take(field.offset, 16)
            case "saddr" where field.size == 4: head.localIPv4 = take(word(field.offset, 4))
            case "daddr" where field.size == 4: head.remoteIPv4 = take(word(field.offset, 4))
            default: continue
            }
        }
    }

    private static func number(_ name: String, of format: EventFormat) -> FieldPlan? {
        guard let field = format.field(name), !field.isDynamic, !field.isArray else { return nil }
        return FieldPlan(offset: field.offset, width: field.size, isSigned: field.isSigned)
    }

    /// Bytes of an IPv6 header and one of UDP.
    static let headerSize = 48

    private mutating func readPack(_ field: FormatField) {
        func member<Member: AddressMember>(_ pack: AddressPack<Member>, _ member: Member) -> Int? {
            pack.offset(of: member, within: field.size).map { field.offset + $0 }
        }
        if let pack = AddressPack<SockMember>(parsing: field.name) {
            head.remoteIPv4 = take(word(member(pack, .remoteIPv4), 4))
            head.localIPv4 = take(word(member(pack, .localIPv4), 4))
            head.remotePort = take(word(member(pack, .remotePort), 2))
            head.localPort = take(word(member(pack, .localPort), 2))
            head.family = take(word(member(pack, .family), 2))
            head.state = take(word(member(pack, .state), 1))
            head.isPresent = SockMember.allCases.allSatisfy { member(pack, $0) != nil }
        } else if let pack = AddressPack<SockIPv6Member>(parsing: field.name) {
            if let place = member(pack, .remote) { remoteIPv6 = take(place, 16) }
            if let place = member(pack, .local) { localIPv6 = take(place, 16) }
        } else if let pack = AddressPack<FlowIPv4Member>(parsing: field.name) {
            if let place = member(pack, .remote) { flowIPv4.remote = take(place, 4) }
            if let place = member(pack, .local) { flowIPv4.local = take(place, 4) }
            flowIPv4.remotePort = take(word(member(pack, .remotePort), 2))
            flowIPv4.localPort = take(word(member(pack, .localPort), 2))
        } else if let pack = AddressPack<FlowIPv6Member>(parsing: field.name) {
            if let place = member(pack, .remote) { flowIPv6.remote = take(place, 16) }
            if let place = member(pack, .local) { flowIPv6.local = take(place, 16) }
            flowIPv6.remotePort = take(word(member(pack, .remotePort), 2))
            flowIPv6.localPort = take(word(member(pack, .localPort), 2))
        }
    }

    private func word(_ offset: Int?, _ width: Int) -> FieldPlan {
        offset.flatMap { FieldPlan(offset: $0, width: width, isSigned: false) } ?? .absent
    }

    private mutating func take(_ plan: FieldPlan) -> FieldPlan {
        if plan.isPresent { minimumLength = max(minimumLength, plan.end) }
        return plan
    }

    private mutating func take(_ offset: Int, _ size: Int) -> Int32 {
        minimumLength = max(minimumLength, offset + size)
        return Int32(truncatingIfNeeded: offset)
    }
}

/// Held by reference: it is large, and looked at field by field.
final class EndpointPlanBox: Sendable {
    let plan: EndpointPlan

    init(_ plan: EndpointPlan) { self.plan = plan }
}
