import Foundation
import SystemPackage
import TraceDat

/// Recordings for tests, made of one that a real kernel's `record` made.
final class Recordings {
    let folder: URL

    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../fixtures")
        .standardized
    static let own = fixtures.appending(path: "kernels/6.1/own.dat").path

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sockftrace-recordings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// What a forger can put into a file in place of what the kernel and the recorder told.
    struct Forgery {
        /// Bytes of the records, and others as long as them.
        var records: (of: [UInt8], to: [UInt8])?
        /// Stands for the machine, the recorder and the clock.
        var text: String?
        /// A further event format: its system and text.
        var format: (system: String, text: String)?
        /// The name of every thread.
        var comm: String?
        var statistics: [String] = []
        /// Changes a sub-buffer, by the index of its CPU and its number there.
        var page: ((Int, Int, inout [UInt8]) -> Void)?
    }

    /// The recording with these lines in the recorder's notes in place of what it tells of its time, its machine's boot
    /// and its probes, under another name.
    func make(_ name: String, notes: [String] = [], repeats: Int = 1, _ forgery: Forgery = Forgery()) throws -> String {
        var file = try TraceFile(path: FilePath(Self.own))
        let buffer = file.buffers[0]
        var options = TraceDatWriter.Options(
            pageSize: buffer.pageSize, cpuCount: buffer.cpus.count, headerPage: file.headerPage,
            headerEvent: file.headerEvent, formats: file.formats, clock: forgery.text ?? file.clock)
        if let (system, text) = forgery.format { options.formats.append(.init(system: system, text: Array(text.utf8))) }
        options.uname = forgery.text ?? file.uname
        options.recorderVersion = forgery.text ?? "sockftrace"
        var writer = try TraceDatWriter(path: FilePath(path(name)), options: options)
        var page = [UInt8](repeating: 0, count: buffer.pageSize)
        for _ in 0..<repeats {
            for index in buffer.cpus.indices {
                var number = 0
                while try page.withUnsafeMutableBytes({ try file.read(buffer: 0, cpu: index, at: number, into: $0) })
                    == 1
                {
                    number += 1
                    if let (old, new) = forgery.records { page = page.replacing(old, with: new) }
                    forgery.page?(index, number - 1, &page)
                    try writer.append(cpu: buffer.cpus[index].cpu, pages: page.span.bytes)
                }
            }
        }
        let told = String(decoding: file.extensionData ?? [], as: UTF8.self).split(separator: "\n")
            .filter { line in !["wall ", "boot ", "probe "].contains { line.hasPrefix($0) } }
        let lines = Array((told.map(String.init) + notes).map { $0 + "\n" }.joined().utf8)
        let names = file.commandLines.map { line in
            TraceFile.CommandLine(tid: line.tid, name: forgery.comm.map { Array($0.utf8) } ?? line.name)
        }
        _ = try writer.finish(cmdlines: names, cpuStats: file.cpuStats + forgery.statistics, extension: lines)
        return path(name)
    }
}

/// One event as JSON tells it, as far as tests of files look at it.
struct ToldEvent: Decodable, Equatable {
    var file: String?
    var name: String
    var time: UInt64
    var cpu: UInt32
    var tid: Int32

    static func list(_ output: String) throws -> [ToldEvent] {
        try output.split(separator: "\n").map { try JSONDecoder().decode(ToldEvent.self, from: Data($0.utf8)) }
    }
}
