internal import RingBuffer

// An archive of the shell recorder: files that are named as in tracefs.
extension FileContents {
    static func readArchive(_ file: FileReader) throws(TraceDatError) -> FileContents {
        let archive = try TarArchive(file)
        switch try archive.contents() {
        case .capture: break
        case .facts:
            throw TraceDatError(
                .notATraceFile, path: file.path, "this archive holds what a kernel says of itself, and no records",
                remedy: "sockftrace probes script --for \(printable(file.path)) >recorder.sh")
        case nil:
            throw TraceDatError(
                .notATraceFile, path: file.path, "this is a tar archive, and none of sockftrace's shell recorder",
                remedy: "unpack it: a trace.dat may be in it")
        }
        var contents = FileContents(header: try header(archive))
        contents.headerPage = Array(try archive.required("header_page").utf8)
        contents.headerEvent = try archive.bytes("header_event", limit: textLimit) ?? []
        contents.extensionData = try archive.bytes("notes", limit: commandLinesLimit)
        contents.commandLines = try archive.bytes("saved_cmdlines", limit: commandLinesLimit) ?? []
        contents.uname = try archive.text("kernel", limit: textLimit)?.split(separator: "\n").first.map(String.init)
        contents.clock = try archive.fact("clock")
        try contents.readFormats(archive)
        try contents.readCPUs(archive)
        if let end = archive.brokenOff { contents.damage.append(TraceFile.Damage(TarArchive.cutShort(file, at: end))) }
        return contents
    }

    private static func header(_ archive: TarArchive) throws(TraceDatError) -> TraceFile.Header {
        let order: ByteOrder? =
            switch try archive.fact("endian") {
            case "little": .little
            case "big": .big
            default: nil
            }
        guard let order, let size = try archive.fact("page").flatMap({ Int($0) }), pageSizes.contains(size),
            size.isMultiple(of: 16)
        else {
            throw TraceDatError(
                .corrupt, path: archive.file.path,
                "the archive does not tell the byte order and the size of sub-buffers")
        }
        return TraceFile.Header(
            version: 0, byteOrder: order, longSize: try archive.wordSize(), pageSize: size, compression: .none)
    }

    private mutating func readFormats(_ archive: TarArchive) throws(TraceDatError) {
        let formats = archive.entries.keys.filter { $0.hasPrefix("events/") && $0.hasSuffix("/format") }.sorted()
        guard formats.count <= Self.formatLimit else {
            throw TraceDatError(.corrupt, path: archive.file.path, "more than \(Self.formatLimit) event formats")
        }
        for name in formats {
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 4, let text = try archive.bytes(name, limit: Self.formatTextLimit) else { continue }
            self.formats.append(TraceFile.EventFormatText(system: String(parts[1]), text: text))
        }
    }

    private mutating func readCPUs(_ archive: TarArchive) throws(TraceDatError) {
        var buffer = TraceFile.Buffer(name: "", clock: clock ?? "local", pageSize: header.pageSize, cpus: [])
        let numbers = archive.entries.keys.compactMap { name -> Int? in
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "per_cpu", parts[2] == "trace_pipe_raw", parts[1].hasPrefix("cpu"),
                let number = Int(parts[1].dropFirst(3)), "cpu\(number)" == parts[1],
                (0..<Self.cpuLimit).contains(number)
            else { return nil }
            return number
        }
        for cpu in numbers.sorted() {
            guard let entry = archive.entries["per_cpu/cpu\(cpu)/trace_pipe_raw"] else { continue }
            buffer.cpus.append(
                TraceFile.CPUData(
                    cpu: cpu, isCompressed: false,
                    extents: extents(
                        cpu: cpu, offset: entry.offset, size: entry.size, pageSize: header.pageSize,
                        isCompressed: false, in: archive.file)))
            // Of what was cut short the records come first.
            if let text = try? archive.text("per_cpu/cpu\(cpu)/stats", limit: Self.textLimit) {
                cpuStats.append("CPU: \(cpu)\n" + text)
            }
        }
        buffers.append(buffer)
    }
}
