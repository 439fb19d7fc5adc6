internal import BasicContainers
internal import EventOutput
internal import SocketEvents
internal import SocketNames

/// Rows of the table `events`.
struct EventRows: ~Copyable {
    private var rows: RowWriter
    /// Texts of addresses and names.
    private var texts = TextStore()
    /// How many there are; the last one's number.
    private(set) var count: Int64 = 0
    /// Whose ends are bound: details at a place of the batch.
    private var ends: Int32 = -1
    private var comm: TaskName?

    init(_ rows: consuming RowWriter) { self.rows = rows }

    /// Passes on what was not passed on yet.
    mutating func flush() throws(ExportError) { try rows.flush() }

    /// What follows is of another batch, in which other details are at the same place.
    mutating func beginBatch() { ends = -2 }

    /// Writes an event.
    mutating func write(
        _ batch: borrowing TraceBatch, _ index: Int, _ source: Int, socket: Int64?
    ) throws(ExportError) {
        // Its number, one more than the last, the database gives it.
        count += 1
        set(.recording, Int64(source + 1))
        set(.socket, socket)
        setTask(batch.events[index])
        setKind(batch.events[index])
        setResult(batch.events[index])
        setEnds(batch, batch.events[index].details, batch.events[index].alias.arguments)
        try rows.write()
    }

    @inline(__always)
    private mutating func set(_ column: EventColumn, _ value: Int64?) { rows.set(column.rawValue, value) }

    @inline(__always)
    private mutating func set(_ column: EventColumn, _ value: UInt64?) { rows.set(column.rawValue, value) }

    @inline(__always)
    private mutating func set(_ column: EventColumn, _ value: Int32?) { rows.set(column.rawValue, value) }

    /// A value of those aliases that carry it.
    @inline(__always)
    private mutating func set(
        _ column: EventColumn, _ value: Int32?, _ field: Alias.Arguments, of carried: Alias.Arguments
    ) {
        rows.set(column.rawValue, carried.contains(field) ? value : nil)
    }

    @inline(__always)
    private mutating func setTask(_ event: borrowing SocketEvent) {
        rows.set(EventColumn.name.rawValue, event.alias.name)
        set(.time, event.time)
        set(.cpu, Int64(event.cpu))
        set(.pid, event.pid)
        set(.tid, event.tid)
        let name = event.comm
        guard name != comm else { return }
        comm = name
        if let name {
            texts.withText(of: name) { rows.set(EventColumn.comm.rawValue, bytes: $0) }
        } else {
            rows.set(EventColumn.comm.rawValue, nil as Int64?)
        }
    }

    @inline(__always)
    private mutating func setKind(_ event: borrowing SocketEvent) {
        let carried = event.alias.arguments
        set(.protocol, event.protocol, .protocol, of: carried)
        set(.family, event.family, .family, of: carried)
        set(.state, event.state, .state, of: carried)
        set(.type, event.type, .type, of: carried)
        set(.requester, event.requester, .requester, of: carried)
        // A word of bits; the highest is a sign here.
        set(.flags, carried.contains(.flags) ? event.flags.map { Int64(bitPattern: $0) } : nil)
        let state = carried.contains(.tcpState) ? event.tcpState : nil
        guard let state else { return set(.tcpState, nil as Int64?) }
        if let name = TCPStateNames.name(of: state) {
            rows.set(EventColumn.tcpState.rawValue, name)
        } else {
            rows.set(EventColumn.tcpState.rawValue, String(state))
        }
    }

    @inline(__always)
    private mutating func setResult(_ event: borrowing SocketEvent) {
        let carried = event.alias.arguments
        set(.size, carried.contains(.size) ? event.size : nil)
        set(.bytes, carried.contains(.bytes) ? event.bytes : nil)
        set(.backlog, event.backlog, .backlog, of: carried)
        set(.how, event.how, .how, of: carried)
        set(.err, event.err, .err, of: carried)
        set(.success, carried.contains(.success) ? event.success.map { $0 ? 1 : 0 as Int64 } : nil)
        set(.duration, carried.contains(.duration) ? event.duration : nil)
        rows.set(EventColumn.via.rawValue, carried.contains(.via) ? event.via?.name : nil)
        let error = carried.contains(.errno) ? event.errorNumber : nil
        set(.errno, error)
        guard let error else { return set(.error, nil as Int64?) }
        if let name = ErrorNames.name(of: error) {
            rows.set(EventColumn.error.rawValue, name)
        } else {
            rows.set(EventColumn.error.rawValue, String(error))
        }
    }

    @inline(__always)
    private mutating func setEnds(_ batch: borrowing TraceBatch, _ place: Int32, _ carried: Alias.Arguments) {
        set(.listener, carried.contains(.listener) && place >= 0 ? batch.details[Int(place)].listener : nil)
        set(.backlogWait, carried.contains(.backlogWait) && place >= 0 ? batch.details[Int(place)].backlogWait : nil)
        let shown = carried.contains(.inode) ? place : -1
        // Events of one socket come in runs.
        guard shown != ends else { return }
        ends = shown
        guard shown >= 0 else { return clearEnds() }
        set(.inode, batch.details[Int(shown)].inode)
        set(.remoteInode, batch.details[Int(shown)].remoteInode)
        let known = batch.details[Int(shown)].known
        set(
            known.contains(.local), batch.details[Int(shown)].rawLocal, EventColumn.localAddress.rawValue,
            EventColumn.localPort.rawValue)
        set(
            known.contains(.remote), batch.details[Int(shown)].rawRemote, EventColumn.remoteAddress.rawValue,
            EventColumn.remotePort.rawValue)
    }

    private mutating func clearEnds() {
        for column in [
            EventColumn.inode, .remoteInode, .localAddress, .localPort, .remoteAddress, .remotePort,
        ] {
            set(column, nil as Int64?)
        }
    }

    private mutating func set(_ isKnown: Bool, _ end: borrowing SocketAddress, _ column: Int, _ port: Int) {
        rows.set(port, isKnown ? end.port.map { Int64($0) } : nil)
        guard isKnown, end.kind != .netlink else { return rows.set(column, nil as Int64?) }
        texts.withText(of: end) { rows.set(column, bytes: $0) }
    }
}

/// Texts of addresses and of names, as UTF-8.
struct TextStore: ~Copyable {
    private var names: [TaskName: ContiguousArray<UInt8>] = [:]
    private var address = OutputBuffer(capacity: 256)

    init() {}

    mutating func withText(of name: TaskName, _ body: (UnsafeRawBufferPointer) -> Void) {
        let text = names[name] ?? ContiguousArray(name.description.utf8)
        if names.count > 4096 { names.removeAll(keepingCapacity: true) }
        names[name] = text
        text.withUnsafeBytes(body)
    }

    /// The address of a `struct socket`.
    mutating func withText(of socket: UInt64, _ body: (UnsafeRawBufferPointer) -> Void) {
        address.removeAll(from: 0)
        address.append("0x")
        address.append(hex: socket, digits: 16)
        address.withUnsafeBytes(body)
    }

    mutating func withText(of end: borrowing SocketAddress, _ body: (UnsafeRawBufferPointer) -> Void) {
        address.removeAll(from: 0)
        address.append(plain: end)
        address.withUnsafeBytes(body)
    }
}
