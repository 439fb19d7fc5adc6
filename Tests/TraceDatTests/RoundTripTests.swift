import SystemPackage
import Testing

@testable import TraceDat

/// Every way in which the writer makes files.
struct Flavour: Sendable, CustomTestStringConvertible {
    var version: TraceDatWriter.Options.Version
    var compression: Compression
    var testDescription: String { "v\(version.rawValue) \(compression)" }

    static let all = [
        Flavour(version: .six, compression: .none), Flavour(version: .seven, compression: .none),
        Flavour(version: .seven, compression: .zstd), Flavour(version: .seven, compression: .zlib),
    ]
    /// What a recorder writes before it compresses at the end.
    static let plain = all.filter { $0.compression == .none }
    /// Debian 12 builds trace-cmd without zlib; that of later releases is asked by OutsideReaderTests.
    static let readByEveryTraceCmd = all.filter { $0.compression != .zlib }
}

@Suite struct RoundTripTests {
    @Test(arguments: Flavour.all) func whatIsWrittenIsReadByteForByte(_ flavour: Flavour) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        let own = Array("what only sockftrace knows".utf8)
        let summary = try recorded.write(to: path, flavour.version, flavour.compression, extension: own)
        #expect(summary.pages == 8)
        #expect(summary.size == UInt64(try contents(of: path).count))
        #expect(folder.names == ["trace.dat"])

        var file = try TraceFile(path: FilePath(path))
        #expect(file.header.version == flavour.version.rawValue)
        #expect(file.header.compression == flavour.compression)
        #expect(file.header.pageSize == 4096)
        #expect(file.headerPage == recorded.headerPage)
        #expect(file.headerEvent == recorded.headerEvent)
        #expect(file.formats == recorded.formats)
        #expect(file.commandLines == recorded.commandLines)
        #expect(file.cpuStats == recorded.cpuStatistics)
        #expect(file.uname == "Linux board 6.18.44 x86_64")
        #expect(file.version == "sockftrace test")
        #expect(file.clock == "mono")
        #expect(file.extensionData == own)
        #expect(file.timeAdjustment.isIdentity)
        #expect(file.buffers.count == 1)
        #expect(try allPages(of: &file) == recorded.pages)
        #expect(file.damage == [])
    }

    @Test(arguments: Flavour.all) func bigRecordingIsArrangedInPlace(_ flavour: Flavour) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        let summary = try recorded.write(
            to: path, flavour.version, flavour.compression, repeats: 300, extension: Array("own".utf8))
        #expect(summary.pages == 2400)
        #expect(folder.names == ["trace.dat"])
        var file = try TraceFile(path: FilePath(path))
        #expect(file.extensionData == Array("own".utf8))
        #expect(file.commandLines == recorded.commandLines)
        let pages = try allPages(of: &file, step: 16)
        for (cpu, bytes) in recorded.pages { #expect(pages[cpu] == bytes.repeated(300)) }
        #expect(file.damage == [])
    }

    @Test(arguments: Flavour.all, [1, 3, 10, 64]) func pagesReadInAnyOrderAreTheSame(
        _ flavour: Flavour, _ step: Int
    ) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        try recorded.write(to: path, flavour.version, flavour.compression, repeats: 10)
        let expected = try #require(recorded.pages[1]).repeated(10)
        var file = try TraceFile(path: FilePath(path))
        let cpu = try #require(file.buffers[0].cpus.firstIndex { $0.cpu == 1 })
        var room = [UInt8](repeating: 0, count: step * 4096)
        for page in [39, 0, 17, 3, 38, 11, 10, 9, 20, 0, 39] {
            var count = 0
            try room.withUnsafeMutableBytes { count = try file.read(buffer: 0, cpu: cpu, at: page, into: $0) }
            #expect(count == min(step, 40 - page))
            #expect(room[..<(count * 4096)] == expected[(page * 4096)..<((page + count) * 4096)])
        }
        var count = 1
        try room.withUnsafeMutableBytes { count = try file.read(buffer: 0, cpu: cpu, at: 40, into: $0) }
        #expect(count == 0)
    }

    @Test(arguments: Flavour.all) func recordingWithoutRecordsIsAFile(_ flavour: Flavour) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        let writer = try TraceDatWriter(
            path: FilePath(path), options: recorded.options(flavour.version, flavour.compression))
        let summary = try writer.finish()
        #expect(summary.pages == 0)
        var file = try TraceFile(path: FilePath(path))
        #expect(try allPages(of: &file).isEmpty)
        #expect(file.damage == [])
    }

    @Test func abandonedFileIsRemoved() throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let writer = try TraceDatWriter(
            path: FilePath(folder.file("trace.dat")), options: recorded.options(.seven))
        writer.abandon()
        #expect(folder.names == [])
    }
}

@Suite(.enabled(if: TraceCmd.isInstalled, "trace-cmd is not installed")) struct TraceCmdReadsOursTests {
    @Test(arguments: Flavour.readByEveryTraceCmd, [1, 300]) func reportShowsEveryRecordAndComplainsOfNothing(
        _ flavour: Flavour, _ repeats: Int
    ) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        try recorded.write(
            to: path, flavour.version, flavour.compression, repeats: repeats,
            extension: [UInt8](repeating: 15, count: 999))
        let report = TraceCmd.report(path)
        #expect(report.status == 0)
        #expect(report.complaints == [])
        #expect(report.records.count == RecordedPages.records * repeats)
        let dump = runProgram(["trace-cmd", "dump", "--validate", "-i", path])
        #expect(dump.status == 0)
        #expect(dump.errors == "")
        let summary = runProgram(["trace-cmd", "dump", "--summary", "-i", path])
        #expect(!summary.output.contains("nknown"))
    }
}
