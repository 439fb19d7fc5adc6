internal import ProbeContract
package import EventFormats
internal import RingBuffer
package import SocketNames

/// What a record of one event id means, and where its fields lie: compiled once from the event's format.
struct EventPlan: Sendable {
    var kind: Kind
    /// A payload shorter than this is malformed.
    var minimumLength: Int
    /// Meaningful for frames only.
    var function = ProbeTraits(.sendmsg, number: 0, tellsRoute: false)
    /// What every record of a socket tells, but for the family and protocol, which one can lack.
    var facts: Alias.Arguments = []

    var commonFlags = FieldPlan.absent
    var commonTask = FieldPlan.absent
    var socket = FieldPlan.absent
    /// The socket's `ops` pointer: where it is null there is no family.
    var ops = FieldPlan.absent
    /// The socket's `sk` pointer: where it is null there is no protocol.
    var sock = FieldPlan.absent
    var state = FieldPlan.absent
    var type = FieldPlan.absent
    var flags = FieldPlan.absent
    var family = FieldPlan.absent
    var `protocol` = FieldPlan.absent
    var size = FieldPlan.absent
    var requester = FieldPlan.absent
    var descriptor = FieldPlan.absent
    /// The beginning of the socket's sock.
    var head = EndpointPlan.Head()
    var result = FieldPlan.absent
    var subject = FieldPlan.absent
    var cloneFlags = FieldPlan.absent
    /// Where the 16 bytes of a task's name begin.
    var name = FieldPlan.absent

    enum Kind: Sendable, Equatable {
        case entry(FrameRole)
        case call(FrameRole)
        case `return`(FrameRole)
        /// A tracepoint that tells a whole message.
        case message(OperationKind)
        case newTask
        case renameTask
        case endTask
        /// A fact about a socket.
        case notice(SocketNotice)
        /// What the kernel tells by itself.
        case kernelEvent(KernelEvent)
    }

    /// The tracepoint of socket(2): its type has flags beside it (SOCK_TYPE_MASK in include/linux/net.h), its result is a
    /// descriptor where it is no error, and user space asked for it.
    var isSocketCall = false
}

extension EventPlan {
    /// TRACE_FLAG_HARDIRQ and TRACE_FLAG_SOFTIRQ (include/linux/trace_events.h).
    static var interruptFlags: UInt64 { 0x08 | softInterruptFlag }
    static var softInterruptFlag: UInt64 { 0x10 }

    /// TRACE_FLAG_NMI. No function that reaches a socket runs in one; but a probe that is a breakpoint, as all are where
    /// the kernel has no function tracer and for a moment where it optimises them, is handled like one since 5.8, and then
    /// bears the flag of hard interrupts, too (irqentry_nmi_enter).
    static var breakpointFlag: UInt64 { 0x40 }

    /// As struct trace_entry has had them since 2.6.31 (include/linux/trace_events.h).
    var hasCommonFieldsInPlace: Bool {
        commonFlags.offset == 2 && commonFlags.width == 1 && commonTask.offset == 4 && commonTask.width == 4
    }

    /// The fields of records that an entry can have, what they say of events, and where their plans are kept.
    static var loads: [(record: String, field: EventField?, path: WritableKeyPath<EventPlan, FieldPlan>)] {
        [
            (ProbeField.socket, .socket, \.socket), (ProbeField.ops, nil, \.ops), (ProbeField.sock, nil, \.sock),
            (ProbeField.state, .state, \.state), (ProbeField.type, .type, \.type),
            (ProbeField.flags, .flags, \.flags), (ProbeField.family, .family, \.family),
            (ProbeField.protocol, .protocol, \.protocol), (ProbeField.size, .size, \.size),
            (ProbeField.requester, .requester, \.requester), (ProbeField.descriptor, nil, \.descriptor),
        ]
    }

    /// It says who a socket is.
    var isNotice: Bool {
        if case .notice = kind { true } else { false }
    }

    /// The role of the frame that a record is about.
    var role: FrameRole? {
        switch kind {
        case .entry(let role), .call(let role), .return(let role): role
        case .message, .newTask, .renameTask, .endTask, .notice, .kernelEvent: nil
        }
    }
}

