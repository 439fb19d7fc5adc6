internal import RingBuffer

/// All that is known of a file before its pages are read. Versions 6 and 7 fill it, each in its own way.
struct FileContents: Sendable {
    var header: TraceFile.Header
    var headerPage: [UInt8] = []
    var headerEvent: [UInt8] = []
    var formats: [TraceFile.EventFormatText] = []
    var commandLines: [UInt8] = []
    var buffers: [TraceFile.Buffer] = []
    var time = TimeAdjustment()
    var clock: String?
    var uname: String?
    var version: String?
    var cpuStats: [String] = []
    var cpuCount: Int?
    var extensionData: [UInt8]?
    var damage: [TraceFile.Damage] = []
    /// Of a recording that was not finished: where it grows, if it still does. Its list of extents is that of the moment.
    var growth: Journal?

    /// The most CPUs that one buffer may have; Linux itself stops at 8192.
    static let cpuLimit = 1 << 16
    /// The most events; their ids are 16 bits wide.
    static let formatLimit = 1 << 16
    /// The longest text of an option: the statistics of a CPU take some hundred bytes.
    static let textLimit: UInt64 = 64 << 10
    /// The longest description of an event; the kernel's longest are of some 10 KiB.
    static let formatTextLimit: UInt64 = 1 << 20
    /// The longest list of command lines; the kernel keeps 32,768 at most, a recorder notes all threads that live.
    static let commandLinesLimit: UInt64 = 16 << 20
    /// The largest sub-buffer; the kernel's own limit is 64 pages of at most 64 KiB.
    static let pageSizes = 512...(16 << 20)

    /// Reads the metadata of `file`.
    static func read(_ file: FileReader) throws(TraceDatError) -> FileContents {
        if try TarArchive.isOne(file) { return try readArchive(file) }
        try FileStart.check(try file.firstBytes(FileStart.count), path: file.path)
        var reader = SectionReader(
            file, offset: 0, count: file.size, byteOrder: .little, what: "the head of the file")
        try reader.skip(UInt64(FileStart.magic.count), "the magic")
        return switch try reader.string(limit: 16, "the file version") {
        case "6": try readVersion6(file, &reader)
        default: try readVersion7(file, &reader)
        }
    }

    /// The three fields after the version.
    static func commonHeader(
        version: Int, _ file: FileReader, _ reader: inout SectionReader
    ) throws(TraceDatError) -> TraceFile.Header {
        let order = try reader.integer(UInt8.self, "the byte order")
        let byteOrder: ByteOrder = order == 0 ? .little : .big
        let longSize = try reader.integer(UInt8.self, "the size of long")
        let position = reader.position
        reader = SectionReader(
            file, offset: position, count: file.size - position, byteOrder: byteOrder, what: "the head of the file")
        let pageSize = try reader.integer(UInt32.self, "the page size")
        guard order <= 1, longSize == 4 || longSize == 8 else {
            throw reader.corrupt("byte order \(order) and long size \(longSize) make no sense")
        }
        let size = try checkedPageSize(pageSize, reader)
        return TraceFile.Header(
            version: version, byteOrder: byteOrder, longSize: Int(longSize), pageSize: size, compression: .none)
    }

    static func checkedPageSize(_ size: UInt32, _ reader: borrowing SectionReader) throws(TraceDatError) -> Int {
        guard pageSizes.contains(Int(size)), size.isMultiple(of: 16) else {
            throw reader.corrupt("sub-buffers of \(size) bytes make no sense")
        }
        return Int(size)
    }

    /// The parts of a CPU's data that the file has; a missing part is damage.
    mutating func extents(
        cpu: Int, offset: UInt64, size: UInt64, pageSize: Int, isCompressed: Bool, in file: FileReader
    ) -> [FileRange] {
        guard size > 0 else { return [file.clamped(offset, 0)] }
        // trace-cmd 3.1 leaves the 4 bytes of the chunks' count out of the size of compressed data, later ones do not.
        let slack: UInt64 = isCompressed ? 4 : 0
        var range = file.clamped(offset, size > UInt64.max - slack ? size : size + slack)
        if range.count < size {
            damage.append(
                TraceFile.Damage(
                    offset: file.size,
                    "the file is cut short: \(size - range.count) of \(size) bytes of CPU \(cpu)'s data are missing"))
        }
        let rest = range.count % UInt64(pageSize)
        if !isCompressed, rest != 0 {
            if range.count == size {
                damage.append(
                    TraceFile.Damage(
                        offset: range.end - rest, "the last \(rest) bytes of CPU \(cpu)'s data are no whole sub-buffer")
                )
            }
            range = range.sub(from: 0, limit: range.count - rest)
        }
        return [range]
    }

    /// Text of a file made safe for a message.
    static func printable(_ text: String, limit: Int = 64) -> String {
        String(text.unicodeScalars.prefix(limit).map { $0.value >= 0x20 && $0.value < 0x7F ? Character($0) : "?" })
    }
}

// The bodies that version 6 has in a fixed order and version 7 in sections.
extension FileContents {
    mutating func readHeaderInfo(_ reader: inout SectionReader) throws(TraceDatError) {
        guard try reader.accept("header_page\0", "\"header_page\"") else {
            throw reader.corrupt("\"header_page\" is not where it should be")
        }
        headerPage = try reader.bytes(try reader.integer("the size of header_page"), "header_page")
        guard try reader.accept("header_event\0", "\"header_event\"") else {
            throw reader.corrupt("\"header_event\" is not where it should be")
        }
        headerEvent = try reader.bytes(try reader.integer("the size of header_event"), "header_event")
    }

    mutating func readFtraceFormats(_ reader: inout SectionReader) throws(TraceDatError) {
        try readFormats(of: "ftrace", &reader)
    }

    mutating func readEventFormats(_ reader: inout SectionReader) throws(TraceDatError) {
        let systems = try reader.integer(UInt32.self, "the number of event systems")
        guard systems <= UInt32(Self.formatLimit) else { throw reader.corrupt("\(systems) event systems") }
        for _ in 0..<systems {
            let system = try reader.string(limit: 1024, "the name of an event system")
            try readFormats(of: system, &reader)
        }
    }

    private mutating func readFormats(of system: String, _ reader: inout SectionReader) throws(TraceDatError) {
        let count = try reader.integer(UInt32.self, "the number of events")
        guard count <= UInt32(Self.formatLimit - formats.count) else {
            throw reader.corrupt("more than \(Self.formatLimit) event formats")
        }
        for _ in 0..<count {
            let size = try reader.integer(UInt64.self, "the size of an event format")
            guard size <= Self.formatTextLimit else { throw reader.corrupt("an event format of \(size) bytes") }
            let text = try reader.bytes(size, "an event format")
            formats.append(TraceFile.EventFormatText(system: system, text: text))
        }
    }

    mutating func readCommandLines(_ reader: inout SectionReader) throws(TraceDatError) {
        let size = try reader.integer(UInt64.self, "the size of the command lines")
        guard size <= Self.commandLinesLimit else { throw reader.corrupt("command lines of \(size) bytes") }
        commandLines = try reader.bytes(size, "the command lines")
    }
}
