import Foundation
import Testing

/// What `-o` names.
@Suite struct OutputFileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "output-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    @Test("A recording is not overwritten by its own report", arguments: ["report", "summary"])
    func ownInput(_ command: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let bytes = try Data(contentsOf: URL(filePath: Recordings.own))
        try bytes.write(to: folder.appending(path: "trace.dat"))
        try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: path("trace.dat"))
        for (input, output) in [("trace.dat", "trace.dat"), ("trace.dat", "link"), ("link", "trace.dat")] {
            let outcome = try Program.run([command, path(input), "-o", path(output)])
            #expect(outcome.status == 2 && outcome.messages.contains("another name"), "\(outcome)")
            #expect(try Data(contentsOf: folder.appending(path: "trace.dat")) == bytes)
        }
    }

    @Test("What the file held before is gone, and a FIFO waits for its reader")
    func kinds() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let events = try Program.run(["report", Recordings.own, "--format", "json"]).output
        try Data(repeating: 0x78, count: 1 << 20).write(to: folder.appending(path: "file"))
        #expect(try Program.run(["report", Recordings.own, "--format", "json", "-o", path("file")]).status == 0)
        #expect(try String(contentsOf: folder.appending(path: "file"), encoding: .utf8) == events)

        #expect(mkfifo(path("fifo"), 0o600) == 0)
        let writer = Program.process(["report", Recordings.own, "--format", "json", "-o", path("fifo")])
        writer.standardError = FileHandle.nullDevice
        try writer.run()
        let reader = try FileHandle(forReadingFrom: folder.appending(path: "fifo"))
        let read = String(decoding: reader.readDataToEndOfFile(), as: UTF8.self)
        writer.waitUntilExit()
        #expect(writer.terminationStatus == 0 && read == events)
    }
}