/// The plans of a trace's events, by event id.
package struct EventPlanTable: Sendable {
    /// Index into `plans` by event id; `none` where records of that id are passed over.
    private(set) var indices: ContiguousArray<UInt16>
    private(set) var plans: ContiguousArray<EventPlan> = []
    /// By plan: where its records have addresses.
    private(set) var endpoints: ContiguousArray<EndpointPlanBox> = []
    /// Some event says between whom a message was.
    package private(set) var tellsEndpoints = false
    /// What some event says of whose a socket is.
    package private(set) var shownFields: Set<OptionalField> = []
    /// Records say where datagrams of each family go to.
    private(set) var tellsDestinations = (ipv4: false, ipv6: false, unix: false)
    /// There are records of connect(2).
    private(set) var tellsConnects = false
    /// No function shows that sockets are closed, only TCP's changes of state that connections end.
    private(set) var tellsEnds = false
    /// There are records of TCP's changes of state.
    private(set) var tellsStates = false
    /// The bits of a payload's first eight bytes that tell which task wrote it, and whether in an interrupt; 0 where the
    /// common fields are not where all kernels so far have them.
    private(set) var writerMask: UInt64
    /// How the traced kernel numbers types and errors.
    let numbers: ProcessorNumbers
    /// The meaning of socket flag bits as the trace's own field names state it (`flags_N2C3S4Z5`); nil where they do not.
    package private(set) var flagNames: SocketFlagNames?

    /// Of common_flags those that tell of interrupts, and common_pid, as bytes in memory.
    private static var commonMask: UInt64 {
        let bytes: [UInt8] = [
            0, 0, UInt8(EventPlan.interruptFlags | EventPlan.breakpointFlag), 0, 0xff, 0xff, 0xff, 0xff,
        ]
        return UInt64(littleEndian: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }

    static let none = Int(UInt16.max)

    /// Compiles the plans of the events that socket tracing knows; the others are passed over.
    /// - Parameters:
    ///   - formats: of any events, of one traced kernel.
    ///   - numbers: those of its processor.
    package init(formats: [EventFormat], numbers: ProcessorNumbers = .generic) {
        self.numbers = numbers
        indices = ContiguousArray(repeating: .max, count: 1 << 16)
        writerMask = Self.commonMask
        var numbers: [String: UInt16] = [:]
        var functions: [(plan: Int, role: FrameRole, number: UInt16)] = []
        let repeated = Self.repeated(by: formats)
        for format in formats where !repeated.contains("\(format.system)/\(format.name)") {
            // An id stands for one event; where a damaged file gives it twice, the first counts.
            guard indices[Int(format.id)] == .max, plans.count < Self.none else { continue }
            guard var plan = Self.plan(for: format) else { continue }
            let places = EndpointPlan(format)
            plan.minimumLength = max(plan.minimumLength, places.minimumLength)
            plan.head = places.head
            if plan.head.isPresent || plan.isNotice { tellsEndpoints = true }
            if plan.kind == .kernelEvent(.tcpState) { (tellsStates, tellsEndpoints) = (true, true) }
            shownFields.formUnion(places.ownership.shownFields)
            if plan.descriptor.isPresent { shownFields.insert(.descriptor) }
            if places.flowIPv4.isPresent { tellsDestinations.ipv4 = true }
            if places.flowIPv6.isPresent { tellsDestinations.ipv6 = true }
            if plan.kind == .notice(.datagramSent), places.peerSocket.isPresent { tellsDestinations.unix = true }
            if plan.role?.kind == .connect { tellsConnects = true }
            if let role = plan.role {
                // A group is one tracer's: with two in one file their frames must not be mixed up.
                let function = FrameEventName(parsing: format.name)?.function ?? ""
                let key = format.system + "/" + role.name + "/" + function
                let number = numbers[key] ?? UInt16(truncatingIfNeeded: numbers.count)
                numbers[key] = number
                functions.append((plans.count, role, number))
            }
            let prefix = ProbeField.flags + "_"
            if let flags = format.fields.first(where: { $0.name.hasPrefix(prefix) }) {
                flagNames = SocketFlagNames(compact: flags.name.dropFirst(prefix.count))
            }
            if !plan.hasCommonFieldsInPlace { writerMask = 0 }
            indices[Int(format.id)] = UInt16(plans.count)
            plans.append(plan)
            endpoints.append(EndpointPlanBox(places))
        }
        tellsEnds = tellsStates && !formats.contains(where: Self.isFrameEvent)
        let probed = Set(functions.map(\.role))
        for (plan, role, number) in functions {
            plans[plan].function = ProbeTraits(
                role, number: number, tellsRoute: Self.tellsRoute(role, probed: probed))
        }
    }

    /// Whether a message whose outermost frame has a role can only have come by that role's way. A write that nobody
    /// probes looks like a sendmsg, from within.
    private static func tellsRoute(_ role: FrameRole, probed: Set<FrameRole>) -> Bool {
        switch role {
        case .sendmsg, .protoSendmsg:
            probed.contains(.writeIter) && (probed.contains(.sendpage) || probed.contains(.spliceToSocket))
        case .recvmsg, .protoRecvmsg: probed.contains(.readIter)
        case .writeIter: probed.contains(.writev)
        case .readIter: probed.contains(.readv) && probed.contains(.spliceRead)
        default: true
        }
    }

    /// Reads arguments no more that nobody asks for. Of the rest, pairing needs some itself.
    mutating func omit(_ arguments: Alias.Arguments) {
        if arguments.isSuperset(of: .ends) { omitDatagrams() }
        let omitted = arguments.intersection([.flags, .state, .type])
        let paths = EventPlan.loads.filter { $0.field.map { omitted.contains(Alias.Arguments($0)) } == true }.map(
            \.path)
        for index in plans.indices {
            plans[index].facts.subtract(omitted)
            for path in paths { plans[index][keyPath: path] = .absent }
        }
    }

    /// Where a datagram went or came from is of no use but for its ends, unless it may be a connection.
    private mutating func omitDatagrams() {
        for id in indices.indices where Int(indices[id]) != Self.none {
            let index = Int(indices[id])
            let kind = plans[index].kind
            if kind == .notice(.datagramSent) || kind == .notice(.datagramReceived),
                !endpoints[index].plan.peersPeer.isPresent
            {
                indices[id] = .max
            }
        }
    }

    /// The kernel's events that say who a task is: births, names, ends.
    package static let taskEvents: [(system: String, name: String)] = [
        ("task", "task_newtask"), ("task", "task_rename"), ("sched", "sched_process_exit"),
    ]

    /// No event of the trace is one that socket tracing knows.
    package var isEmpty: Bool { plans.isEmpty }

    /// The trace has records of socket operations, not only of tasks.
    package var showsSockets: Bool {
        plans.contains { plan in
            switch plan.kind {
            case .entry(let role), .call(let role), .return(let role): role.kind != .context
            case .message: true
            case .notice(let notice): notice == .messageSent || notice == .messageReceived
            case .newTask, .renameTask, .endTask, .kernelEvent: false
            }
        }
    }

    private static func plan(for format: EventFormat) -> EventPlan? {
        guard let kind = kind(of: format) else { return nil }
        var plan = EventPlan(kind: kind, minimumLength: 8)
        plan.commonFlags = field("common_flags", of: format, into: &plan)
        plan.commonTask = field("common_pid", of: format, into: &plan)
        switch kind {
        case .newTask:
            plan.subject = field("pid", of: format, into: &plan)
            plan.cloneFlags = field("clone_flags", of: format, into: &plan)
            plan.name = nameField("comm", of: format, into: &plan)
        case .renameTask:
            plan.subject = field("pid", of: format, into: &plan)
            plan.name = nameField("newcomm", of: format, into: &plan)
        case .endTask, .kernelEvent: break
        case .notice:
            plan.result = field(record: ProbeField.result, of: format, into: &plan)
            for load in EventPlan.loads {
                plan[keyPath: load.path] = field(record: load.record, of: format, into: &plan)
            }
            plan.facts = facts(of: plan)
        case .return:
            plan.result = field(record: ProbeField.result, of: format, into: &plan)
            plan.isSocketCall = isSocketCall(format)
        case .message:
            plan.result = field(record: ProbeField.result, of: format, into: &plan)
            plan.family = field(record: ProbeField.family, of: format, into: &plan)
            plan.protocol = field(record: ProbeField.protocol, of: format, into: &plan)
        case .entry, .call:
            plan.isSocketCall = isSocketCall(format)
            for load in EventPlan.loads {
                plan[keyPath: load.path] = field(record: load.record, of: format, into: &plan)
            }
            plan.facts = facts(of: plan)
        }
        return plan
    }

    private static func facts(of plan: EventPlan) -> Alias.Arguments {
        var facts: Alias.Arguments = []
        for load in EventPlan.loads where plan[keyPath: load.path].isPresent {
            if let field = load.field { facts.insert(Alias.Arguments(field)) }
        }
        // Each record has to tell of these by itself: what lies behind a null pointer was not fetched.
        facts.subtract([.family, .protocol])
        if plan.isSocketCall { facts.insert(.requester) }
        return facts
    }

    /// Groups of ours are `sockftrace` (installed by `probes add`) and `sockftrace_PID`.
    private static func isFrameEvent(_ format: EventFormat) -> Bool {
        isOurs(format) && FrameEventName(parsing: format.name) != nil
    }

    private static func isOurs(_ format: EventFormat) -> Bool {
        format.system == "sockftrace" || format.system.hasPrefix("sockftrace_")
    }

    /// The kernel's events, `SYSTEM/EVENT`, that would show once more what probes show.
    private static func repeated(by formats: [EventFormat]) -> Set<String> {
        let notices = Set(formats.filter(isOurs).compactMap { NoticeEventName(parsing: $0.name)?.notice })
        var events: Set<String> = []
        let messages = MessageEvent.allCases.map(\.rawValue)
        if formats.contains(where: isFrameEvent) {
            events.formUnion(messages + SocketCallEvent.allCases.map(\.rawValue))
        }
        if !notices.isDisjoint(with: [.messageSent, .messageReceived]) { events.formUnion(messages) }
        if notices.contains(.tcpChanged) { events.insert(KernelEvent.tcpState.rawValue) }
        return events
    }

    private static func isSocketCall(_ format: EventFormat) -> Bool {
        SocketCallEvent(rawValue: "\(format.system)/\(format.name)") != nil
            || FrameEventName(parsing: format.name)?.function == FrameEventName.socketCall
    }

    private static func kind(of format: EventFormat) -> EventPlan.Kind? {
        let event = "\(format.system)/\(format.name)"
        if let message = MessageEvent(rawValue: event) { return .message(message == .sent ? .send : .receive) }
        if let call = SocketCallEvent(rawValue: event) { return call == .entry ? .entry(.create) : .return(.create) }
        switch (format.system, format.name) {
        case ("task", "task_newtask"): return .newTask
        case ("task", "task_rename"): return .renameTask
        case ("sched", "sched_process_exit"): return .endTask
        case ("sock", "inet_sock_set_state"): return .kernelEvent(.tcpState)
        case ("tcp", "tcp_retransmit_skb"): return .kernelEvent(.tcpRetransmit)
        case ("tcp", "tcp_receive_reset"): return .kernelEvent(.tcpReceiveReset)
        case ("syscalls", let name): return callKind(of: name)
        default: break
        }
        guard isOurs(format) else { return nil }
        if let notice = NoticeEventName(parsing: format.name) {
            return notice.notice == .tcpChanged ? .kernelEvent(.tcpState) : .notice(notice.notice)
        }
        guard let name = FrameEventName(parsing: format.name) else { return nil }
        switch name.side {
        case .entry: return .entry(name.role)
        case .entryOnly: return .call(name.role)
        case .return: return .return(name.role)
        }
    }

    private static func callKind(of event: String) -> EventPlan.Kind? {
        guard let (call, side) = DescriptorCall.parse(event: event) else { return nil }
        return side == .return ? .return(call.role) : .entry(call.role)
    }

    private static func field(
        record name: String, of format: EventFormat, into plan: inout EventPlan
    ) -> FieldPlan {
        // The name of the flags also says what they mean.
        let meaning = name == ProbeField.flags ? format.fields.first { $0.name.hasPrefix(name + "_") }?.name : nil
        return field(meaning ?? name, of: format, into: &plan)
    }

    private static func field(_ name: String, of format: EventFormat, into plan: inout EventPlan) -> FieldPlan {
        guard let compiled = single(name, of: format) ?? packed(name, of: format) else { return .absent }
        plan.minimumLength = max(plan.minimumLength, compiled.end)
        return compiled
    }

    private static func single(_ name: String, of format: EventFormat) -> FieldPlan? {
        guard let field = format.field(name), !field.isDynamic, !field.isArray else { return nil }
        return FieldPlan(offset: field.offset, width: field.size, isSigned: field.isSigned)
    }

    /// A member that shares a field with others.
    private static func packed(_ name: String, of format: EventFormat) -> FieldPlan? {
        for field in format.fields where !field.isDynamic {
            guard let member = FieldPack(parsing: field.name)?.member(name, within: field.size) else { continue }
            return FieldPlan(offset: field.offset + member.offset, width: member.width, isSigned: false)
        }
        return nil
    }

    private static func nameField(_ name: String, of format: EventFormat, into plan: inout EventPlan) -> FieldPlan {
        guard let field = format.field(name), !field.isDynamic, field.size == TaskName.capacity,
            let compiled = FieldPlan(offset: field.offset, width: 8, isSigned: false)
        else { return .absent }
        plan.minimumLength = max(plan.minimumLength, field.offset + field.size)
        return compiled
    }
}
