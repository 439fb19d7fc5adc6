internal import RingBuffer

extension FileContents {
    /// Reads sockftrace's own parts of a version 6 file, which are found from the first CPU's data.
    mutating func readOwnParts6(_ file: FileReader, from tableEnd: UInt64) {
        guard let start = buffers.first?.cpus.map(\.offset).min(),
            start >= tableEnd + UInt64(PrivateSections.trailerSize)
        else { return }
        let trailer = start - UInt64(PrivateSections.trailerSize)
        var reader = SectionReader(
            file, offset: trailer, count: UInt64(PrivateSections.trailerSize), byteOrder: header.byteOrder,
            what: "the trailer"
        )
        guard var next = try? reader.integer(UInt64.self, "a place"),
            let magic = try? reader.bytes(8, "the magic"), magic == PrivateSections.magic, next >= tableEnd
        else { return }
        var journal: Journal?
        while next < trailer, let head = try? SectionHeader(file, at: next, byteOrder: header.byteOrder),
            head.id == PrivateSections.sectionID
        {
            readOwnPart(file, head, &journal)
            let (end, overflow) = head.body.addingReportingOverflow(head.count)
            if overflow { break }
            next = end
        }
        applyJournal(journal, file)
    }

    mutating func readOwnPart(_ file: FileReader, _ head: SectionHeader, _ journal: inout Journal?) {
        var reader = SectionReader(
            file, offset: head.body, count: head.count, byteOrder: header.byteOrder, what: "sockftrace's own part")
        do throws(TraceDatError) {
            guard try reader.bytes(8, "the magic") == PrivateSections.magic else { return }
            let kind = try reader.integer(UInt32.self, "the kind")
            _ = try reader.integer(UInt32.self, "a reserved word")
            let count = try reader.integer(UInt64.self, "the size")
            switch PrivateSections.Kind(rawValue: kind) {
            case .journal: journal = try readJournal(&reader, file)
            // The latest one holds; one that nothing was noted in yet says nothing.
            case .extensionData where count > 0: extensionData = try reader.bytes(count, "sockftrace's own data")
            case .extensionData: break
            case nil: break
            }
        } catch { damage.append(TraceFile.Damage(error)) }
    }

    private func readJournal(_ reader: inout SectionReader, _ file: FileReader) throws(TraceDatError) -> Journal? {
        let state = try reader.integer(UInt32.self, "the journal's state")
        let extentSize = UInt64(try reader.integer(UInt32.self, "the extent size"))
        let start = try reader.integer(UInt64.self, "the first extent")
        let slots = try reader.integer(UInt32.self, "the slots")
        let flags = try reader.integer(UInt32.self, "the flags")
        guard let state = Journal.State(rawValue: state) else {
            throw reader.corrupt("the journal's state is \(state)")
        }
        var journal = Journal(
            state: state, extentSize: extentSize, start: start, isCompressed: flags & Journal.compressedFlag != 0,
            slotsAt: reader.position, slotCount: slots, hasProgress: flags & Journal.progressFlag != 0)
        guard state == .recording, !journal.isCompressed else { return journal }
        guard extentSize > 0, extentSize.isMultiple(of: UInt64(header.pageSize)), start <= file.size else {
            throw reader.corrupt("extents of \(extentSize) bytes from byte \(start)")
        }
        // Only extents that the file has are of interest, so the table is never read further than they go.
        let present = (file.size - start + extentSize - 1) / extentSize
        for slot in 0..<min(UInt64(slots), present) {
            let owner = try reader.integer(UInt32.self, "an extent's owner")
            let place = try reader.integer(UInt32.self, "an extent's place")
            guard owner != 0, owner <= UInt32(Self.cpuLimit) else { continue }
            let cpu = Int(owner) - 1
            // Of two extents with one place, the later was being copied over the earlier when the recorder died.
            if journal.extents[cpu]?[Int(place)] == nil {
                journal.extents[cpu, default: [:]][Int(place)] = start + slot * extentSize
            }
        }
        return journal
    }

    /// Replaces the top buffer's CPUs by what the journal of an unfinished recording knows.
    mutating func applyJournal(_ journal: Journal?, _ file: FileReader) {
        guard let journal, journal.state == .recording else { return }
        guard !journal.isCompressed else {
            damage.append(
                TraceFile.Damage(
                    offset: journal.start,
                    "this is a compressed copy that was never finished: the recording itself is in the file whose name "
                        + "lacks \".compressing\""))
            return
        }
        growth = journal
        let pageSize = header.pageSize
        var cpus: [TraceFile.CPUData] = []
        for (cpu, places) in journal.extents.sorted(by: { $0.key < $1.key }) {
            var list: [FileRange] = []
            for place in 0..<places.count {
                guard let offset = places[place] else { break }
                let range = Self.filledPart(
                    of: file.clamped(offset, journal.extentSize), pageSize: pageSize, file)
                list.append(range)
                if range.count < journal.extentSize { break }
            }
            cpus.append(TraceFile.CPUData(cpu: cpu, isCompressed: false, extents: list))
        }
        damage.append(
            TraceFile.Damage(
                offset: journal.start,
                "the recording was not finished: what its recorder had written before it died is there, the names of "
                    + "the tasks that it would have added at the end are not"))
        if buffers.isEmpty {
            buffers.append(TraceFile.Buffer(name: "", clock: clock ?? "local", pageSize: pageSize, cpus: cpus))
        } else {
            buffers[0].cpus = cpus
        }
    }

    /// The pages of an extent up to the first that was never written: all zero where its time and size would be.
    private static func filledPart(of range: FileRange, pageSize: Int, _ file: FileReader) -> FileRange {
        var filled: UInt64 = 0
        let size = UInt64(pageSize)
        while filled + size <= range.count {
            var head: (UInt64, UInt64) = (0, 0)
            let isRead = withUnsafeMutableBytes(of: &head) { bytes in
                (try? file.read(range, at: range.offset + filled, into: bytes)) != nil
            }
            if !isRead || (head.0 == 0 && head.1 == 0) { break }
            filled += size
        }
        return range.sub(from: 0, limit: filled)
    }
}
