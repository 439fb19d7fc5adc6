// What a forged file could make a reader do although each of its numbers is possible by itself.
extension FileContents {
    /// The least that a reader holds of a CPU at a time, bytes; and the most for all of them.
    private static let heldPerCPU = 4 << 10
    private static let heldLimit = 256 << 20

    /// Leaves out data that lie within another CPU's: a small file would else pass for one of any size.
    mutating func dropOverlaps() {
        var places: [(range: FileRange, buffer: Int, cpu: Int)] = []
        for buffer in buffers.indices {
            for cpu in buffers[buffer].cpus.indices {
                for range in buffers[buffer].cpus[cpu].extents where range.count > 0 {
                    places.append((range, buffer, cpu))
                }
            }
        }
        places.sort { ($0.range.offset, $0.buffer, $0.cpu) < ($1.range.offset, $1.buffer, $1.cpu) }
        var end: UInt64 = 0
        for (range, buffer, cpu) in places {
            // Of compressed data the reader takes 4 bytes more than the file says; see `extents`.
            if range.offset &+ 4 < end {
                buffers[buffer].cpus[cpu].extents = []
                damage.append(
                    TraceFile.Damage(
                        offset: range.offset,
                        "the data of CPU \(buffers[buffer].cpus[cpu].cpu) overlap those of another: they are left out"))
            } else {
                end = max(end, range.end)
            }
        }
    }

    /// Refuses more CPUs, or larger sub-buffers, than can be held at a time.
    func checkStreams(_ file: FileReader) throws(TraceDatError) {
        let streams = buffers.reduce(0) { $0 + $1.cpus.count { $0.size > 0 } }
        let largest = buffers.map(\.pageSize).max() ?? 0
        guard streams <= Self.heldLimit / max(largest, Self.heldPerCPU) else {
            throw TraceDatError(
                .unsupported, path: file.path,
                "\(streams) CPUs with sub-buffers of up to \(largest) bytes are more than this reader accepts")
        }
    }
}
