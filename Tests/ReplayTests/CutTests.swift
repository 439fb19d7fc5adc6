import Foundation
import RingBuffer
import SocketEvents
import SocketTracing
import SystemPackage
import Testing
import TraceDat
import TraceTestSupport

@Suite("A file cut short tells what lies before the cut")
struct CutTests {
    /// What is left of a file, as far as it decides what can be told.
    private struct Remains: Hashable {
        var pages: Set<[UInt8]> = []
        /// The recorder's notes, the names and the CPUs' numbers are there.
        var isDescribed = true
    }

    @Test("At every page boundary and at 500 other places", arguments: Fixture.all)
    func cuts(_ fixture: Fixture) throws {
        let folder = try Folder()
        let bytes = try fixture.bytes
        let whole = try Report(fixture.path)
        var file = try TraceFile(path: FilePath(fixture.path))
        let all = try remains(&file)
        let dataStart = file.buffers.flatMap(\.cpus).filter { $0.size > 0 }.map(\.offset).min() ?? 0
        var random = SeededGenerator(seed: 42)
        let places =
            stride(from: 0, to: bytes.count, by: 4096)
            + (0..<500).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
        // What is readable is the same for many places, and then so is the report.
        var judged: Set<Remains> = []
        for place in places {
            let path = try folder.write(bytes[..<place], to: "cut.dat")
            do {
                var cut = try TraceFile(path: FilePath(path))
                var left = try remains(&cut)
                left.isDescribed =
                    cut.extensionData == file.extensionData && cut.commandLines == file.commandLines
                    && cut.buffers.map { $0.cpus.map(\.cpu) } == file.buffers.map { $0.cpus.map(\.cpu) }
                #expect(!cut.damage.isEmpty || left.pages == all.pages, "cut at \(place): no damage told")
                if judged.insert(left).inserted { try judge(path, left, all, whole, place) }
            } catch let error as TraceDatError {
                #expect(!error.problem.isEmpty)
                #expect(UInt64(place) < dataStart, "cut at \(place), nothing told: \(error)")
            }
        }
        #expect(judged.count > 1)
    }

    private func judge(_ path: String, _ left: Remains, _ all: Remains, _ whole: Report, _ place: Int) throws {
        let report: Report
        do {
            report = try Report(path)
        } catch {
            // Without the formats no record can be read.
            #expect(!"\(error)".isEmpty)
            #expect(left.pages.isEmpty, "cut at \(place): \(error)")
            return
        }
        // A debug build takes its time.
        if place.isMultiple(of: 3) {
            let ahead = try Report(path, readsAhead: true)
            #expect(ahead.items == report.items && ahead.damage == report.damage, "cut at \(place), read ahead")
        }
        // Up to here every record is there.
        let end = all.pages.subtracting(left.pages).map { $0.number(at: 0, width: 8, .host) }.min() ?? .max
        let expected = told(whole.events, before: end, left)
        let threads = Set(whole.events.map(\.tid))
        let found = told(report.events, before: end, left).filter { threads.contains($0.tid) }
        // An entry may be told only once an inner function has brought the socket, which can be after the cut.
        #expect(
            found.filter(isConcluded) == expected.filter(isConcluded),
            "cut at \(place): \(found.count) of \(expected.count) events before \(end)")
        #expect(found.count <= expected.count && found.count + threads.count >= expected.count)
    }

    private func isConcluded(_ event: SocketEvent) -> Bool {
        event.alias.arguments != .message
    }

    /// Without the descriptions nobody knows the CPUs' numbers, or tasks older than the trace.
    private func told(_ events: [SocketEvent], before end: UInt64, _ left: Remains) -> [SocketEvent] {
        events.filter { $0.time < end }.map { event in
            guard !left.isDescribed else { return event }
            var event = event
            event.cpu = 0
            event.pid = nil
            event.comm = nil
            return event
        }
    }

    private func remains(_ file: inout TraceFile) throws -> Remains {
        var remains = Remains()
        for buffer in file.buffers.indices {
            var page = [UInt8](repeating: 0, count: file.buffers[buffer].pageSize)
            for cpu in file.buffers[buffer].cpus.indices {
                var number = 0
                while try page.withUnsafeMutableBytes({ try file.read(buffer: buffer, cpu: cpu, at: number, into: $0) })
                    == 1
                {
                    number += 1
                    remains.pages.insert(page)
                }
            }
        }
        return remains
    }
}
