import SystemPackage
import Testing

@testable import TraceDat

/// What a reader must know is in the file before the records are.
@Suite struct NoteTests {
    private let first = Array("sockftrace notes 1\nbegin 12\n".utf8)
    private let more = Array("sockftrace notes 1\nbegin 12\nchild 77\n".utf8)

    private func writer(at path: String, _ flavour: Flavour, repeats: Int = 1) throws -> TraceDatWriter {
        let recorded = try RecordedPages()
        var options = recorded.options(flavour.version)
        options.reserve = 65536
        var writer = try TraceDatWriter(path: FilePath(path), options: options)
        #expect(try writer.note(extension: first))
        for _ in 0..<repeats {
            for (cpu, bytes) in recorded.pages { try writer.append(cpu: cpu, pages: bytes.span.bytes) }
        }
        return writer
    }

    @Test(arguments: Flavour.plain) func killedRecorderLeavesItsNote(_ flavour: Flavour) throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        do { _ = try writer(at: path, flavour) }
        var file = try TraceFile(path: FilePath(path))
        #expect(file.extensionData == first)
        #expect(try allPages(of: &file) == RecordedPages().pages)
    }

    @Test(arguments: Flavour.plain) func noteIsAddedToAndReplaced(_ flavour: Flavour) throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        do {
            var writer = try writer(at: path, flavour)
            #expect(try writer.note(extension: more))
            #expect(try TraceFile(path: FilePath(path)).extensionData == more)
            #expect(try writer.note(extension: Array("short".utf8)))
            #expect(try !writer.note(extension: [UInt8](repeating: 1, count: 1 << 20)))
        }
        #expect(try TraceFile(path: FilePath(path)).extensionData == Array("short".utf8))
    }

    /// Of 1 and of 700 rounds: written anew, and arranged in place.
    @Test(arguments: Flavour.plain, [1, 700]) func finishedFileHasTheFinalExtensionAlone(
        _ flavour: Flavour, _ repeats: Int
    ) throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        _ = try writer(at: path, flavour, repeats: repeats).finish(extension: Array("final".utf8))
        let file = try TraceFile(path: FilePath(path))
        #expect(file.extensionData == Array("final".utf8))
        #expect(file.damage == [])
    }

    @Test(arguments: Flavour.plain) func whereTheFinalExtensionHasNoRoomTheNoteStays(_ flavour: Flavour) throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        let summary = try writer(at: path, flavour, repeats: 700).finish(
            extension: [UInt8](repeating: 1, count: 200_000))
        #expect(summary.droppedExtension)
        #expect(try TraceFile(path: FilePath(path)).extensionData == first)
    }
}
