internal import BasicContainers
internal import EventFormats
internal import Glibc
internal import ProbePlan
internal import RingBuffer
internal import SystemPackage
internal import TraceFS

/// A probe that records memory.
struct DumpProbe: Sendable {
    var symbol: String
    /// The event's name; the group is the session's.
    var event: String
    var arguments: [FetchArgument]

    func text(group: String) -> String {
        (["p:\(group)/\(event)", symbol] + arguments.map(\.text)).joined(separator: " ")
    }
}

/// What a ``DumpProbe`` recorded of one call.
struct DumpRecord: Sendable {
    var event: String
    var fields: [String: MemoryDump]

    func word(_ name: String) -> UInt64? {
        fields[name].flatMap { $0.integer(at: 0, width: $0.bytes.count) }
    }

    /// The windows `NAME_0`, `NAME_504`, … in a row.
    func memory(_ name: String) -> MemoryDump? {
        let windows = fields.compactMap { field, memory -> (start: Int, memory: MemoryDump)? in
            guard Self.base(of: field) == name, let start = Int(field.dropFirst(name.utf8.count + 1)) else {
                return nil
            }
            return (start, memory)
        }
        guard !windows.isEmpty else { return nil }
        return MemoryDump(windows.sorted { $0.start < $1.start }.flatMap(\.memory.bytes))
    }

    /// `NAME` of `NAME_504`.
    static func base(of field: String) -> String? {
        guard let end = field.lastIndex(of: "_"), Int(field[field.index(after: end)...]) != nil else { return nil }
        return String(field[..<end])
    }
}

/// Probes on which only the calling thread is seen, in an instance of their own: what this thread does shows at once.
///
/// Instance and group have the name of the process's tracer, so that whatever moment it is killed at, `clean` finds all.
struct DumpSession: ~Copyable {
    private let directory: TracingDirectory
    private let group: String
    /// As records have it in `common_pid`.
    private let thread: Int32
    private let parser: FormatParser
    private let layout: SubBufferLayout
    private var instance: Instance
    private var probes = UndoLog()
    private var readers: UniqueArray<RawReader?>
    private var formats: [UInt16: EventFormat] = [:]
    private var isRemoved = false

    /// Kibibytes a CPU: a few records of up to 4 KiB, read out after each call.
    private static let bufferKilobytes = 64

    init(_ directory: TracingDirectory) throws(TracingError) {
        let group = Leftovers.name(forProcess: getpid())
        let parser = FormatParser(byteOrder: .host, longSize: MemoryLayout<UInt>.size)
        let instance = try Self.instance(named: group, in: directory)
        let layout = try Self.layout(of: instance.buffer, parser)
        readers = try Self.readers(of: instance.buffer, subBufferSize: layout.size)
        self.directory = directory
        self.group = group
        self.parser = parser
        self.layout = layout
        self.instance = instance
        thread = CurrentThread.id
    }

    private static func instance(
        named name: String, in directory: TracingDirectory
    ) throws(TracingError) -> Instance {
        do {
            try directory.checkWritable()
            let instance = try directory.createInstance(named: name)
            try instance.buffer.setBufferSize(kibibytesPerCPU: bufferKilobytes)
            // Others must not pay for the dumps: this spares them even the fetching. Where the kernel lacks it, the
            // filter of each event still keeps their records out.
            try? instance.buffer.setEventPids([CurrentThread.id])
            try instance.buffer.setTracing(true)
            return instance
        } catch {
            throw .traceFS(error)
        }
    }

    private static func layout(
        of buffer: BufferDirectory, _ parser: FormatParser
    ) throws(TracingError) -> SubBufferLayout {
        let text: [UInt8]
        do {
            text = try buffer.bytes("events/header_page")
        } catch {
            throw .traceFS(error)
        }
        do {
            return try parser.parseHeaderPage(text, byteOrder: .host)
        } catch {
            throw .format(event: "header_page", error)
        }
    }

    private static func readers(
        of buffer: BufferDirectory, subBufferSize: Int
    ) throws(TracingError) -> UniqueArray<RawReader?> {
        var readers = UniqueArray<RawReader?>()
        do {
            for cpu in try buffer.cpus() {
                readers.append(try RawReader(buffer, cpu: cpu, subBufferSize: subBufferSize))
            }
        } catch {
            throw .traceFS(error)
        }
        return readers
    }

    /// Installs probes and throws their switch. One that the kernel refuses is an error; those before it stay.
    mutating func add(_ new: [DumpProbe]) throws(TracingError) {
        do {
            for probe in new {
                let name = try directory.dynamicEvents.add(probe.text(group: group), inGroupOf: &probes).name
                let description = try instance.buffer.describe(name)
                formats[UInt16(truncatingIfNeeded: description.id)] = try? parser.parseFormat(
                    Array(description.format.utf8), system: group)
                try instance.buffer.setFilter("common_pid == \(thread)", on: name)
                try instance.buffer.enable(name)
            }
        } catch {
            throw .traceFS(error)
        }
    }

    /// Switches the last ones added off; they are taken away at the end.
    mutating func disable(_ probes: [DumpProbe]) {
        for probe in probes { try? instance.buffer.enable(EventName(group: group, event: probe.event), false) }
    }

    /// What the probes recorded of this thread during a call, in order.
    mutating func observe(_ call: () -> Void) -> [DumpRecord] {
        drain { _, _ in }
        call()
        var records: [(time: UInt64, record: DumpRecord)] = []
        let formats = formats
        drain { time, bytes in
            guard bytes.count >= 4 else { return }
            let id = bytes.loadUnaligned(as: UInt16.self)
            guard let format = formats[id] else { return }
            var fields: [String: MemoryDump] = [:]
            for field in format.fields where field.offset + field.size <= bytes.count {
                fields[field.name] = MemoryDump(Array(bytes[field.offset..<field.offset + field.size]))
            }
            records.append((time, DumpRecord(event: format.name, fields: fields)))
        }
        return records.sorted { $0.time < $1.time }.map(\.record)
    }

    /// Hands over every record in the buffers.
    private func drain(_ take: (UInt64, UnsafeRawBufferPointer) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: layout.size, alignment: 16) { room in
            for index in 0..<readers.count {
                while case .page(let count)? = Self.page(of: readers[index], into: room) {
                    var cursor = RecordCursor(layout: layout)
                    cursor.enter(region: 0..<count)
                    let bytes = UnsafeRawBufferPointer(room)
                    walk: while true {
                        switch cursor.advance(in: bytes.bytes) {
                        case .record:
                            let end = min(bytes.count, cursor.payload + cursor.payloadLength)
                            take(cursor.time, UnsafeRawBufferPointer(rebasing: bytes[cursor.payload..<end]))
                        case .loss: continue
                        case .end: break walk
                        }
                    }
                }
            }
        }
    }

    private static func page(
        of reader: borrowing RawReader?, into room: UnsafeMutableRawBufferPointer
    ) -> RawReader.Outcome? {
        switch reader {
        case .none: nil
        case .some(let reader): try? reader.read(into: room)
        }
    }

    /// Takes everything out of the kernel again.
    mutating func remove() {
        isRemoved = true
        _ = instance.stop()
        readers.removeAll()
        _ = probes.undoAll()
        try? instance.remove()
    }

    deinit {
        guard !isRemoved else { return }
        _ = instance.stop()
        var readers = readers
        readers.removeAll()
        var probes = probes
        _ = probes.undoAll()
    }
}
