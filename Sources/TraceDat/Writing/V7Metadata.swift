internal import CZlib
internal import CZstd

/// The parts of a version 7 file: a head that never changes but for the place of the options, and a tail that does.
struct V7Metadata {
    let matter: FileMetadata
    /// The head and the sections known at the start.
    let head: [UInt8]
    /// Where in the head the place of the options stands.
    let optionsField: UInt64
    private let sections: [(id: UInt16, offset: UInt64)]

    init(_ matter: FileMetadata) {
        self.matter = matter
        var out = matter.prefix("7")
        switch matter.options.compression {
        case .zstd:
            out.put(string: "zstd")
            out.put(string: String(cString: ZSTD_versionString()))
        case .zlib:
            out.put(string: "zlib")
            out.put(string: String(cString: zlibVersion()))
        case .none:
            out.put(string: "none")
            out.put(string: "")
        }
        optionsField = UInt64(out.count)
        out.put(UInt64(0))
        var sections: [(id: UInt16, offset: UInt64)] = []
        for (id, body) in [
            (OptionID.headerInfo, matter.headerInfo), (OptionID.ftraceFormats, matter.ftraceFormats),
            (OptionID.eventFormats, matter.eventFormats), (OptionID.symbols, matter.noText),
            (OptionID.printkFormats, matter.noText),
        ] {
            sections.append((id, UInt64(out.count)))
            out.putSection(id, body)
        }
        self.sections = sections
        head = out.bytes
    }

    /// The head with the place of the options in it.
    func head(optionsAt place: UInt64) -> [UInt8] {
        var result = head
        withUnsafeBytes(of: place) { bytes in
            for (index, byte) in bytes.enumerated() { result[Int(optionsField) + index] = byte }
        }
        return result
    }

    /// Bytes of a tail before its extension: the section of the command lines of a file that has none.
    static let extensionOffset = SectionHeader.size + 8

    /// The sections that end the metadata, as they stand at byte `start` of the file: command lines, sockftrace's own
    /// data, options, and the head of the buffer, whose data go on to `end`.
    func tail(at start: UInt64, _ ending: FileMetadata.FinalMetadata, end: UInt64?) -> (bytes: [UInt8], options: UInt64)
    {
        var out = ByteWriter()
        out.putSection(OptionID.commandLines, matter.commandLines(ending.commandLines))
        matter.putExtension(ending, into: &out)

        let optionsAt = start + UInt64(out.count)
        var list = ByteWriter()
        matter.putSharedOptions(ending, into: &list)
        list.putOption(OptionID.cpuCount, number: UInt32(matter.options.cpuCount))
        for section in sections { list.putOption(section.id, number: section.offset) }
        list.putOption(OptionID.commandLines, number: start)
        // The buffer's head follows this option, the last one and its place.
        let option = bufferOption(ending)
        let optionsEnd = optionsAt + SectionHeader.size + UInt64(list.count + 6 + option.count + 8 + 14)
        var patched = ByteWriter()
        patched.put(optionsEnd)
        list.putOption(OptionID.buffer, patched.bytes + option)
        list.putOption(OptionID.done, number: UInt64(0))
        out.putSection(OptionID.done, list.bytes)

        let compressed = matter.options.compression == .none ? 0 : SectionHeader.compressedFlag
        let dataStart = start + UInt64(out.count) + SectionHeader.size
        // An unfinished buffer has no end: so far that nobody who walks over the sections looks for one after it.
        out.putSectionHead(OptionID.buffer, flags: compressed, count: end.map { $0 - dataStart } ?? 1 << 62)
        return (out.bytes, optionsAt)
    }

    /// The option of the top buffer after the place of its section.
    private func bufferOption(_ ending: FileMetadata.FinalMetadata) -> [UInt8] {
        var out = ByteWriter()
        out.put(string: "")
        out.put(string: matter.options.clock)
        out.put(UInt32(matter.options.pageSize))
        let filled = ending.placements.filter { $0.size > 0 }
        out.put(UInt32(filled.count))
        for placement in filled {
            out.put(UInt32(placement.cpu))
            out.put(placement.offset)
            out.put(placement.size)
        }
        return out.bytes
    }
}
