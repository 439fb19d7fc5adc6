package import RingBuffer
package import ProbeContract

/// A socket of a script, as the probes see it.
package struct ScriptedSocket: Sendable, Equatable {
    /// Its name.
    package var name: String
    /// Address of its `struct socket`.
    package var address: UInt64
    /// Address of its `struct sock`; 0 where it never got one.
    package var sock: UInt64 = 0xffff_8880_0001_0000
    /// `socket.state`; 3 is connected.
    package var state = 3
    /// `socket.type`.
    package var type = 1
    /// `socket.flags`.
    package var flags: UInt64 = 0x20
    /// Address family.
    package var family = 2
    /// Protocol number.
    package var `protocol` = 6

    /// A connected socket.
    package init(_ name: String, address: UInt64, type: Int = 1, family: Int = 2, protocol: Int = 6) {
        self.name = name
        self.address = address
        self.type = type
        self.family = family
        self.protocol = `protocol`
    }

    /// A TCP socket.
    package static let tcp = ScriptedSocket("tcp", address: 0xffff_8880_0000_1000)
    /// A UDP socket.
    package static let udp = ScriptedSocket("udp", address: 0xffff_8880_0000_2000, type: 2, protocol: 17)
    /// A stream socket of the UNIX family, whose protocol is 0.
    package static let unix = ScriptedSocket("unix", address: 0xffff_8880_0000_3000, family: 1, protocol: 0)
    /// A creation failed before it got its protocol's parts: what lies behind its null pointers reads as zero.
    package static let bare: ScriptedSocket = {
        var socket = ScriptedSocket("bare", address: 0xffff_8880_0000_4000, family: 0, protocol: 0)
        socket.sock = 0
        return socket
    }()

    static let known: [ScriptedSocket] = [.tcp, .udp, .unix, .bare]
}

