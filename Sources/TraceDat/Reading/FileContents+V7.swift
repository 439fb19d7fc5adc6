internal import RingBuffer

/// The head of a version 7 section.
struct SectionHeader {
    static let size: UInt64 = 16
    static let compressedFlag: UInt16 = 1

    var id: UInt16
    var flags: UInt16
    /// Bytes after this header.
    var count: UInt64
    var offset: UInt64
    var isCompressed: Bool { flags & Self.compressedFlag != 0 }
    var body: UInt64 { offset + Self.size }

    init(_ file: FileReader, at offset: UInt64, byteOrder: ByteOrder) throws(TraceDatError) {
        let range = try file.range(offset, Self.size, "a section's head")
        var reader = SectionReader(
            file, offset: range.offset, count: range.count, byteOrder: byteOrder, what: "a section's head")
        id = try reader.integer("the section's number")
        flags = try reader.integer("the section's flags")
        _ = try reader.integer(UInt32.self, "the section's description")
        count = try reader.integer("the section's size")
        self.offset = offset
    }
}

// Version 7: sections anywhere in the file, found through chained sections of options.
extension FileContents {
    /// What the options say about a buffer, before its place is looked at.
    struct BufferOption {
        var section: UInt64
        var name: String
        var clock: String
        var pageSize: Int
        var cpus: [(cpu: Int, offset: UInt64, size: UInt64)]
    }

    static func readVersion7(
        _ file: FileReader, _ reader: inout SectionReader
    ) throws(TraceDatError) -> FileContents {
        var contents = FileContents(header: try commonHeader(version: 7, file, &reader))
        let name = try reader.string(limit: 64, "the compression's name")
        _ = try reader.string(limit: 64, "the compression's version")
        guard let compression = Compression(rawValue: name) else {
            throw TraceDatError(
                .unsupported, path: file.path, offset: 18, "compression \"\(printable(name))\" is not known",
                remedy: "trace-cmd convert --compression zstd makes a readable file")
        }
        contents.header.compression = compression
        let firstOptions = try reader.integer(UInt64.self, "the place of the options")
        let chainStart = reader.position

        var walk = OptionWalk()
        contents.walkOptions7(from: firstOptions, file, &walk)
        contents.walkSections7(from: chainStart, file, &walk)
        try contents.loadSections7(file, &walk)
        for option in walk.buffers { contents.addBuffer7(option, file) }
        if walk.isBroken { contents.recoverBuffers7(walk, file) }
        if let place = walk.latencyText {
            let error = latencyUnsupported(file, at: place)
            guard !contents.buffers.isEmpty else { throw error }
            contents.damage.append(TraceFile.Damage(error))
        }
        contents.sortBuffers7()
        contents.applyJournal(walk.journal, file)
        return contents
    }

    /// What walking over the options has found.
    struct OptionWalk {
        var sections: [UInt16: UInt64] = [:]
        var buffers: [BufferOption] = []
        var bufferSections: Set<UInt64> = []
        /// The place of the option of a buffer that holds a latency tracer's text.
        var latencyText: UInt64?
        /// True when the options could not be followed to their end.
        var isBroken = false
        var journal: Journal?
        var optionCount = 0
        /// The heads of buffers' sections that no option told of.
        var strayBuffers: [SectionHeader] = []
    }

    private mutating func walkOptions7(from first: UInt64, _ file: FileReader, _ walk: inout OptionWalk) {
        var visited: Set<UInt64> = []
        var next = first
        do throws(TraceDatError) {
            while next != 0 {
                guard visited.insert(next).inserted else {
                    throw TraceDatError(
                        .corrupt, path: file.path, offset: next, "the sections of options go round in a circle")
                }
                next = try readOptions7(at: next, file, &walk)
            }
        } catch {
            damage.append(TraceFile.Damage(error))
            walk.isBroken = true
        }
    }

