import RingBuffer
import SocketTracing
import SystemPackage
import Testing

@testable import TraceDat

@Suite("The same records in a file of another kind tell the same")
struct SameContentTests {
    struct Kind: CustomTestStringConvertible, Sendable {
        var version: TraceDatWriter.Options.Version
        var compression: Compression
        var testDescription: String { "v\(version.rawValue) \(compression)" }

        static let all = [
            Kind(version: .six, compression: .none), Kind(version: .seven, compression: .none),
            Kind(version: .seven, compression: .zstd),
        ]
    }

    @Test("Version 6, version 7, plain and zstd", arguments: Fixture.own, Kind.all)
    func kinds(_ fixture: Fixture, _ kind: Kind) throws {
        let folder = try Folder()
        let path = folder.path("again.dat")
        try rewrite(fixture.path, to: path, kind)
        let (original, again) = (try Report(fixture.path), try Report(path))
        #expect(original.items == again.items)
        #expect(original.flagSpec == again.flagSpec)
        #expect(again.damage.isEmpty)
    }

    @Test(
        "A name that trace-cmd cannot read costs it no other", .enabled(if: TraceCmdText.isInstalled, "no trace-cmd"),
        arguments: Kind.all)
    func names(_ kind: Kind) throws {
        let source = try #require(Fixture.own.first)
        let folder = try Folder()
        let path = folder.path("names.dat")
        let thread = try #require(try Report(source.path).events.first?.tid)
        let odd = ["", " ", "\t", "\n", "a\nb"].enumerated()
            .map { TraceFile.CommandLine(tid: Int32(1 + $0.offset), name: Array($0.element.utf8)) }
        try rewrite(
            source.path, to: path, kind, names: odd + [TraceFile.CommandLine(tid: thread, name: Array("last".utf8))])
        let text = String(decoding: try TraceCmdText.report(path).output, as: UTF8.self)
        #expect(text.contains(" last-\(thread) "))
    }

    /// Writes what a file with one buffer holds into another file.
    private func rewrite(
        _ source: String, to target: String, _ kind: Kind, names: [TraceFile.CommandLine]? = nil
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
