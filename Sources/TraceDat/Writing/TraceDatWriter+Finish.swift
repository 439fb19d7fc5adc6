internal import SystemPackage

// From the extents of a recording to the file that other readers know.
extension TraceDatWriter {
    /// The most data, bytes, that are brought together in memory; more are moved within the file.
    private static let inMemoryLimit: UInt64 = 8 << 20

    /// Makes the file complete.
    ///
    /// - Parameters:
    ///   - cmdlines: thread ids and names.
    ///   - cpuStats: one text a CPU, as trace-cmd has it: "CPU: 0\n" and the text of `per_cpu/cpu0/stats`.
    ///   - extension: bytes that `TraceFile.extensionData` gives back and other readers pass over in silence.
    ///   - compression: how to compress the CPU data now, where they were not compressed as they came. Version 7 only.
    ///   - goesOn: asked now and then while compressing; once it says false the file is left uncompressed.
    /// - Returns: what came of it. After a full disk the file is complete with everything appended before; only
    ///   command lines and extension may have been left out for want of room.
    /// - Throws: `TraceDatError`: `displaced` where others removed, renamed or wrote to the file meanwhile; otherwise the
    ///   file still opens with `TraceFile` as an unfinished recording.
    package consuming func finish(
        cmdlines: [TraceFile.CommandLine] = [], cpuStats: [String] = [], extension extensionData: [UInt8]? = nil,
        compressing compression: Compression = .none, while goesOn: () -> Bool = { true }
    ) throws(TraceDatError) -> Summary {
        var ending = FileMetadata.FinalMetadata()
        ending.cpuStatistics = cpuStats
        ending.extensionData = extensionData
        try checkHead()
        var refusal: Refusal?
        if compression != .none, compressor == nil {
            switch compressed(compression, cmdlines, ending, while: goesOn) {
            case .success(let summary): return summary
            case .failure(let found): refusal = found
            }
        }
        var summary = try complete(cmdlines, ending)
        summary.uncompressed = refusal?.reason
        try file.checkName()
        return summary
    }

    /// Throws where another program has written to the file: of whose data the extents are nobody knows then.
    private func checkHead() throws(TraceDatError) {
        for (expected, offset) in [(layout.head, 0), (layout.journalHead(.recording, matter), layout.journalAt)] {
            var found = [UInt8](repeating: 0, count: expected.count)
            var failure: TraceDatError?
            found.withUnsafeMutableBytes { bytes in
                do throws(TraceDatError) { try file.read(at: offset, into: bytes) } catch { failure = error }
            }
            if let failure { throw failure }
            guard found == expected else {
                throw TraceDatError(
                    .displaced, path: file.path.string, offset: offset,
                    "another program wrote to the file while it was being recorded: the recording is lost",
                    remedy: "record to a file of its own")
            }
        }
    }

    /// Makes the file complete as far as its writer's own doing goes.
    mutating func complete(
        _ cmdlines: [TraceFile.CommandLine], _ known: FileMetadata.FinalMetadata
    ) throws(TraceDatError) -> Summary {
        var ending = known
        var summary = Summary()
        publishMoving()
        try finishChunks()
        let total = streams.reduce(0) { $0 + $1.count }
        summary.pages = streams.reduce(0) { $0 + $1.pages }
        if total <= Self.inMemoryLimit, !isFull {
            ending.commandLines = Self.text(of: cmdlines[...])
            summary.size = try assembleInMemory(ending)
        } else {
            summary.size = try assembleInPlace(ending, cmdlines, &summary)
        }
        return summary
    }

    /// Writes the last chunks and, at the start of each CPU's data, how many there are.
    private mutating func finishChunks() throws(TraceDatError) {
        guard compressor != nil else { return }
        for cpu in streams.indices where streams[cpu].pages > 0 {
            try flushChunk(cpu)
            var count = ByteWriter()
            count.put(streams[cpu].chunks)
            try file.write(count.bytes, at: offset(of: 0, cpu))
        }
    }

