import SystemPackage
import Testing
import TraceDat

/// A recording of a fixture written anew, with something else about it.
struct Rewritten {
    /// The kernel that it is of, and the folder of its fixture.
    var kernel = "6.1"
    var folder = "kernels"
    /// Which sub-buffers of each CPU are lost, by their number; the next one says so.
    var loses: (Int) -> Bool = { _ in false }
    /// The name of the trace clock; nil for that of the fixture.
    var clock: String?
    /// Whether it has the kernel's counts, as if they were of its records alone.
    var statistics = false
    /// CPUs whose records are left out.
    var withoutCPUs: Set<Int> = []
    /// Events, by their names' beginning, that its kernel does not have.
    var lacking: String?
    /// Event formats beside those of the fixture.
    var moreFormats: [TraceFile.EventFormatText] = []
    /// What sockftrace notes of it; nil for what the fixture has.
    var notes: [UInt8]?
    /// Whether its recorder died before it could finish.
    var isUnfinished = false

    private var fixture: Fixture { Fixture(folder: folder, kernel: kernel, name: "own") }

    private func isKept(_ format: TraceFile.EventFormatText) -> Bool {
        lacking.map { !format.text.starts(with: "name: \($0)".utf8) } ?? true
    }

    /// Writes it.
    func write(to path: String) throws {
        var source = try TraceFile(path: FilePath(fixture.path))
        let buffer = try #require(source.buffers.first)
        var options = TraceDatWriter.Options(
            pageSize: buffer.pageSize, cpuCount: (buffer.cpus.map(\.cpu).max() ?? 0) + 1, headerPage: source.headerPage,
            headerEvent: source.headerEvent, formats: source.formats.filter(isKept) + moreFormats,
            clock: clock ?? source.clock)
        options.uname = source.uname
        let extensionData = notes ?? source.extensionData ?? []
        options.extensionRoom = extensionData.count
        var writer = try TraceDatWriter(path: FilePath(path), options: options)
        guard try writer.note(extension: extensionData) else { throw NoRoom() }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * buffer.pageSize, alignment: 4096)
        defer { room.deallocate() }
        for (index, cpu) in buffer.cpus.enumerated() where !withoutCPUs.contains(cpu.cpu) {
            var (page, number, isAfterLoss) = (0, 0, false)
            while case let count = try source.read(buffer: 0, cpu: index, at: page, into: room), count > 0 {
                page += count
                for start in stride(from: 0, to: count * buffer.pageSize, by: buffer.pageSize) {
                    let bytes = UnsafeMutableRawBufferPointer(rebasing: room[start..<start + buffer.pageSize])
                    let isLost = loses(number)
                    if isAfterLoss { Self.noteLoss(in: bytes) }
                    if !isLost { try writer.append(cpu: cpu.cpu, bytes: UnsafeRawBufferPointer(bytes)) }
                    (number, isAfterLoss) = (number + 1, isLost)
                }
            }
        }
        if isUnfinished { return }
        let counts = statistics ? try Self.counts(fixture.path) : []
        _ = try writer.finish(cmdlines: source.commandLines, cpuStats: counts, extension: extensionData)
    }

    /// RB_MISSED_EVENTS, in the word behind the time (kernel/trace/ring_buffer.c); how many are missing is not said.
    private static func noteLoss(in page: UnsafeMutableRawBufferPointer) {
        page.storeBytes(of: page.load(fromByteOffset: 8, as: UInt64.self) | 1 << 31, toByteOffset: 8, as: UInt64.self)
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
