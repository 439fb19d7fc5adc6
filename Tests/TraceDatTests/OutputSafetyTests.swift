import LinuxSystem
import SystemPackage
import Testing

@testable import TraceDat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What others do to the file and its directory while it is written.
@Suite struct OutputSafetyTests {
    private func writer(at path: String) throws -> HeldWriter { try HeldWriter(at: path) }

    private func isComplete(_ path: String) throws -> Bool {
        var file = try TraceFile(path: FilePath(path))
        let pages = try allPages(of: &file)
        return try file.damage.isEmpty && pages == RecordedPages().pages
    }

    @Test func recordingsAreForTheirOwnerAlone() throws {
        let folder = try Folder()
        _ = try writer(at: folder.file("trace.dat")).finish()
        #expect(try Files.status(of: folder.file("trace.dat")).mode == 0o600)
    }

    @Test(arguments: [nil, Compression.zstd]) func fileRemovedMeanwhileIsNoSuccess(_ compression: Compression?) throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        let writer = try writer(at: path)
        try Files.unlink(path)
        let error = #expect(throws: TraceDatError.self) { try writer.finish(compressing: compression ?? .none) }
        #expect(error?.kind == .displaced)
        #expect(error?.problem.contains("removed") == true)
        #expect(folder.names == [])
    }

    @Test(arguments: [nil, Compression.zstd]) func fileRenamedMeanwhileIsCompleteElsewhere(
        _ compression: Compression?
    ) throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        let writer = try writer(at: path)
        try Files.rename(path, to: folder.file("moved.dat"))
        try write([1, 2, 3], to: path)
        let error = #expect(throws: TraceDatError.self) { try writer.finish(compressing: compression ?? .none) }
        #expect(error?.kind == .displaced)
        #expect(try isComplete(folder.file("moved.dat")))
        #expect(try contents(of: path) == [1, 2, 3])
    }

    @Test func secondRecorderIsTurnedAway() throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        let first = try writer(at: path)
        let error = #expect(throws: TraceDatError.self) { _ = try writer(at: path) }
        #expect(error?.kind == .busy)
        _ = try first.finish()
        #expect(try isComplete(path))
    }

    @Test(arguments: [0, 1000]) func fileThatAnotherProgramWroteToIsNoSuccess(_ offset: UInt64) throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        let writer = try writer(at: path)
        let other = try Descriptor(opening: path, .writeOnly)
        if offset == 0 { try other.truncate(to: 0) }
        _ = [UInt8](repeating: 7, count: 100_000).withUnsafeBytes { other.writeFully(at: offset, from: $0) }
        let error = #expect(throws: TraceDatError.self) { try writer.finish() }
        #expect(error?.kind == .displaced)
        #expect(error?.problem.contains("another program wrote") == true)
    }

    @Test func nobodyElsesFileIsRemovedToCompress() throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        try write([4, 5, 6], to: path + ".compressing")
        #expect(try writer(at: path).finish(compressing: .zstd).uncompressed == nil)
        #expect(try isComplete(path))
        #expect(try contents(of: path + ".compressing") == [4, 5, 6])
        #expect(folder.names == ["trace.dat", "trace.dat.compressing"])
    }

    @Test func pathsThatAreNoFilesAreRefusedWithoutWaiting() throws {
        let folder = try Folder()
        try #require(mkfifo(folder.file("fifo"), 0o600) == 0)
        let error = #expect(throws: TraceDatError.self) { _ = try writer(at: folder.file("fifo")) }
        #expect(error?.kind == .unsupported)
    }

    #if DEBUG
        /// Whoever owns the directory that a recording is made in can rename it at any moment, and put a link in its place.
        @Test(arguments: [SystemCallName.fsync, .link, .rename, .fchown])
        func directoryExchangedWhileCompressingLeadsNowhereElse(_ moment: SystemCallName) throws {
            let folder = try Folder()
            let (inside, outside) = (folder.file("inside"), folder.file("outside"))
            try Files.makeDirectory(inside, mode: 0o700)
            try Files.makeDirectory(outside, mode: 0o700)
            try write(Array("root:x:0:0\n".utf8), to: outside + "/trace.dat")
            let writer = try writer(at: inside + "/trace.dat")
            let script = CallScript { call, before in
                if call.name == moment, before == 0 {
                    _ = rename(inside, inside + "-moved")
                    _ = symlink(outside, inside)
                }
                return nil
            }
            let summary = try script.run { try writer.finish(compressing: .zstd) }
            #expect(script.log.contains { $0.name == moment })
            #expect(try contents(of: outside + "/trace.dat") == Array("root:x:0:0\n".utf8))
            #expect(try Files.names(in: outside) == ["trace.dat"])
            #expect(try Files.names(in: inside + "-moved") == ["trace.dat"])
            #expect(try isComplete(inside + "-moved/trace.dat"))
            #expect(summary.uncompressed == nil)
        }

        @Test func nameTakenBySomebodyWhileCompressingStaysTheirs() throws {
            let folder = try Folder()
            let path = folder.file("trace.dat")
            let writer = try writer(at: path)
            let script = CallScript { call, _ in
                if call.name == .fsync {
                    _ = rename(path, path + ".mine")
                    try? write([1], to: path)
                }
                return nil
            }
            let error = #expect(throws: TraceDatError.self) {
                try script.run { try writer.finish(compressing: .zstd) }
            }
            #expect(error?.kind == .displaced)
            #expect(try contents(of: path) == [1])
            #expect(try isComplete(path + ".mine"))
        }

        @Test func diskHasTheFileBeforeItGetsItsName() throws {
            let folder = try Folder()
            let path = folder.file("trace.dat")
            let writer = try writer(at: path)
            let script = CallScript()
            _ = try script.run { try writer.finish(compressing: .zstd) }
            let order = script.log.map(\.name).filter { [.fsync, .link, .rename].contains($0) }
            #expect(order == [.fsync, .link, .rename])
        }

        /// NFS and older overlay file systems know no files without a name.
        @Test func withoutNamelessFilesANameOfItsOwnIsTaken() throws {
            let folder = try Folder()
            let path = folder.file("trace.dat")
            try write([4, 5, 6], to: path + ".compressing")
            let writer = try writer(at: path)
            let script = CallScript { call, _ in
                call.name == .open && call.detail == "." ? .fail(.notSupported) : nil
            }
            let summary = try script.run { try writer.finish(compressing: .zstd) }
            #expect(summary.uncompressed == nil)
            #expect(try isComplete(path))
            #expect(script.log.map(\.description).contains("renameat trace.dat.compressing-2 trace.dat"))
            #expect(folder.names == ["trace.dat", "trace.dat.compressing"])
        }

        @Test(arguments: [SystemCallName.fsync, .link, .rename, .fchmod])
        func whereCompressingFailsTheRecordingIsThereUncompressed(_ call: SystemCallName) throws {
            let folder = try Folder()
            let path = folder.file("trace.dat")
            let writer = try writer(at: path)
            let script = CallScript(failing: call, with: .ioError)
            let summary = try script.run { try writer.finish(compressing: .zstd) }
            #expect(summary.uncompressed != nil)
            #expect(try isComplete(path))
            #expect(folder.names == ["trace.dat"])
        }
    #endif
}

/// A recording of the fixture's pages that can be finished from within a closure.
private final class HeldWriter {
    private var writer: TraceDatWriter?

    init(at path: String) throws {
        let recorded = try RecordedPages()
        var writer = try TraceDatWriter(path: FilePath(path), options: recorded.options(.seven))
        for (cpu, bytes) in recorded.pages { try writer.append(cpu: cpu, pages: bytes.span.bytes) }
        self.writer = consume writer
    }

    @discardableResult
    func finish(compressing compression: Compression = .none) throws -> TraceDatWriter.Summary {
        guard let writer = writer.take() else { throw Errno.badFileDescriptor }
        return try writer.finish(compressing: compression)
    }
}
