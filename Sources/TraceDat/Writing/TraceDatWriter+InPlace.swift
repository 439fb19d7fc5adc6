internal import SystemPackage

// A big recording, or one that filled the disk: its extents are moved within the file.
extension TraceDatWriter {
    mutating func assembleInPlace(
        _ ending: FileMetadata.FinalMetadata, _ cmdlines: [TraceFile.CommandLine], _ summary: inout Summary
    ) throws(TraceDatError) -> UInt64 {
        let size = table.size
        let needed = streams.indices.filter { streams[$0].count > 0 }.map { cpu in
            (cpu: cpu, extents: Int((streams[cpu].count + size - 1) / size))
        }
        let first = try table.arrange(needed, in: file)
        var ending = ending
        var extent = first
        ending.dataStart = table.offset(of: first)
        for entry in needed {
            ending.placements.append(
                .init(cpu: entry.cpu, offset: table.offset(of: extent), size: streams[entry.cpu].count))
            extent += entry.extents
        }
        let end = ending.placements.last.map { $0.offset + $0.size } ?? ending.dataStart
        try file.truncate(to: end)
        for placement in ending.placements.dropLast() {
            file.punchHole(
                from: (placement.offset + placement.size).aligned(to: 4096),
                to: (placement.offset + placement.size).aligned(to: size, from: ending.dataStart))
        }

        fit(&ending, cmdlines, &summary)
        switch options.version {
        case .seven: try writeTail7(ending, end: end)
        case .six: try writeHead6(ending)
        }
        try file.write(layout.journalHead(.finished, matter), at: layout.journalAt)
        return end
    }

    /// Leaves out what the reserve has no room for: the extension first, then command lines from the end.
    private func fit(
        _ ending: inout FileMetadata.FinalMetadata, _ cmdlines: [TraceFile.CommandLine], _ summary: inout Summary
    ) {
        ending.commandLines = Self.text(of: cmdlines[...])
        var needed = sizeOfEnding(ending)
        let room = roomForEnding
        if needed > room, ending.extensionData != nil {
            ending.extensionData = nil
            summary.droppedExtension = true
            needed = sizeOfEnding(ending)
        }
        guard needed > room else { return }
        var low = 0
        var high = cmdlines.count
        while low < high {
            let middle = (low + high + 1) / 2
            ending.commandLines = Self.text(of: cmdlines[..<middle])
            if sizeOfEnding(ending) <= room { low = middle } else { high = middle - 1 }
        }
        ending.commandLines = Self.text(of: cmdlines[..<low])
        summary.droppedCommandLines = cmdlines.count - low
    }

    /// Where the new tail of a version 7 file goes: behind the options of the unfinished one, which stay in force
    /// until the place of the options is changed.
    private var newTailAt: UInt64 {
        layout.tailAt + UInt64(layout.tail.count) - SectionHeader.size
    }

    private var roomForEnding: UInt64 {
        switch options.version {
        case .seven: table.start - newTailAt
        case .six: layout.journalAt
        }
    }

    private func sizeOfEnding(_ ending: FileMetadata.FinalMetadata) -> UInt64 {
        switch options.version {
        case .seven: return UInt64(V7Metadata(matter).tail(at: newTailAt, ending, end: nil).bytes.count)
        case .six:
            var part = ByteWriter()
            matter.putExtension(ending, into: &part)
            return UInt64(V6Metadata(matter: matter).head(ending).count + part.count + 16)
        }
    }

    private func writeTail7(_ ending: FileMetadata.FinalMetadata, end: UInt64) throws(TraceDatError) {
        let front = V7Metadata(matter)
        let start = newTailAt
        let tail = front.tail(at: start, ending, end: end)
        try file.write(tail.bytes, at: start)
        try writeOptionsPlace(tail.options, front)
        file.punchHole(
            from: (start + UInt64(tail.bytes.count)).aligned(to: 4096), to: ending.dataStart / 4096 * 4096)
    }

    private func writeHead6(_ ending: FileMetadata.FinalMetadata) throws(TraceDatError) {
        var head = ByteWriter()
        head.put(V6Metadata(matter: matter).head(ending))
        head.pad(toMultipleOf: 16)
        let partAt = UInt64(head.count)
        var firstPart = layout.journalAt
        if ending.extensionData != nil {
            // The section goes on to the journal's, so that one leads to the other.
            matter.putExtension(ending, room: Int(layout.journalAt - partAt), into: &head)
            firstPart = partAt
        }
        try file.write(
            V6Metadata.trailer(firstPart: firstPart), at: ending.dataStart - UInt64(PrivateSections.trailerSize))
        try file.write(head.bytes, at: 0)
        if ending.extensionData != nil { try forgetNote() }
        file.punchHole(from: UInt64(head.count).aligned(to: 4096), to: layout.journalAt / 4096 * 4096)
        file.punchHole(from: layout.dataStart, to: ending.dataStart - min(ending.dataStart, 4096))
    }
}

extension UInt64 {
    /// The next place that is a whole number of `step` behind `origin`.
    fileprivate func aligned(to step: UInt64, from origin: UInt64) -> UInt64 {
        origin + (self - origin).aligned(to: step)
    }
}
