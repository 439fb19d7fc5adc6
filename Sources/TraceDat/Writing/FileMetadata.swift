internal import RingBuffer

/// The bodies that versions 6 and 7 share, made from the writer's options.
struct FileMetadata {
    let options: TraceDatWriter.Options

    /// What is known only at the end.
    struct FinalMetadata {
        var commandLines: [UInt8] = []
        var cpuStatistics: [String] = []
        var extensionData: [UInt8]?
        /// Bytes kept for the extension, where it may still grow.
        var extensionRoom = 0
        var placements: [Placement] = []
        /// Where the first CPU's data begin, also when none has any.
        var dataStart: UInt64 = 0
    }

    /// Where one CPU's data lie in the finished file.
    struct Placement {
        var cpu: Int
        var offset: UInt64
        var size: UInt64
    }

    /// The head common to both versions.
    func prefix(_ version: String) -> ByteWriter {
        var out = ByteWriter()
        out.put([0x17, 0x08, 0x44])
        out.put(text: "tracing")
        out.put(string: version)
        out.put(UInt8(ByteOrder.host == .little ? 0 : 1))
        out.put(UInt8(MemoryLayout<Int>.size))
        out.put(UInt32(options.pageSize))
        return out
    }

    var headerInfo: [UInt8] {
        var out = ByteWriter()
        out.put(string: "header_page")
        out.put(UInt64(options.headerPage.count))
        out.put(options.headerPage)
        out.put(string: "header_event")
        out.put(UInt64(options.headerEvent.count))
        out.put(options.headerEvent)
        return out.bytes
    }

    var ftraceFormats: [UInt8] {
        var out = ByteWriter()
        out.putFormats(options.formats.filter { $0.system == "ftrace" })
        return out.bytes
    }

    var eventFormats: [UInt8] {
        var systems: [String] = []
        var known: Set<String> = ["ftrace"]
        for format in options.formats where known.insert(format.system).inserted { systems.append(format.system) }
        let bySystem = Dictionary(grouping: options.formats, by: \.system)
        var out = ByteWriter()
        out.put(UInt32(systems.count))
        for system in systems {
            out.put(string: system)
            out.putFormats(bySystem[system] ?? [])
        }
        return out.bytes
    }

    /// Symbols and printk formats, of which there are none: all that a reader of ours needs is in the records.
    var noText: [UInt8] {
        var out = ByteWriter()
        out.put(UInt32(0))
        return out.bytes
    }

    func commandLines(_ text: [UInt8]) -> [UInt8] {
        var out = ByteWriter()
        out.put(UInt64(text.count))
        out.put(text)
        return out.bytes
    }

    /// The options that mean the same in both versions.
    func putSharedOptions(_ ending: FinalMetadata, into out: inout ByteWriter) {
        out.putOption(OptionID.traceClock, string: "[\(options.clock)]")
        if let uname = options.uname { out.putOption(OptionID.uname, string: uname) }
        if let version = options.recorderVersion { out.putOption(OptionID.version, string: version) }
        // trace-cmd overwrites the last byte of each with a line end, so each ends in a byte to spare.
        for text in ending.cpuStatistics { out.putOption(OptionID.cpuStatistics, string: text) }
    }

    /// One of sockftrace's own parts. Its `count` bytes are `payload` and what the caller writes after it; the
    /// section takes `room` bytes, its head included, where that is more than it needs.
    func putOwnPart(
        _ kind: PrivateSections.Kind, _ payload: [UInt8], count: Int, room: Int = 0, into out: inout ByteWriter
    ) {
        let size = max(PrivateSections.headSize + count, room)
        out.putSectionHead(PrivateSections.sectionID, count: UInt64(size) - SectionHeader.size)
        out.put(PrivateSections.magic)
        out.put(kind.rawValue)
        out.put(UInt32(0))
        out.put(UInt64(count))
        out.put(payload)
    }

    func putExtension(_ ending: FinalMetadata, room: Int = 0, into out: inout ByteWriter) {
        guard let data = ending.extensionData else { return }
        let kept = ending.extensionRoom > 0 ? PrivateSections.headSize + ending.extensionRoom : 0
        putOwnPart(.extensionData, data, count: data.count, room: max(room, kept), into: &out)
        out.put([UInt8](repeating: 0, count: max(0, ending.extensionRoom - data.count)))
    }
}

extension ByteWriter {
    fileprivate mutating func putFormats(_ formats: [TraceFile.EventFormatText]) {
        put(UInt32(formats.count))
        for format in formats {
            put(UInt64(format.text.count))
            put(format.text)
        }
    }
}