    /// Goes over the sections as they lie, for sockftrace's own, and, where the options are broken off, for the rest.
    private mutating func walkSections7(from start: UInt64, _ file: FileReader, _ walk: inout OptionWalk) {
        var next = start
        // A file with more sections than this is not worth walking.
        for _ in 0..<optionLimit {
            guard next <= file.size, file.size - next >= SectionHeader.size,
                let head = try? SectionHeader(file, at: next, byteOrder: header.byteOrder)
            else { return }
            switch head.id {
            case PrivateSections.sectionID:
                readOwnPart(file, head, &walk.journal)
            case OptionID.headerInfo, OptionID.ftraceFormats, OptionID.eventFormats, OptionID.commandLines:
                if walk.isBroken, walk.sections[head.id] == nil { walk.sections[head.id] = head.offset }
            case OptionID.buffer:
                if !walk.bufferSections.contains(head.offset) { walk.strayBuffers.append(head) }
            default: break
            }
            let (end, overflow) = head.body.addingReportingOverflow(head.count)
            if overflow { return }
            if end > file.size, head.id == OptionID.strings, damage.isEmpty {
                damage.append(
                    TraceFile.Damage(offset: file.size, "the file is cut short within the descriptions of its sections")
                )
            }
            next = end
        }
    }

    /// Reads one section of options; returns the place of the next, 0 for none.
    private mutating func readOptions7(
        at offset: UInt64, _ file: FileReader, _ walk: inout OptionWalk
    ) throws(TraceDatError) -> UInt64 {
        let head = try SectionHeader(file, at: offset, byteOrder: header.byteOrder)
        guard head.id == OptionID.done else {
            throw TraceDatError(
                .corrupt, path: file.path, offset: offset, "section \(head.id) is where options should be")
        }
        var reader = try sectionBody(head, file, what: "the options")
        while true {
            let id = try reader.integer(UInt16.self, "an option")
            let size = try reader.integer(UInt32.self, "the size of option \(id)")
            walk.optionCount += 1
            guard walk.optionCount < optionLimit else { throw reader.corrupt("more than \(optionLimit) options") }
            let bytes = try reader.bytes(UInt64(size), "option \(id)")
            var option = SectionReader(
                decompressed: bytes, of: file, origin: reader.fileOffset, byteOrder: header.byteOrder,
                what: "option \(id)")
            if id == OptionID.done { return try option.integer("the place of the next options") }
            do throws(TraceDatError) {
                try takeOption7(id, &option, &walk)
            } catch {
                if error.kind == .unsupported { throw error }
                damage.append(TraceFile.Damage(error))
            }
        }
    }

    private mutating func takeOption7(
        _ id: UInt16, _ option: inout SectionReader, _ walk: inout OptionWalk
    ) throws(TraceDatError) {
        switch id {
        case OptionID.buffer:
            walk.buffers.append(try bufferOption7(&option))
            if let section = walk.buffers.last?.section { walk.bufferSections.insert(section) }
        case OptionID.bufferText:
            walk.latencyText = option.fileOffset
        case OptionID.headerInfo, OptionID.ftraceFormats, OptionID.eventFormats, OptionID.commandLines:
            walk.sections[id] = try option.integer(UInt64.self, "the place of a section")
        case OptionID.cpuCount:
            cpuCount = Int(clamping: try option.integer(UInt32.self, "the number of CPUs"))
        default:
            _ = try take(option: id, &option)
        }
    }

    private func bufferOption7(_ option: inout SectionReader) throws(TraceDatError) -> BufferOption {
        let section = try option.integer(UInt64.self, "the place of a buffer")
        let name = try option.string(limit: 4096, "the name of a buffer")
        let clock = try option.string(limit: 4096, "the clock of a buffer")
        let pageSize = try Self.checkedPageSize(try option.integer(UInt32.self, "a page size"), option)
        let count = try option.integer(UInt32.self, "the number of CPUs")
        guard count <= UInt32(Self.cpuLimit), UInt64(count) * 20 <= option.remaining else {
            throw option.corrupt("\(count) CPUs")
        }
        var cpus: [(cpu: Int, offset: UInt64, size: UInt64)] = []
        var seen: Set<UInt32> = []
        for _ in 0..<count {
            let cpu = try option.integer(UInt32.self, "a CPU")
            let offset = try option.integer(UInt64.self, "the place of a CPU's data")
            let size = try option.integer(UInt64.self, "the size of a CPU's data")
            guard cpu < UInt32(Self.cpuLimit), seen.insert(cpu).inserted else {
                throw option.corrupt("CPU \(cpu) is listed twice or cannot be")
            }
            cpus.append((Int(cpu), offset, size))
        }
        return BufferOption(section: section, name: name, clock: clock, pageSize: pageSize, cpus: cpus)
    }

