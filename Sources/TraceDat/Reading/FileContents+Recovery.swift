internal import RingBuffer

// trace-cmd tells at the very end of a version 7 file where its CPUs' data are. Of a file cut short, the data are
// found by what they look like.
extension FileContents {
    /// The most runs of pages taken for CPUs, so that a hostile file does not make lists without end.
    private static let runLimit = 8192

    mutating func recoverBuffers7(_ walk: OptionWalk, _ file: FileReader) {
        guard walk.journal?.state != .recording else { return }
        for head in walk.strayBuffers {
            let isTop = !buffers.contains { $0.name.isEmpty }
            let end = file.clamped(head.body, head.count == 0 ? UInt64.max - head.body : head.count).end
            let runs =
                head.isCompressed
                ? compressedRuns(from: head.body, to: end, file) : bestPlainRuns(from: head.body, to: end, file)
            guard !runs.isEmpty else { continue }
            let cpus = runs.enumerated().map { number, range in
                TraceFile.CPUData(cpu: number, isCompressed: head.isCompressed, extents: [range])
            }
            buffers.append(
                TraceFile.Buffer(
                    name: isTop ? "" : "(name cut off)", clock: clock ?? "local", pageSize: header.pageSize, cpus: cpus)
            )
            if cpuCount != cpus.count {
                damage.append(
                    TraceFile.Damage(
                        offset: head.offset,
                        "which CPU is which is cut off: the \(cpus.count) found are numbered in their order"))
            }
        }
    }

    /// Pages as they are. The last one of a CPU is seldom full, so behind a page that is not, another CPU's begin;
    /// unless that makes more CPUs than there are.
    private func bestPlainRuns(from start: UInt64, to end: UInt64, _ file: FileReader) -> [FileRange] {
        let runs = plainRuns(from: start, to: end, splitsAfterPartialPages: true, file)
        guard let cpuCount, runs.count > cpuCount else { return runs }
        return plainRuns(from: start, to: end, splitsAfterPartialPages: false, file)
    }

    /// A CPU's pages are in time order, so where time goes back, another's begin.
    private func plainRuns(
        from start: UInt64, to end: UInt64, splitsAfterPartialPages: Bool, _ file: FileReader
    ) -> [FileRange] {
        let page = UInt64(header.pageSize)
        let first = start.aligned(to: page)
        guard end > first else { return [] }
        let all = file.clamped(first, end - first)
        var runs: [FileRange] = []
        var runStart: UInt64 = 0
        var last: UInt64 = 0
        var isPartial = false
        var position: UInt64 = 0
        func close(at end: UInt64) {
            let run = all.sub(from: runStart, limit: end - runStart)
            if run.count > 0 { runs.append(run) }
        }
        while position + page <= all.count, runs.count < Self.runLimit {
            var head: (UInt64, UInt64) = (0, 0)
            let isRead = withUnsafeMutableBytes(of: &head) { bytes in
                (try? file.read(all, at: all.offset + position, into: bytes)) != nil
            }
            guard isRead else { break }
            let time = header.byteOrder == .little ? UInt64(littleEndian: head.0) : UInt64(bigEndian: head.0)
            if head.0 == 0, head.1 == 0 {
                // Never written: nobody's.
                close(at: position)
                runStart = position + page
                last = 0
                isPartial = false
            } else {
                if time < last || isPartial {
                    close(at: position)
                    runStart = position
                }
                last = time
                // A page is full when no record fits; few are larger than a quarter of a page. The size is a long's
                // low bits; a big-endian 4-byte long is the upper half of the 8 bytes read.
                let commit = header.byteOrder == .little ? UInt64(littleEndian: head.1) : UInt64(bigEndian: head.1)
                let isUpperHalf = header.byteOrder == .big && header.longSize == 4
                let used = (isUpperHalf ? commit >> 32 : commit) & 0x7FF_FFFF
                isPartial = splitsAfterPartialPages && used < page * 3 / 4
            }
            position += page
        }
        close(at: position)
        return runs
    }

    /// Chunks: each CPU's tell how many they are.
    private func compressedRuns(from start: UInt64, to end: UInt64, _ file: FileReader) -> [FileRange] {
        let page = UInt64(header.pageSize)
        var runs: [FileRange] = []
        var position = start.aligned(to: page)
        while position < end, end - position >= 4, runs.count < Self.runLimit {
            let all = file.clamped(position, end - position)
            var reader = SectionReader(
                file, offset: position, count: all.count, byteOrder: header.byteOrder, what: "compressed CPU data")
            do throws(TraceDatError) {
                let chunks = try reader.integer(UInt32.self, "the number of chunks")
                guard chunks > 0 else { break }
                for _ in 0..<chunks {
                    let stored = try reader.integer(UInt32.self, "a chunk's size")
                    let plain = try reader.integer(UInt32.self, "a chunk's plain size")
                    guard stored > 0, plain > 0, plain <= UInt32(ChunkCursor.chunkLimit) else {
                        throw reader.corrupt("no chunk")
                    }
                    try reader.skip(UInt64(stored), "a chunk")
                }
                runs.append(all.sub(from: 0, limit: reader.position - position))
                position = reader.position.aligned(to: page)
            } catch {
                // The one that is cut off is read as far as it goes; what is no chunk at all is left.
                if error.kind == .cutShort { runs.append(all) }
                break
            }
        }
        return runs
    }
}
