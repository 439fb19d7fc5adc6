internal import EventFormats
internal import KernelLayout
internal import RingBuffer
internal import TraceDat

/// What the shell recorder recorded of the memory of sockets: the files in `memory/` of the facts.
struct MemoryCapture {
    /// A call of a probed function.
    struct Call {
        var time: UInt64
        /// The thread that made it.
        var thread: Int32
        /// What is recorded of such a function; the rest of the event's name is the function's.
        var role: Role
        var function: String
        var record: MemoryRecord
    }

    /// What calls are recorded for, as their events' names begin.
    enum Role: String {
        case create, made, connect, connected, message, copy, control, file, kiocb, ended, close, release, row
    }

    /// In the order of time.
    let calls: [Call]
    /// What /proc/net told: each file by its name, with the number of the process that read it before.
    let rows: [(file: String, text: String)]

    let wordSize: Int
    let byteOrder: ByteOrder

    /// Nil where there is none, or one that cannot be read.
    init?(_ archive: TarArchive) throws(TraceDatError) {
        guard let header = try archive.bytes("memory/header_page") else { return nil }
        wordSize = try archive.wordSize()
        byteOrder = try archive.fact("endian") == "big" ? .big : .little
        let parser = FormatParser(byteOrder: byteOrder, longSize: wordSize)
        guard let layout = try? parser.parseHeaderPage(header, byteOrder: byteOrder) else { return nil }
        let reader = MemoryRecordReader(try Self.formats(archive, parser), byteOrder)
        var calls: [Call] = []
        for name in archive.names(in: "memory/per_cpu/") where name.hasSuffix("/trace_pipe_raw") {
            calls += reader.calls(in: try archive.bytes(name) ?? [], layout)
        }
        self.calls = calls.sorted { $0.time < $1.time }
        var rows: [(file: String, text: String)] = []
        for name in archive.names(in: "memory/rows/") {
            guard let file = name.split(separator: ".").last, let text = try archive.text(name) else { continue }
            rows.append((String(file), text))
        }
        self.rows = rows
    }

    /// One that cannot be parsed leaves what its event shows unknown.
    private static func formats(
        _ archive: TarArchive, _ parser: FormatParser
    ) throws(TraceDatError) -> [EventFormat] {
        var formats: [EventFormat] = []
        for name in archive.names(in: "memory/events/") where name.hasSuffix("/format") {
            guard let text = try archive.bytes(name), let format = try? parser.parseFormat(text, system: "memory")
            else { continue }
            formats.append(format)
        }
        return formats
    }
}

/// Reads records of memory out of sub-buffers.
private struct MemoryRecordReader {
    private let formats: [UInt16: (format: EventFormat, role: MemoryCapture.Role, function: String)]
    private let byteOrder: ByteOrder

    init(_ formats: [EventFormat], _ byteOrder: ByteOrder) {
        self.byteOrder = byteOrder
        var known: [UInt16: (EventFormat, MemoryCapture.Role, String)] = [:]
        for format in formats {
            let parts = format.name.split(separator: "_", maxSplits: 1).map(String.init)
            guard parts.count == 2, let role = MemoryCapture.Role(rawValue: parts[0]) else { continue }
            known[format.id] = (format, role, parts[1])
        }
        self.formats = known
    }

    /// The calls that one CPU saw.
    func calls(in pages: [UInt8], _ layout: SubBufferLayout) -> [MemoryCapture.Call] {
        var calls: [MemoryCapture.Call] = []
        var cursor = RecordCursor(layout: layout)
        cursor.enter(region: 0..<pages.count)
        while true {
            switch cursor.advance(in: pages.span.bytes) {
            case .record:
                let end = min(pages.count, cursor.payload + cursor.payloadLength)
                guard cursor.payload <= end, let call = call(Array(pages[cursor.payload..<end]), cursor.time) else {
                    continue
                }
                calls.append(call)
            case .loss: continue
            case .end: return calls
            }
        }
    }

    private func call(_ bytes: [UInt8], _ time: UInt64) -> MemoryCapture.Call? {
        let whole = MemoryDump(bytes, isSwapped: byteOrder != .host)
        // `struct trace_entry`: the event's number, two bytes, the thread's number.
        guard let id = whole.integer(at: 0, width: 2), let thread = whole.integer(at: 4, width: 4),
            let event = formats[UInt16(truncatingIfNeeded: id)]
        else { return nil }
        var fields: [String: MemoryDump] = [:]
        for field in event.format.fields where field.offset + field.size <= bytes.count {
            fields[field.name] = MemoryDump(
                Array(bytes[field.offset..<field.offset + field.size]), isSwapped: whole.isSwapped)
        }
        return .init(
            time: time, thread: Int32(truncatingIfNeeded: thread), role: event.role, function: event.function,
            record: MemoryRecord(event: event.format.name, fields: fields))
    }
}