    private mutating func addBuffer7(_ option: BufferOption, _ file: FileReader) {
        do throws(TraceDatError) {
            let head = try SectionHeader(file, at: option.section, byteOrder: header.byteOrder)
            guard head.id == OptionID.buffer else {
                throw TraceDatError(
                    .corrupt, path: file.path, offset: option.section, "section \(head.id) is where a buffer should be")
            }
            guard !head.isCompressed || header.compression != .none else {
                throw TraceDatError(
                    .corrupt, path: file.path, offset: option.section,
                    "compressed CPU data in a file without compression")
            }
            let cpus = option.cpus.map { entry in
                TraceFile.CPUData(
                    cpu: entry.cpu, isCompressed: head.isCompressed,
                    extents: extents(
                        cpu: entry.cpu, offset: entry.offset, size: entry.size, pageSize: option.pageSize,
                        isCompressed: head.isCompressed, in: file))
            }
            buffers.append(
                TraceFile.Buffer(name: option.name, clock: option.clock, pageSize: option.pageSize, cpus: cpus))
        } catch { damage.append(TraceFile.Damage(error)) }
    }

    /// The top buffer first; trace-cmd writes it where it likes.
    private mutating func sortBuffers7() {
        guard let top = buffers.firstIndex(where: { $0.name.isEmpty }) else { return }
        buffers.insert(buffers.remove(at: top), at: 0)
    }

    /// The body of a section as a cursor, decompressed if need be.
    func sectionBody(_ head: SectionHeader, _ file: FileReader, what: String) throws(TraceDatError) -> SectionReader {
        guard head.isCompressed else {
            return SectionReader(
                file, offset: head.body, count: head.count, byteOrder: header.byteOrder, what: what)
        }
        var reader = SectionReader(
            file, offset: head.body, count: UInt64.max - head.body, byteOrder: header.byteOrder, what: what)
        let stored = try reader.integer(UInt32.self, "the compressed size")
        let plain = try reader.integer(UInt32.self, "the decompressed size")
        try file.count(metadata: UInt64(plain), of: what, at: head.offset)
        let bytes = try reader.bytes(UInt64(stored), "the compressed bytes")
        let decompressor = Decompressor(header.compression)
        var result = [UInt8](repeating: 0, count: Int(plain))
        let isSound = bytes.withUnsafeBytes { source in
            result.withUnsafeMutableBytes { decompressor.decompress(source, into: $0) }
        }
        guard isSound || (plain == 0 && stored == 0) else {
            throw TraceDatError(
                .corrupt, path: file.path, offset: head.offset, "\(what) do not decompress with \(header.compression)",
                remedy: "fetch the file again")
        }
        return SectionReader(
            decompressed: result, of: file, origin: head.offset, byteOrder: header.byteOrder, what: what)
    }

    private mutating func loadSections7(_ file: FileReader, _ walk: inout OptionWalk) throws(TraceDatError) {
        guard let info = walk.sections[OptionID.headerInfo] else {
            let first = damage.first
            throw TraceDatError(
                first == nil ? .corrupt : .cutShort, path: file.path, offset: first?.offset,
                first?.problem ?? "no option tells where the page header is described",
                remedy: "the copy or the recording may have been broken off: fetch the file again")
        }
        var reader = try section7(OptionID.headerInfo, at: info, file, what: "the page header's description")
        try readHeaderInfo(&reader)
        do throws(TraceDatError) {
            if let place = walk.sections[OptionID.ftraceFormats] {
                reader = try section7(OptionID.ftraceFormats, at: place, file, what: "the ftrace formats")
                try readFtraceFormats(&reader)
            }
        } catch { damage.append(TraceFile.Damage(error)) }
        do throws(TraceDatError) {
            if let place = walk.sections[OptionID.eventFormats] {
                reader = try section7(OptionID.eventFormats, at: place, file, what: "the event formats")
                try readEventFormats(&reader)
            }
        } catch { damage.append(TraceFile.Damage(error)) }
        do throws(TraceDatError) {
            if let place = walk.sections[OptionID.commandLines] {
                reader = try section7(OptionID.commandLines, at: place, file, what: "the command lines")
                try readCommandLines(&reader)
            }
        } catch { damage.append(TraceFile.Damage(error)) }
    }

    private func section7(
        _ id: UInt16, at offset: UInt64, _ file: FileReader, what: String
    ) throws(TraceDatError) -> SectionReader {
        let head = try SectionHeader(file, at: offset, byteOrder: header.byteOrder)
        guard head.id == id else {
            throw TraceDatError(
                .corrupt, path: file.path, offset: offset, "section \(head.id) is where \(what) should be")
        }
        return try sectionBody(head, file, what: what)
    }
}
