internal import RingBuffer

/// What reading the pages of all CPUs of a file has in common.
struct PageReadContext: ~Copyable, Sendable {
    let file: FileReader
    let byteOrder: ByteOrder
    let decompressor: Decompressor
    /// Compressed bytes on their way to a CPU's chunk.
    var scratch: [UInt8] = []
    var damage: [TraceFile.Damage] = []

    init(_ file: FileReader, compression: Compression, byteOrder: ByteOrder) {
        self.file = file
        self.byteOrder = byteOrder
        decompressor = Decompressor(compression)
    }
}

/// The sub-buffers of one CPU, by number, whether they lie in the file as they are or in compressed chunks.
struct CPUPages: Sendable {
    let pageSize: Int
    private let extents: Extents
    private var chunks: ChunkCursor?
    /// Bytes of the file's data that lie before what is read next.
    private(set) var passed: UInt64 = 0

    /// Bytes kept for the next read.
    var cachedBytes: Int { chunks?.cachedBytes ?? 0 }

    /// Forgets them.
    mutating func dropCache() { chunks?.dropCache() }

    init(_ data: TraceFile.CPUData, pageSize: Int) {
        self.pageSize = pageSize
        extents = Extents(data.extents)
        chunks = data.isCompressed ? ChunkCursor() : nil
    }

    /// Fills `target`, whose size is a multiple of the page size, from page `page` on; the number of pages read.
    mutating func read(
        _ page: Int, into target: UnsafeMutableRawBufferPointer, _ reading: inout PageReadContext
    ) throws(TraceDatError) -> Int {
        if chunks != nil {
            let count = try chunks?.read(page, of: extents, pageSize: pageSize, into: target, &reading) ?? 0
            passed = count == 0 ? extents.count : chunks?.passed ?? 0
            return count
        }
        let pages = extents.count / UInt64(pageSize)
        guard UInt64(page) < pages else {
            passed = extents.count
            return 0
        }
        let count = min(UInt64(target.count / pageSize), pages - UInt64(page))
        let part = UnsafeMutableRawBufferPointer(rebasing: target[..<(Int(count) * pageSize)])
        try extents.read(reading.file, at: UInt64(page) * UInt64(pageSize), into: part)
        passed = (UInt64(page) + count) * UInt64(pageSize)
        return Int(count)
    }
}

/// Several parts of a file read as one run of bytes: one part in a finished file, many in one whose recorder died.
struct Extents: Sendable {
    private let ranges: [FileRange]
    private let starts: [UInt64]
    let count: UInt64

    init(_ ranges: [FileRange]) {
        self.ranges = ranges
        var total: UInt64 = 0
        starts = ranges.map { range in
            defer { total += range.count }
            return total
        }
        count = total
    }

    /// The byte of the file at `position` of the run.
    func fileOffset(_ position: UInt64) -> UInt64 {
        guard let index = index(of: position) else { return ranges.last?.end ?? 0 }
        return ranges[index].offset + (position - starts[index])
    }

    private func index(of position: UInt64) -> Int? {
        guard position < count else { return nil }
        var low = 0
        var high = starts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= position { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Fills `target` from `position` of the run; the caller has checked that it lies within.
    func read(
        _ file: FileReader, at position: UInt64, into target: UnsafeMutableRawBufferPointer
    ) throws(TraceDatError) {
        var done = 0
        while done < target.count {
            guard let index = index(of: position + UInt64(done)) else {
                throw TraceDatError(
                    .misuse, path: file.path, offset: fileOffset(position), "read beyond a CPU's data")
            }
            let range = ranges[index]
            let start = range.offset + (position + UInt64(done) - starts[index])
            let length = Int(min(UInt64(target.count - done), range.end - start))
            try file.read(
                range, at: start, into: UnsafeMutableRawBufferPointer(rebasing: target[done..<(done + length)]))
            done += length
        }
    }
}