/// A trace made in memory, told as a story: each call is a record, written by the task and the CPU that are set, ten
/// nanoseconds after the one before it.
package struct TraceScript {
    /// Who acts from here on.
    package var tid: Int32 = 7
    /// Where that is.
    package var cpu = 0
    /// Time of the last record.
    package var time: UInt64 = 1_000
    /// `common_flags` of what follows: 0x08 and 0x10 are interrupts.
    package var context: UInt64 = 0
    /// The tracer whose probes fire.
    package var group = "sockftrace_1"
    /// Fields that this kernel's probes do not give.
    package var lacking: Set<String> = []
    /// This kernel's probes fetch state, type and flags at once.
    package var packs = false
    /// Roles whose functions this kernel does not have.
    package var unprobed: Set<FrameRole> = []

    /// Of the kernel that is told of.
    package let byteOrder: ByteOrder
    /// The events that were written, each once.
    package private(set) var events: [ScriptedEvent] = []
    var pages: [[PageBuilder]]
    /// Time of the last record of each CPU.
    private var times: [UInt64]

    /// A machine where nothing has happened yet.
    package init(cpus: Int = 2, byteOrder: ByteOrder = .little) {
        self.byteOrder = byteOrder
        pages = Array(repeating: [], count: cpus)
        times = Array(repeating: 0, count: cpus)
    }

    // MARK: What happens

    /// The task enters a function.
    package mutating func enter(
        _ role: FrameRole, _ socket: ScriptedSocket? = nil, size: Int64 = 0, function: String? = nil
    ) {
        probe(FrameEventName(role: role, side: .entry, function: function), values(of: socket, size: size))
    }

    /// The task passes a function whose return is not probed.
    package mutating func call(
        _ role: FrameRole, _ socket: ScriptedSocket? = nil, size: Int64 = 0, function: String? = nil
    ) {
        probe(FrameEventName(role: role, side: .entryOnly, function: function), values(of: socket, size: size))
    }

    /// The task leaves a function with a result.
    package mutating func leave(_ role: FrameRole, _ result: Int64 = 0, function: String? = nil) {
        probe(FrameEventName(role: role, side: .return, function: function), ["ret": UInt64(bitPattern: result)])
    }

    /// Entry and return of one function, with nothing in between.
    package mutating func pass(_ role: FrameRole, _ socket: ScriptedSocket? = nil, size: Int64 = 0, _ result: Int64) {
        enter(role, socket, size: size)
        leave(role, result)
    }

    /// The task makes a system call by a descriptor, as the kernel's own tracepoint has it.
    package mutating func enter(call: DescriptorCall, by descriptor: Int32) {
        let event = event(named: "sys_enter_\(call)", in: "syscalls") { .systemCall("sys_enter_\(call)", "fd", id: $0) }
        write(event, ["fd": UInt64(UInt32(bitPattern: descriptor))])
    }

    /// The task returns from a system call.
    package mutating func leave(call: DescriptorCall, _ result: Int64 = 0) {
        let event = event(named: "sys_exit_\(call)", in: "syscalls") { .systemCall("sys_exit_\(call)", "ret", id: $0) }
        write(event, ["ret": UInt64(bitPattern: result)])
    }

    /// The task enters the creation of a socket.
    package mutating func enterCreate(
        family: Int64, type: Int64, protocol: Int64 = 0, requester: UInt64 = 0, function: String? = nil
    ) {
        let values = [
            "family": UInt64(bitPattern: family), "type": UInt64(bitPattern: type),
            "protocol": UInt64(bitPattern: `protocol`), "requester": requester,
        ]
        probe(FrameEventName(role: .create, side: .entry, function: function), values)
    }

    /// The task makes a child: a process, or a thread of its own process.
    package mutating func fork(_ child: Int32, comm: String, isThread: Bool = false) {
        let event = event(named: "task_newtask", in: "task") { .newTask(id: $0) }
        write(
            event, ["pid": UInt64(bitPattern: Int64(child)), "clone_flags": isThread ? 0x10000 : 0],
            texts: ["comm": Array(comm.utf8)])
    }

    /// The task ends; it may still close what it has open.
    package mutating func end() {
        let event = event(named: "sched_process_exit", in: "sched") { .endTask(id: $0) }
        write(event, ["pid": UInt64(bitPattern: Int64(tid))])
    }

    /// A task's name changes: its own, or by its number another's.
    package mutating func rename(_ comm: [UInt8], of task: Int32? = nil) {
        let event = event(named: "task_rename", in: "task") { .renameTask(id: $0) }
        write(event, ["pid": UInt64(bitPattern: Int64(task ?? tid))], texts: ["newcomm": comm])
    }

    /// Records of the CPU are missing here.
    package mutating func lose(_ count: UInt64?) {
        var page = PageBuilder(.standard(byteOrder: byteOrder))
        page.loss = count.map { .counted($0) } ?? .uncounted
        pages[cpu].append(page)
    }

    /// The CPU's clock jumps back.
    package mutating func setBack(to time: UInt64) {
        pages[cpu].append(PageBuilder(.standard(byteOrder: byteOrder)))
        self.time = time
    }

    /// Any event of a kernel function.
    package mutating func probe(_ name: FrameEventName, _ values: [String: UInt64]) {
        let lacking = lacking
        let group = group
        let packs = packs
        let event = event(named: name.text, in: group) {
            .probe(name, group: group, id: $0, lacking: lacking, packs: packs)
        }
        write(event, values)
    }

    // MARK: How it is written

    private func values(of socket: ScriptedSocket?, size: Int64) -> [String: UInt64] {
        var values = ["size": UInt64(bitPattern: size)]
        guard let socket else { return values }
        values["socket"] = socket.address
        values["sk"] = socket.sock
        values["state"] = UInt64(socket.state)
        values["type"] = UInt64(socket.type)
        values["flags_N2C3S4Z5"] = socket.flags
        values["flags"] = socket.flags
        values["family"] = UInt64(socket.family)
        values["protocol"] = UInt64(socket.protocol)
        return values
    }

    private mutating func event(named name: String, in system: String, make: (UInt16) -> ScriptedEvent) -> ScriptedEvent
    {
        if let event = events.first(where: { $0.name == name && $0.system == system }) { return event }
        let event = make(UInt16(1_500 + events.count))
        events.append(event)
        return event
    }

    private mutating func write(_ event: ScriptedEvent, _ values: [String: UInt64], texts: [String: [UInt8]] = [:]) {
        var values = values
        values["common_type"] = UInt64(event.id)
        values["common_flags"] = context
        values["common_pid"] = UInt64(bitPattern: Int64(tid))
        var payload = Array(repeating: UInt8(0), count: event.length)
        for field in event.fields {
            if let pack = FieldPack(parsing: field.name) {
                for member in pack.members {
                    put(values[member.name] ?? 0, at: field.offset + member.offset, width: member.width, in: &payload)
                }
            } else if field.count > 0 {
                let text = (texts[field.name] ?? []).prefix(field.size)
                payload.replaceSubrange(field.offset..<field.offset + text.count, with: text)
            } else {
                put(values[field.name] ?? 0, at: field.offset, width: field.size, in: &payload)
            }
        }
        time += 10
        write(payload)
    }

    private func put(_ value: UInt64, at place: Int, width: Int, in payload: inout [UInt8]) {
        let bytes = byteOrder.bytes(of: value)
        let kept = byteOrder == .big ? bytes.suffix(width) : bytes.prefix(width)
        payload.replaceSubrange(place..<place + width, with: kept)
    }

    /// Writes a record of any content.
    package mutating func write(_ payload: [UInt8]) {
        var page = pages[cpu].popLast() ?? PageBuilder(.standard(byteOrder: byteOrder))
        if page.room < payload.count + 24 {
            pages[cpu].append(page)
            page = PageBuilder(.standard(byteOrder: byteOrder))
        }
        if page.data.isEmpty {
            page.time = time
            times[cpu] = time
        }
        let delta = time &- times[cpu]
        if delta >= 1 << 27 { page.timeExtend(delta) }
        page.record(after: delta >= 1 << 27 ? 0 : delta, payload)
        times[cpu] = time
        pages[cpu].append(page)
    }
}