    static func text(of cmdlines: ArraySlice<TraceFile.CommandLine>) -> [UInt8] {
        var text: [UInt8] = []
        // trace-cmd reads a line with scanf and gives up all that follow one where no name is left after the blanks.
        for line in cmdlines where line.name.contains(where: { $0 != 0x20 && !(0x09...0x0d).contains($0) }) {
            text.append(contentsOf: String(line.tid).utf8)
            text.append(UInt8(ascii: " "))
            // A line end in a name would begin a line of its own.
            text.append(contentsOf: line.name.map { $0 == UInt8(ascii: "\n") || $0 == 0 ? UInt8(ascii: "?") : $0 })
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    private var alignment: UInt64 { UInt64(max(options.pageSize, 4096)) }

    /// Places the CPUs' data one after the other from `start`, each at a place that can be mapped.
    private func placements(from start: UInt64) -> [FileMetadata.Placement] {
        var next = start
        return streams.indices.filter { streams[$0].count > 0 }.map { cpu in
            defer { next = (next + streams[cpu].count).aligned(to: alignment) }
            return FileMetadata.Placement(cpu: cpu, offset: next, size: streams[cpu].count)
        }
    }

    /// A small recording: all data are read, the file is emptied to its unchanging head and written anew, tight.
    private func assembleInMemory(_ ending: FileMetadata.FinalMetadata) throws(TraceDatError) -> UInt64 {
        let front = V7Metadata(matter)
        var data: [Int: [UInt8]] = [:]
        for cpu in streams.indices where streams[cpu].count > 0 { data[cpu] = try bytes(of: cpu) }
        var ending = ending
        let head: [UInt8]
        var tail: (bytes: [UInt8], options: UInt64) = ([], 0)
        switch options.version {
        case .seven:
            head = front.head
            let tailAt = UInt64(head.count)
            // The tail's size depends on which CPUs have data, not on where: so measure, place, make.
            ending.placements = placements(from: 0)
            let size = UInt64(front.tail(at: tailAt, ending, end: nil).bytes.count)
            ending.dataStart = (tailAt + size).aligned(to: alignment)
            ending.placements = placements(from: ending.dataStart)
            tail = front.tail(at: tailAt, ending, end: max(end(of: ending), tailAt + size))
        case .six:
            (head, ending) = head6(ending)
        }
        let total = max(end(of: ending), UInt64(head.count + tail.bytes.count))
        try file.truncate(to: 0)
        if options.version == .six { try file.truncate(to: total) }
        for placement in ending.placements { try file.write(data[placement.cpu] ?? [], at: placement.offset) }
        try file.write(tail.bytes, at: UInt64(head.count))
        try file.write(head, at: 0)
        if options.version == .seven { try writeOptionsPlace(tail.options, front) }
        return total
    }

    private func end(of ending: FileMetadata.FinalMetadata) -> UInt64 {
        ending.placements.map { $0.offset + $0.size }.max() ?? ending.dataStart
    }

    /// The head of a version 6 file with data right behind it, sockftrace's own part and the trailer in it.
    private func head6(_ ending: FileMetadata.FinalMetadata) -> ([UInt8], FileMetadata.FinalMetadata) {
        let front = V6Metadata(matter: matter)
        var ending = ending
        var head = ByteWriter()
        head.put(front.head(ending))
        head.pad(toMultipleOf: 16)
        let partAt = UInt64(head.count)
        var part = ByteWriter()
        matter.putExtension(ending, into: &part)
        ending.dataStart = (partAt + UInt64(part.count + PrivateSections.trailerSize)).aligned(to: alignment)
        ending.placements = placements(from: ending.dataStart)
        var out = ByteWriter()
        out.put(front.head(ending))
        out.pad(toMultipleOf: 16)
        out.put(part.bytes)
        let gap = Int(ending.dataStart) - PrivateSections.trailerSize - out.count
        out.put([UInt8](repeating: 0, count: gap))
        out.put(V6Metadata.trailer(firstPart: partAt))
        return (out.bytes, ending)
    }

    /// All bytes of one CPU.
    private func bytes(of cpu: Int) throws(TraceDatError) -> [UInt8] {
        let count = Int(streams[cpu].count)
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: TraceDatError?
        bytes.withUnsafeMutableBytes { buffer in
            var done = 0
            while done < count, failure == nil {
                let length = min(count - done, Int(table.size))
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<(done + length)])
                do throws(TraceDatError) {
                    try file.read(at: offset(of: UInt64(done), cpu), into: part)
                } catch { failure = error }
                done += length
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
