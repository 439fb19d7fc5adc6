import SystemPackage
import Testing
import TraceDat

/// A recording of a fixture written anew, with something else about it.
struct Rewritten {
    /// The kernel that it is of.
    var kernel = "6.1"
    /// The name of the trace clock; nil for that of the fixture.
    var clock: String?
    /// Whether it has the kernel's counts, as if they were of its records alone.
    var statistics = false
    /// CPUs whose records are left out.
    var withoutCPUs: Set<Int> = []
    /// Event formats beside those of the fixture.
    var moreFormats: [TraceFile.EventFormatText] = []
    /// What sockftrace notes of it; nil for what the fixture has.
    var notes: [UInt8]?
    /// Whether its recorder died before it could finish.
    var isUnfinished = false

    private var fixture: Fixture { Fixture(kernel: kernel, name: "own") }

    /// Writes it.
    func write(to path: String) throws {
        var source = try TraceFile(path: FilePath(fixture.path))
        let buffer = try #require(source.buffers.first)
        var options = TraceDatWriter.Options(
            pageSize: buffer.pageSize, cpuCount: (buffer.cpus.map(\.cpu).max() ?? 0) + 1, headerPage: source.headerPage,
            headerEvent: source.headerEvent, formats: source.formats + moreFormats, clock: clock ?? source.clock)
        options.uname = source.uname
        let extensionData = notes ?? source.extensionData ?? []
        options.extensionRoom = extensionData.count
        var writer = try TraceDatWriter(path: FilePath(path), options: options)
        guard try writer.note(extension: extensionData) else { throw NoRoom() }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * buffer.pageSize, alignment: 4096)
        defer { room.deallocate() }
        for (index, cpu) in buffer.cpus.enumerated() where !withoutCPUs.contains(cpu.cpu) {
            var page = 0
            while case let count = try source.read(buffer: 0, cpu: index, at: page, into: room), count > 0 {
                page += count
                try writer.append(
                    cpu: cpu.cpu, bytes: UnsafeRawBufferPointer(rebasing: room[..<(count * buffer.pageSize)]))
            }
        }
        if isUnfinished { return }
        let counts = statistics ? try Self.counts(fixture.path) : []
        _ = try writer.finish(cmdlines: source.commandLines, cpuStats: counts, extension: extensionData)
    }

    private static func counts(_ path: String) throws -> [String] {
        var records: [Int: Int] = [:]
        for entry in try RecordDump(path).entries {
            if case .record = entry.content { records[entry.cpu, default: 0] += 1 }
        }
        return records.map { "CPU: \($0.key)\nentries: 0\noverrun: 0\nread events: \($0.value)\n" }
    }

    private struct NoRoom: Error {}
}
