internal import RingBuffer
internal import SystemPackage
internal import TraceDat

/// How many records a trace.dat holds: as many as the kernel says were read, or somebody else read some.
enum RecordCounts {
    /// The records of each CPU. Reads the whole file.
    /// - Parameter goesOn: asked now and then.
    /// - Returns: nil where that said false.
    static func byCPU(
        in path: FilePath, layout: SubBufferLayout, while goesOn: () -> Bool
    ) throws(TracingError) -> [Int: UInt64]? {
        do throws(TraceDatError) {
            var file = try TraceFile(path: path)
            return try count(&file, layout: layout, while: goesOn)
        } catch {
            throw .traceDat(error)
        }
    }

    private static func count(
        _ file: inout TraceFile, layout: SubBufferLayout, while goesOn: () -> Bool
    ) throws(TraceDatError) -> [Int: UInt64]? {
        var counts: [Int: UInt64] = [:]
        let pages = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * layout.size, alignment: 4096)
        defer { pages.deallocate() }
        for (index, cpu) in (file.buffers.first?.cpus ?? []).enumerated() {
            var (page, records) = (0, UInt64(0))
            while case let read = try file.read(buffer: 0, cpu: index, at: page, into: pages), read > 0 {
                guard goesOn() else { return nil }
                page += read
                records &+= Self.records(in: UnsafeRawBufferPointer(rebasing: pages[..<(read * layout.size)]), layout)
            }
            counts[cpu.cpu] = records
        }
        return counts
    }

    /// Those of whole sub-buffers.
    static func records(in bytes: UnsafeRawBufferPointer, _ layout: SubBufferLayout) -> UInt64 {
        var cursor = RecordCursor(layout: layout)
        cursor.enter(region: 0..<bytes.count)
        var records: UInt64 = 0
        while true {
            switch cursor.advance(in: bytes.bytes) {
            case .record: records += 1
            case .loss: continue
            case .end: return records
            }
        }
    }
}
