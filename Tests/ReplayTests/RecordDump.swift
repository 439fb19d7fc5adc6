import EventFormats
import RingBuffer
import SystemPackage
import TraceDat

/// Every record of a trace.dat, field by field, with no knowledge of sockets: what any reader of the format must agree on.
struct RecordDump {
    /// A record, or records missing before the next one of the same CPU.
    struct Entry {
        enum Content {
            case record(EventFormat, payload: [UInt8])
            case lost(UInt64?)
        }

        /// The buffer's name; empty for the top one.
        var buffer: String
        var cpu: Int
        /// As the file's options say that it is to be told.
        var time: UInt64
        var content: Content
    }

    /// In order of time; of equal times the lower buffer and CPU first.
    private(set) var entries: [Entry] = []
    /// The names of threads.
    private(set) var names: [Int32: [UInt8]] = [:]
    /// Some names are such that trace-cmd gives up the list of them: it takes no line without a name, and a line end in a
    /// name makes one.
    var hasNamesThatBreakTheList: Bool {
        names.values.contains { name in name.isEmpty || name.contains { $0 < 0x20 } }
    }
    private(set) var byteOrder = ByteOrder.little
    private(set) var damage: [String] = []

    /// A record of an event whose format the file does not have.
    struct UnknownEvent: Error {
        var id: UInt16
    }

    init(_ path: String) throws {
        var file = try TraceFile(path: FilePath(path))
        byteOrder = file.header.byteOrder
        let adjustment = file.timeAdjustment
        let header = try FormatParser(byteOrder: byteOrder, longSize: file.header.longSize)
            .parseHeaderPage(file.headerPage, byteOrder: byteOrder)
        let parser = FormatParser(byteOrder: byteOrder, longSize: header.commitWidth)
        var formats: [UInt16: EventFormat] = [:]
        for text in file.formats {
            let format = try parser.parseFormat(text.text, system: text.system)
            formats[format.id] = format
        }
        // The latest name stands for the thread's whole life, as trace-cmd has it.
        for line in file.commandLines { names[line.tid] = line.name }
        for buffer in file.buffers.indices {
            for cpu in file.buffers[buffer].cpus.indices {
                try Self.walk(&file, buffer, cpu, header, formats, adjustment, into: &entries)
            }
        }
        entries = entries.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
        damage = file.damage.map(\.description)
    }

    private static func walk(
        _ file: inout TraceFile, _ buffer: Int, _ cpu: Int, _ header: SubBufferLayout, _ formats: [UInt16: EventFormat],
        _ adjustment: TimeAdjustment, into entries: inout [Entry]
    ) throws {
        let size = file.buffers[buffer].pageSize
        guard
            let layout = SubBufferLayout(
                size: size, commitOffset: header.commitOffset, commitWidth: header.commitWidth,
                dataOffset: header.dataOffset, byteOrder: header.byteOrder)
        else { throw FormatError.impossibleHeader }
        let number = file.buffers[buffer].cpus[cpu].cpu
        let name = file.buffers[buffer].name
        var cursor = RecordCursor(layout: layout)
        var page = [UInt8](repeating: 0, count: size)
        var index = 0
        var before = entries.count
        while try page.withUnsafeMutableBytes({ try file.read(buffer: buffer, cpu: cpu, at: index, into: $0) }) == 1 {
            index += 1
            cursor.enter(region: 0..<size)
            walk: while true {
                var entry = Entry(buffer: name, cpu: number, time: 0, content: .lost(nil))
                switch cursor.advance(in: page.span.bytes) {
                case .end: break walk
                case .loss: entry.content = .lost(cursor.lostCount)
                case .record:
                    let payload = Array(page[cursor.payload..<cursor.payload + cursor.payloadLength])
                    let id = UInt16(truncatingIfNeeded: payload.number(at: 0, width: 2, header.byteOrder))
                    guard let format = formats[id] else { throw UnknownEvent(id: id) }
                    entry.content = .record(format, payload: payload)
                    entry.time = adjustment.nanoseconds(cursor.time, cpu: number)
                    // A loss is told before the record that follows it.
                    for place in before..<entries.count { entries[place].time = entry.time }
                    before = entries.count + 1
                }
                entries.append(entry)
            }
        }
    }
}

extension [UInt8] {
    /// An unsigned number of so many bytes.
    func number(at offset: Int, width: Int, _ order: ByteOrder) -> UInt64 {
        guard offset >= 0, offset + width <= count else { return 0 }
        let bytes = self[offset..<offset + width]
        return (order == .big ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
