import SystemPackage
import Testing

@testable import TraceDat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct WriterRobustnessTests {
    /// The file as the writer left it without `finish`, as when it is killed.
    private func unfinished(_ flavour: Flavour, at path: String, repeats: Int) throws -> [Int: [UInt8]] {
        let recorded = try RecordedPages()
        var writer = try TraceDatWriter(
            path: FilePath(path), options: recorded.options(flavour.version, flavour.compression))
        for _ in 0..<repeats {
            for (cpu, bytes) in recorded.pages { try writer.append(cpu: cpu, pages: bytes.span.bytes) }
        }
        return recorded.pages.mapValues { $0.repeated(repeats) }
    }

    @Test(arguments: Flavour.plain, [1, 100, 333]) func fileOfAKilledRecorderHasEveryPage(
        _ flavour: Flavour, _ repeats: Int
    ) throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        let expected = try unfinished(flavour, at: path, repeats: repeats)
        var file = try TraceFile(path: FilePath(path))
        let pages = try allPages(of: &file, step: 7)
        for (cpu, bytes) in expected { #expect(pages[cpu] == bytes) }
        #expect(file.damage.count == 1)
        #expect(file.damage.first?.problem.contains("not finished") == true)
        #expect(file.formats.count == 3)
        #expect(file.clock == "mono")
    }

    @Test func compressedCopyThatWasNeverFinishedSaysWhereTheRecordingIs() throws {
        let folder = try Folder()
        let path = folder.file("trace.dat.compressing")
        _ = try unfinished(Flavour(version: .seven, compression: .zstd), at: path, repeats: 100)
        var file = try TraceFile(path: FilePath(path))
        #expect(try allPages(of: &file).isEmpty)
        #expect(file.damage.map(\.problem).contains { $0.contains("the recording itself is in the file") })
    }

    /// Big enough to be arranged in place, which takes some 10 ms; small ones are rewritten in one or two.
    @Test(arguments: Flavour.plain)
    func recorderKilledWhileArrangingLosesNothing(_ flavour: Flavour) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        for delay in [500, 2000, 4000, 6000, 9000, 15000, 40000] as [UInt32] {
            var options = recorded.options(flavour.version, flavour.compression)
            options.reserve = 4096
            var writer = try TraceDatWriter(path: FilePath(path), options: options)
            for _ in 0..<700 {
                for (cpu, bytes) in recorded.pages { try writer.append(cpu: cpu, pages: bytes.span.bytes) }
            }
            Processes.finish(writer, killedAfter: delay)
            var file = try TraceFile(path: FilePath(path))
            let pages = try allPages(of: &file, step: 7)
            for (cpu, bytes) in recorded.pages {
                #expect(pages[cpu] == bytes.repeated(700), "killed after \(delay) µs, damage \(file.damage)")
            }
        }
    }

    @Test(.enabled(if: TraceCmd.isInstalled, "trace-cmd is not installed"))
    func unfinishedFileMakesTraceCmdNeitherCrashNorInventRecords() throws {
        let folder = try Folder()
        for flavour in Flavour.readByEveryTraceCmd {
            let path = folder.file("\(flavour.testDescription).dat")
            _ = try unfinished(flavour, at: path, repeats: 10)
            let report = TraceCmd.report(path)
            #expect(report.status & 0x7F == 0)
            #expect(report.records == [])
        }
    }

    @Test(arguments: Flavour.all) func fullDiskStopsAppendingAndTheFileIsStillCompleted(_ flavour: Flavour) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let disk = folder.file("disk")
        mkdir(disk, 0o700)
        guard mount("tmpfs", disk, "tmpfs", 0, "size=3m") == 0 else {
            print("a full disk is not tried: mounting one needs root")
            return
        }
        defer { umount2(disk, Int32(MNT_DETACH)) }
        var options = recorded.options(flavour.version, flavour.compression)
        options.reserve = 65536
        let path = disk + "/trace.dat"
        var writer = try TraceDatWriter(path: FilePath(path), options: options)
        var isFull = false
        while !isFull {
            for (cpu, bytes) in recorded.pages.sorted(by: { $0.key < $1.key }) where !isFull {
                do throws(TraceDatError) {
                    try writer.append(cpu: cpu, pages: bytes.span.bytes)
                } catch {
                    #expect(error.kind == .noSpace)
                    #expect(error.description.contains("make room"))
                    isFull = true
                }
            }
        }
        let counts = [writer.pages(of: 0), writer.pages(of: 1)]
        #expect(counts[0] > 200)
        let summary = try writer.finish(
            cmdlines: recorded.commandLines, cpuStats: recorded.cpuStatistics, extension: Array("own".utf8))
        #expect(summary.pages == counts[0] + counts[1])
        #expect(!summary.droppedExtension && summary.droppedCommandLines == 0)
        var file = try TraceFile(path: FilePath(path))
        let pages = try allPages(of: &file)
        for cpu in 0...1 {
            let expected = try #require(recorded.pages[cpu]).repeated(counts[cpu] / 4 + 1)
            #expect(pages[cpu] == Array(expected[..<(counts[cpu] * 4096)]))
        }
        #expect(file.damage == [])
        #expect(file.commandLines == recorded.commandLines)
        #expect(file.extensionData == Array("own".utf8))
        if TraceCmd.isInstalled, flavour.compression != .zlib {
            let report = TraceCmd.report(path)
            #expect(report.complaints == [])
            #expect(report.records.count == pages.values.reduce(0) { $0 + records(in: $1) })
        }
    }

    @Test(arguments: Flavour.all) func endingLargerThanTheReserveIsCutAndSaidSo(_ flavour: Flavour) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        var options = recorded.options(flavour.version, flavour.compression)
        options.reserve = 8192
        var writer = try TraceDatWriter(path: FilePath(path), options: options)
        for _ in 0..<1200 {
            for (cpu, bytes) in recorded.pages { try writer.append(cpu: cpu, pages: bytes.span.bytes) }
        }
        let many = (1...5000).map { TraceFile.CommandLine(tid: $0, name: Array("task\($0)".utf8)) }
        let summary = try writer.finish(cmdlines: many, extension: [UInt8](repeating: 1, count: 100_000))
        var file = try TraceFile(path: FilePath(path))
        if flavour.compression == .none {
            #expect(summary.droppedExtension)
            #expect(summary.droppedCommandLines > 0)
            #expect(file.extensionData == nil)
        }
        #expect(file.commandLines == Array(many.dropLast(summary.droppedCommandLines)))
        #expect(try allPages(of: &file, step: 32)[1]?.count == recorded.pages[1].map { $0.count * 1200 })
        #expect(file.damage == [])
    }

    @Test(arguments: Flavour.plain) func pagesOfAPipeAreSpliced(_ flavour: Flavour) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        var writer = try TraceDatWriter(
            path: FilePath(path), options: recorded.options(flavour.version, flavour.compression))
        let ends = try FileDescriptor.pipe()
        _ = fcntl(ends.readEnd.rawValue, F_SETFL, O_NONBLOCK)
        #expect(try writer.splice(cpu: 0, from: ends.readEnd, limit: 4) == 0)
        for _ in 0..<600 {
            for (cpu, bytes) in recorded.pages {
                _ = try ends.writeEnd.writeAll(bytes)
                var moved = 0
                while moved < 4 { moved += try writer.splice(cpu: cpu, from: ends.readEnd, limit: 3) }
                #expect(moved == 4)
            }
        }
        try ends.writeEnd.close()
        #expect(try writer.splice(cpu: 0, from: ends.readEnd, limit: 4) == 0)
        try ends.readEnd.close()
        _ = try writer.finish()
        var file = try TraceFile(path: FilePath(path))
        let pages = try allPages(of: &file, step: 16)
        for (cpu, bytes) in recorded.pages { #expect(pages[cpu] == bytes.repeated(600)) }
    }

    @Test func whatIsNoRegularFileIsRefused() throws {
        let recorded = try RecordedPages()
        for path in ["/dev/null", "/nowhere/trace.dat", "/tmp"] {
            var message = ""
            do throws(TraceDatError) {
                _ = try TraceDatWriter(path: FilePath(path), options: recorded.options(.seven))
            } catch { message = error.description }
            #expect(message.hasPrefix(path + ": "))
        }
    }

    @Test func optionsThatCannotBeAreRefused() throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = FilePath(folder.file("trace.dat"))
        var odd = recorded.options(.seven)
        odd.pageSize = 5000
        for options in [
            odd, recorded.options(.six, .zstd), recorded.options(.six, .zlib), recorded.options(.seven, cpuCount: 0),
        ] {
            #expect(throws: TraceDatError.self) { _ = try TraceDatWriter(path: path, options: options) }
        }
        #expect(folder.names == [])
        var writer = try TraceDatWriter(path: path, options: recorded.options(.seven))
        var kinds: [TraceDatError.Kind] = []
        for (cpu, count) in [(0, 100), (4, 4096), (-1, 4096)] {
            do throws(TraceDatError) {
                try writer.append(cpu: cpu, pages: [UInt8](repeating: 0, count: count).span.bytes)
            } catch { kinds.append(error.kind) }
        }
        #expect(kinds == [.misuse, .misuse, .misuse])
    }
}
