import SystemPackage
import Testing
import TraceDat

/// A way in which `record` writes files.
struct FileKind: CustomTestStringConvertible, Sendable {
    var version: TraceDatWriter.Options.Version
    var compression: Compression
    var testDescription: String { "v\(version.rawValue) \(compression)" }

    static let all = [
        FileKind(version: .six, compression: .none), FileKind(version: .seven, compression: .none),
        FileKind(version: .seven, compression: .zstd), FileKind(version: .seven, compression: .zlib),
    ]
    /// Debian 12 builds trace-cmd without zlib.
    static let readByEveryTraceCmd = all.filter { $0.compression != .zlib }

    /// Writes what a file with one buffer holds into another file.
    static func rewrite(
        _ source: String, to target: String, _ kind: FileKind, names: [TraceFile.CommandLine]? = nil
    ) throws {
        var file = try TraceFile(path: FilePath(source))
        let buffer = try #require(file.buffers.first)
        var options = TraceDatWriter.Options(
            pageSize: buffer.pageSize, cpuCount: (buffer.cpus.map(\.cpu).max() ?? 0) + 1, headerPage: file.headerPage,
            headerEvent: file.headerEvent, formats: file.formats, clock: file.clock)
        options.version = kind.version
        options.compression = kind.compression
        options.uname = file.uname
        var writer = try TraceDatWriter(path: FilePath(target), options: options)
        var page = [UInt8](repeating: 0, count: buffer.pageSize)
        for index in buffer.cpus.indices {
            var number = 0
            while try page.withUnsafeMutableBytes({ try file.read(buffer: 0, cpu: index, at: number, into: $0) }) == 1 {
                number += 1
                try writer.append(cpu: buffer.cpus[index].cpu, pages: page.span.bytes)
            }
        }
        _ = try writer.finish(
            cmdlines: names ?? file.commandLines, cpuStats: file.cpuStats, extension: file.extensionData)
    }
}
