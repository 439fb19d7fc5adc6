import EventFormats
import Foundation
import RingBuffer
import SystemPackage
import Testing
import TraceDat
import TraceTestSupport

/// A file to be cut: one of the fixtures without socket events, or one of another machine.
struct CutSource: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: @Sendable () throws -> [UInt8]
    var testDescription: String { name }

    static let all: [CutSource] =
        Fixture.others.map { url in CutSource(name: url.lastPathComponent) { Array(try Data(contentsOf: url)) } }
        + Fixture.otherMachines.map { fixture in CutSource(name: fixture.testDescription) { try fixture.bytes } }
        + ForeignFile.machines.keys.sorted().map { machine in
            CutSource(name: machine) { try ForeignFile(machine).bytes }
        }
}

@Suite("A file cut short has the records before the cut")
struct RecordCutTests {
    /// A record as any reader sees it. The CPU's number may be cut off.
    private struct Seen: Hashable {
        var time: UInt64
        var event: String
        var payload: [UInt8]
    }

    /// The pages that a file gives, and how many records are on them.
    private struct Pages: Hashable {
        var count = 0
        var records = 0
    }

    @Test("Record by record, at every page boundary and at 500 other places", arguments: CutSource.all)
    func cuts(_ source: CutSource) throws {
        let folder = try Folder()
        let bytes = try source.bytes()
        let path = try folder.write(bytes, to: "whole.dat")
        let whole = try seen(path)
        var file = try TraceFile(path: FilePath(path))
        let all = try pages(&file)
        try #require(whole.count > 10 && whole.count == all.records)
        var random = SeededGenerator(seed: 42)
        let places =
            stride(from: 0, to: bytes.count, by: 4096)
            + (0..<500).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
        // What is readable is the same for many places, and then so are the records.
        var judged: Set<[Int]> = []
        for place in places {
            let path = try folder.write(bytes[..<place], to: "cut.dat")
            do {
                var cut = try TraceFile(path: FilePath(path))
                let left = try pages(&cut)
                #expect(!cut.damage.isEmpty || left == all, "cut at \(place): no damage told")
                #expect(left.count >= pagesBefore(place, of: file), "cut at \(place): \(left.count) pages")
                guard judged.insert([left.count, left.records, cut.formats.count]).inserted,
                    cut.formats == file.formats
                else { continue }
                let found = try seen(path)
                #expect(found.count == left.records, "cut at \(place)")
                #expect(isPart(found, of: whole), "cut at \(place)")
            } catch let error as TraceDatError {
                #expect(!error.problem.isEmpty)
                #expect(pagesBefore(place, of: file) == 0, "cut at \(place), nothing told: \(error)")
            }
        }
        #expect(judged.count > 1)
    }

    /// Whole sub-buffers before a place, where they are not compressed.
    private func pagesBefore(_ place: Int, of file: borrowing TraceFile) -> Int {
        var count = 0
        for buffer in file.buffers {
            for cpu in buffer.cpus where !cpu.isCompressed && place > Int(cpu.offset) {
                count += min(place - Int(cpu.offset), Int(cpu.size)) / buffer.pageSize
            }
        }
        return count
    }

    private func isPart(_ some: [Seen], of all: [Seen]) -> Bool {
        var left: [Seen: Int] = [:]
        for record in all { left[record, default: 0] += 1 }
        for record in some { left[record, default: 0] -= 1 }
        return left.values.allSatisfy { $0 >= 0 }
    }

    private func seen(_ path: String) throws -> [Seen] {
        try RecordDump(path).entries.compactMap { entry in
            guard case .record(let format, let payload) = entry.content else { return nil }
            return Seen(time: entry.time, event: format.name, payload: payload)
        }
    }

    private func pages(_ file: inout TraceFile) throws -> Pages {
        var pages = Pages()
        let parser = FormatParser(byteOrder: file.header.byteOrder, longSize: file.header.longSize)
        let header = try parser.parseHeaderPage(file.headerPage, byteOrder: file.header.byteOrder)
        for buffer in file.buffers.indices {
            let size = file.buffers[buffer].pageSize
            let layout = try #require(
                SubBufferLayout(
                    size: size, commitOffset: header.commitOffset, commitWidth: header.commitWidth,
                    dataOffset: header.dataOffset, byteOrder: header.byteOrder))
            var page = [UInt8](repeating: 0, count: size)
            for cpu in file.buffers[buffer].cpus.indices {
                var number = 0
                while try page.withUnsafeMutableBytes({ try file.read(buffer: buffer, cpu: cpu, at: number, into: $0) })
                    == 1
                {
                    number += 1
                    pages.count += 1
                    var cursor = RecordCursor(layout: layout)
                    cursor.enter(region: 0..<size)
                    walk: while true {
                        switch cursor.advance(in: page.span.bytes) {
                        case .end: break walk
                        case .loss: continue
                        case .record: pages.records += 1
                        }
                    }
                }
            }
        }
        return pages
    }
}
