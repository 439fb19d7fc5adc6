internal import Glibc
internal import RingBuffer
internal import SystemPackage
internal import TraceDat

/// Recordings of any size, made of one.
enum Growth {
    /// Sub-buffers that are copied at once.
    private static let batch = 256

    /// Repeats all sub-buffers until there are so many records, each time behind the last in time.
    static func grow(_ source: FilePath, to target: FilePath, _ wanted: Int) throws {
        var file = try TraceFile(path: source)
        let cpus = file.buffers[0].cpus
        let size = file.buffers[0].pageSize
        var options = TraceDatWriter.Options(
            pageSize: size, cpuCount: cpus.reduce(0) { max($0, $1.cpu + 1) }, headerPage: file.headerPage,
            headerEvent: file.headerEvent, formats: file.formats.filter { $0.system != "ftrace" }, clock: file.clock)
        options.recorderVersion = "sockftrace"
        var writer = try TraceDatWriter(path: target, options: options)
        let (records, span) = try survey(&file, size)
        var room = [UInt8](repeating: 0, count: batch * size)
        for round in 0..<max(1, (wanted + records - 1) / max(records, 1)) {
            for cpu in cpus.indices {
                var page = 0
                while true {
                    let count = try room.withUnsafeMutableBytes {
                        try file.read(buffer: 0, cpu: cpu, at: page, into: $0)
                    }
                    guard count > 0 else { break }
                    page += count
                    try room.withUnsafeMutableBytes { bytes in
                        for index in 0..<count {
                            // Records tell the time since the one before; only the sub-buffer's own is absolute.
                            let time = bytes.loadUnaligned(fromByteOffset: index * size, as: UInt64.self)
                            bytes.storeBytes(
                                of: time &+ UInt64(round) &* span, toByteOffset: index * size, as: UInt64.self)
                        }
                        try writer.append(
                            cpu: cpus[cpu].cpu, bytes: UnsafeRawBufferPointer(rebasing: bytes[..<(count * size)]))
                    }
                }
            }
        }
        _ = try writer.finish(
            cmdlines: file.commandLines, cpuStats: file.cpuStats, extension: file.extensionData)
    }

    /// Writes the sub-buffers of all CPUs and prints the size of one.
    static func extract(_ source: FilePath, to target: FilePath) throws {
        var file = try TraceFile(path: source)
        let size = file.buffers[0].pageSize
        let output = try FileDescriptor.open(
            target, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        var room = [UInt8](repeating: 0, count: batch * size)
        for cpu in file.buffers[0].cpus.indices {
            var page = 0
            while true {
                let count = try room.withUnsafeMutableBytes { try file.read(buffer: 0, cpu: cpu, at: page, into: $0) }
                guard count > 0 else { break }
                page += count
                try output.writeAll(room[..<(count * size)])
            }
        }
        try output.close()
        print(size)
    }

    static func contents(of path: FilePath) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly)
        let size = Int(try file.seek(offset: 0, from: .end))
        try file.seek(offset: 0, from: .start)
        var bytes = [UInt8](repeating: 0, count: size)
        var done = 0
        while done < size {
            let count = try bytes.withUnsafeMutableBytes { try file.read(into: .init(rebasing: $0[done...])) }
            guard count > 0 else { break }
            done += count
        }
        try file.close()
        return bytes
    }

    /// How many records there are, and how much time they take, with a second more.
    private static func survey(_ file: inout TraceFile, _ size: Int) throws -> (records: Int, span: UInt64) {
        guard
            let layout = SubBufferLayout(size: size, commitOffset: 8, commitWidth: 8, dataOffset: 16, byteOrder: .host)
        else { return (0, 0) }
        var (records, first, last) = (0, UInt64.max, UInt64(0))
        var room = [UInt8](repeating: 0, count: batch * size)
        for cpu in file.buffers[0].cpus.indices {
            var page = 0
            var cursor = RecordCursor(layout: layout)
            while true {
                let count = try room.withUnsafeMutableBytes { try file.read(buffer: 0, cpu: cpu, at: page, into: $0) }
                guard count > 0 else { break }
                page += count
                cursor.enter(region: 0..<(count * size))
                while true {
                    let step = cursor.advance(in: room.span.bytes)
                    if step == .end { break }
                    guard step == .record else { continue }
                    records += 1
                    (first, last) = (min(first, cursor.time), max(last, cursor.time))
                }
            }
        }
        return (records, last &- first &+ 1_000_000_000)
    }
}
