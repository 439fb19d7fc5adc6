import EventFormats
import Foundation
import Testing

/// Programs of others that read a trace.dat, as `scripts/test` fetches them: trace-cmd of Debian's later releases, and one
/// that lists what KernelShark's library loads.
enum OutsideReaders {
    static let folder: String = {
        if let folder = ProcessInfo.processInfo.environment["SOCKFTRACE_READERS"] { return folder }
        return FileManager.default.homeDirectoryForCurrentUser.path + "/.cache/sockftrace/readers"
    }()

    static let traceCmds = names.filter { $0.hasPrefix("trace-cmd-") }
    static let hasKernelShark = names.contains("kshark-list")

    private static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []
}

@Suite("Other readers find in our files what we wrote")
struct OutsideReaderTests {
    @Test(
        "trace-cmd of later releases, record by record and without a complaint",
        .enabled(if: !OutsideReaders.traceCmds.isEmpty, "no trace-cmd of another release; scripts/test fetches them"),
        arguments: OutsideReaders.traceCmds, FileKind.all)
    func traceCmd(_ name: String, _ kind: FileKind) throws {
        for fixture in Fixture.own {
            let folder = try Folder()
            let path = folder.path("trace.dat")
            try FileKind.rewrite(fixture.path, to: path, kind)
            try expectSame(path, "\(OutsideReaders.folder)/\(name)")
        }
    }

    @Test(
        "trace-cmd of later releases reads what its elder recorded as we do",
        .enabled(if: !OutsideReaders.traceCmds.isEmpty, "no trace-cmd of another release; scripts/test fetches them"),
        arguments: OutsideReaders.traceCmds, Fixture.all.filter { $0.kernel == "6.1" } + Fixture.otherMachines)
    func recorded(_ name: String, _ fixture: Fixture) throws {
        try expectSame(fixture.path, "\(OutsideReaders.folder)/\(name)")
    }

    private func expectSame(_ path: String, _ program: String) throws {
        let dump = try RecordDump(path)
        let report = try TraceCmdText.report(path, by: program)
        #expect(report.complaints == "")
        var text = TraceCmdText(report.output, beside: dump)
        let count = text.compare()
        #expect(text.difference == nil, "record \(count) of \(dump.entries.count)")
        #expect(count > 10)
    }

    @Test(
        "KernelShark's library: time, CPU, thread and event of every record",
        .enabled(if: OutsideReaders.hasKernelShark, "no KernelShark; scripts/test fetches its library"),
        arguments: Fixture.own, FileKind.readByEveryTraceCmd)
    func kernelShark(_ fixture: Fixture, _ kind: FileKind) throws {
        let folder = try Folder()
        let path = folder.path("trace.dat")
        try FileKind.rewrite(fixture.path, to: path, kind)
        let process = Process()
        let (output, complaints) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: OutsideReaders.folder + "/kshark-list")
        process.arguments = [path]
        process.standardOutput = output
        process.standardError = complaints
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let said = complaints.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && said.isEmpty, "\(String(decoding: said, as: UTF8.self))")

        let dump = try RecordDump(path)
        let ours = dump.entries.compactMap { entry -> String? in
            guard case .record(let format, let payload) = entry.content, let field = format.field("common_pid") else {
                return nil
            }
            let thread = Int32(truncatingIfNeeded: payload.number(at: field.offset, width: field.size, dump.byteOrder))
            return "\(entry.time) \(entry.cpu) \(thread) \(format.system)/\(format.name)"
        }
        // Of records of one time each may have an order of its own.
        #expect(String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init).sorted() == ours.sorted())
        #expect(ours.count > 1000)
    }
}
