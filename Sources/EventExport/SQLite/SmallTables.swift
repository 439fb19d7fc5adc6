internal import BasicContainers
internal import EventOutput
internal import SocketEvents
internal import SocketNames

/// The processes that events were of, by number and name.
struct ProcessTable: ~Copyable {
    private struct Key: Hashable {
        var source: Int
        var pid: Int32?
        var comm: TaskName?
    }

    private struct Process {
        var key: Key
        var first: UInt64
        var last: UInt64
        var events: UInt64 = 0
    }

    private var numbers: [Key: Int] = [:]
    private var processes: [Process] = []
    private var latest: (key: Key, number: Int)?

    init() {}

    mutating func note(_ event: borrowing SocketEvent, _ source: Int) {
        let key = Key(source: source, pid: event.pid, comm: event.comm)
        let number: Int
        if let latest, latest.key == key {
            number = latest.number
        } else {
            number = numbers[key] ?? processes.count
            if number == processes.count {
                numbers[key] = number
                processes.append(Process(key: key, first: event.time, last: event.time))
            }
            latest = (key, number)
        }
        processes[number].last = event.time
        processes[number].events += 1
    }

    func write(_ rows: consuming RowWriter) throws(ExportError) {
        for (index, process) in processes.enumerated() {
            rows.set(0, Int64(index + 1))
            rows.set(1, Int64(process.key.source + 1))
            rows.set(2, process.key.pid)
            rows.set(3, process.key.comm?.description)
            rows.set(4, process.first)
            rows.set(5, process.last)
            rows.set(6, process.events)
            try rows.write()
        }
        try rows.flush()
    }
}

/// The names of those numbers that events have.
struct NameTable: ~Copyable {
    private struct Kind: Hashable {
        var source: Int
        var `protocol`: Int32?
        var family: Int32?
        var state: Int32?
        var type: Int32?
        var flags: UInt64?
    }

    private struct Key: Hashable {
        var field: EventField
        var number: Int64
        var family: Int64
        var source: Int
    }

    private let flagNames: [SocketFlagNames]
    private var latest: Kind?
    private var kinds: Set<Kind> = []
    private var names: [Key: String] = [:]

    /// - Parameter flagNames: of each source.
    init(_ flagNames: [SocketFlagNames]) { self.flagNames = flagNames }

    @inline(__always)
    mutating func note(_ event: borrowing SocketEvent, _ source: Int) {
        let kind = Kind(
            source: source, protocol: event.protocol, family: event.family, state: event.state, type: event.type,
            flags: event.flags)
        if kind != latest { note(kind) }
    }

    private mutating func note(_ kind: Kind) {
        latest = kind
        guard kinds.insert(kind).inserted else { return }
        func number(_ value: Int32?, _ name: (Int32) -> StaticString?) -> (Int64, String)? {
            value.map { (Int64($0), name($0)?.description ?? String($0)) }
        }
        let family = Int64(kind.family ?? Int32(Schema.any))
        add(.protocol, number(kind.protocol) { ProtocolNames.name(of: $0, family: kind.family) }, family: family)
        add(.family, number(kind.family, AddressFamilyNames.name(of:)))
        add(.state, number(kind.state, SocketStateNames.name(of:)))
        add(.type, number(kind.type, SocketTypeNames.name(of:)))
        let flags = kind.flags.map { (Int64(bitPattern: $0), Self.text($0, flagNames[kind.source])) }
        add(.flags, flags, source: kind.source + 1)
    }

    private mutating func add(
        _ field: EventField, _ pair: (number: Int64, name: String)?, family: Int64 = Int64(Schema.any),
        source: Int = Schema.any
    ) {
        guard let pair else { return }
        names[Key(field: field, number: pair.number, family: family, source: source)] = pair.name
    }

    private static func text(_ flags: UInt64, _ names: SocketFlagNames) -> String {
        var out = OutputBuffer(capacity: 64)
        out.append(flags: flags, names: names)
        return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    func write(_ rows: consuming RowWriter) throws(ExportError) {
        for (key, name) in names {
            rows.set(0, key.field.schema.key)
            rows.set(1, key.number)
            rows.set(2, key.family)
            rows.set(3, Int64(key.source))
            rows.set(4, name)
            try rows.write()
        }
        try rows.flush()
    }
}
