import RingBuffer
import SystemPackage
import Testing

@testable import TraceDat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Compressing when the recording has ended")
struct CompressAtEndTests {
    private func writer(_ recorded: RecordedPages, at path: String, repeats: Int) throws -> TraceDatWriter {
        var writer = try TraceDatWriter(path: FilePath(path), options: recorded.options(.seven))
        for _ in 0..<repeats {
            for (cpu, bytes) in recorded.pages { try writer.append(cpu: cpu, pages: bytes.span.bytes) }
        }
        return writer
    }

    private func expect(_ path: String, holds recorded: RecordedPages, _ repeats: Int, _ compression: Compression)
        throws
    {
        var file = try TraceFile(path: FilePath(path))
        #expect(file.header.compression == compression)
        let pages = try allPages(of: &file, step: 32)
        for (cpu, bytes) in recorded.pages { #expect(pages[cpu] == bytes.repeated(repeats)) }
        #expect(file.damage == [])
    }

    @Test("All is there, in a smaller file of the same name", arguments: [Compression.zstd, .zlib], [1, 700])
    func compressed(_ compression: Compression, _ repeats: Int) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        let link = folder.file("link.dat")
        try write([1, 2, 3], to: path)
        try #require(chmod(path, 0o640) == 0 && symlink("trace.dat", link) == 0)
        let writer = try writer(recorded, at: link, repeats: repeats)
        let own = Array("own".utf8)
        let summary = try writer.finish(
            cmdlines: recorded.commandLines, cpuStats: recorded.cpuStatistics, extension: own, compressing: compression)
        #expect(summary.uncompressed == nil && summary.pages == 8 * repeats)
        #expect(summary.size == UInt64(try contents(of: path).count))
        #expect(summary.size < UInt64(recorded.pages.values.reduce(0) { $0 + $1.count } * repeats / 2 + 100_000))
        try expect(path, holds: recorded, repeats, compression)
        let file = try TraceFile(path: FilePath(path))
        #expect(file.extensionData == own && file.commandLines == recorded.commandLines)
        #expect(folder.names == ["link.dat", "trace.dat"])
        var facts = stat()
        #expect(lstat(link, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK)
        #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o640)
    }

    @Test("Told to stop, it leaves the recording whole and uncompressed", arguments: [0, 1, 5])
    func stopped(after steps: Int) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        let writer = try writer(recorded, at: path, repeats: 700)
        var asked = 0
        let summary = try writer.finish(compressing: .zstd) {
            asked += 1
            return asked <= steps
        }
        #expect(asked == steps + 1)
        #expect(summary.uncompressed == "the end was asked for")
        try expect(path, holds: recorded, 700, .none)
        #expect(folder.names == ["trace.dat"])
    }

    @Test("A file with a second name stays that file")
    func hardLink() throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        try write([], to: path)
        try #require(link(path, folder.file("second.dat")) == 0)
        let summary = try writer(recorded, at: path, repeats: 20).finish(compressing: .zstd)
        #expect(summary.uncompressed != nil)
        try expect(folder.file("second.dat"), holds: recorded, 20, .none)
    }

    @Test("A link that lies where the compressed file is to be written is not followed")
    func planted() throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        let other = folder.file("other")
        try write([1, 2, 3], to: other)
        let writer = try writer(recorded, at: path, repeats: 20)
        try #require(symlink(other, path + ".compressing") == 0)
        #expect(try writer.finish(compressing: .zstd).uncompressed == nil)
        #expect(try contents(of: other) == [1, 2, 3])
        try expect(path, holds: recorded, 20, .zstd)
        #expect(folder.names == ["other", "trace.dat", "trace.dat.compressing"])
    }

    @Test("Without room for both, the uncompressed file is completed", arguments: ["2m", "20m"])
    func noRoom(size: String) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let disk = folder.file("disk")
        mkdir(disk, 0o700)
        guard mount("tmpfs", disk, "tmpfs", 0, "size=\(size)") == 0 else {
            print("a small disk is not tried: mounting one needs root")
            return
        }
        defer { umount2(disk, Int32(MNT_DETACH)) }
        // Of the small disks some is taken, so that the second file does not fit however small it is.
        let path = disk + "/trace.dat"
        let count = size == "20m" ? 120 : 8
        let writer = try writer(recorded, at: path, repeats: count)
        if size == "2m" { try fill(disk) }
        let summary = try writer.finish(compressing: .zstd)
        #expect((summary.uncompressed == nil) == (size == "20m"), "\(summary.uncompressed ?? "")")
        try expect(path, holds: recorded, count, size == "20m" ? .zstd : .none)
        var names: [String] = []
        if let directory = opendir(disk) {
            while let entry = readdir(directory) {
                names.append(
                    withUnsafeBytes(of: &entry.pointee.d_name) {
                        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                    })
            }
            closedir(directory)
        }
        #expect(!names.contains("trace.dat.compressing"))
    }

    private func fill(_ disk: String) throws {
        let file = try FileDescriptor.open(
            FilePath(disk + "/rest"), .writeOnly, options: .create, permissions: .ownerReadWrite)
        defer { try? file.close() }
        let block = [UInt8](repeating: 1, count: 4096)
        while (try? file.writeAll(block)) != nil {}
    }

    @Test("Killed meanwhile, nothing is lost")
    func killed() throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        var kinds: Set<String> = []
        for delay in [1000, 3000, 10_000, 20_000, 40_000, 100_000, 400_000] as [UInt32] {
            let writer = try writer(recorded, at: path, repeats: 700)
            Processes.finish(writer, compressing: .zstd, killedAfter: delay)
            var file = try TraceFile(path: FilePath(path))
            let pages = try allPages(of: &file, step: 7)
            for (cpu, bytes) in recorded.pages {
                #expect(pages[cpu] == bytes.repeated(700), "killed after \(delay) µs, damage \(file.damage)")
            }
            kinds.insert(file.header.compression.rawValue)
        }
        #expect(kinds.contains("none"))
        #expect(folder.names == ["trace.dat"])
    }
}
