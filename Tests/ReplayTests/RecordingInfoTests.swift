import Foundation
import ProbePlanning
import SystemPackage
import Testing
import TraceDat

@testable import SocketTracing

@Suite("What a file says of itself")
struct RecordingFactsTests {
    @Test("The recorder's notes come back as they were")
    func notes() throws {
        var notes = RecordingMetadata()
        notes.begin = 77_000_000_123
        notes.recorder = "sockftrace 1.2.3"
        notes.wallClock = 1_795_242_130_123_456_789
        notes.bootID = "0b27c2a6-6d64-4e07-9d0c-1d1ac2a5a1f2"
        notes.remarks = ["tracefs: error_log, kprobe events"]
        notes.choices = [.init(callPath: "send, sendto", functions: ["__sys_sendto", "sock_write_iter"])]
        notes.origin = "field offsets from BTF"
        notes.probes = ["p:sockftrace_7/sendmsg_entry __sock_sendmsg socket=$arg1:x64"]
        notes.filters = ["errors"]
        #expect(RecordingMetadata(decoding: notes.encoded) == notes)
    }

    @Test("A recording tells its machine, its clock and its CPUs", arguments: Fixture.own)
    func own(_ fixture: Fixture) throws {
        var replay = try Replay(path: FilePath(fixture.path))
        let facts = replay.facts
        #expect(facts.formatVersion == 7 && facts.compression == "zstd" && facts.clock == "mono")
        #expect(facts.uname?.hasPrefix("Linux ") == true && facts.recorder == "sockftrace")
        #expect(facts.cpuStatistics.count == 2 && facts.buffers.map(\.cpus.count) == [2])
        #expect(facts.remarks.contains { $0.hasPrefix("field offsets ") })
        let beginning = try #require(try replay.beginning())
        var first: UInt64?
        var batch = TraceBatch()
        while try replay.read(into: &batch) {
            for case .event(let event) in batch.items where first == nil { first = event.time }
        }
        #expect(try #require(first) > beginning)
        #expect(replay.progress.done == replay.progress.total && replay.progress.total > 0)
    }

    @Test("Where nobody noted the beginning, it is when the first records were made", arguments: Fixture.foreign)
    func beginning(_ fixture: Fixture) throws {
        let dump = try RecordDump(fixture.path)
        var replay = try Replay(path: FilePath(fixture.path))
        let beginning = try #require(try replay.beginning())
        let first = try #require(dump.entries.first?.time)
        #expect(beginning <= first && first - beginning < 1_000_000_000)
        // Asking does not move the place from which events are read.
        var events = 0
        var batch = TraceBatch()
        while try replay.read(into: &batch) { events += batch.count }
        #expect(events > 10)
    }

    @Test("A file recorded with --date has wall-clock times")
    func date() throws {
        let folder = Fixture.root.appending(path: "trace-dat")
        let dated = try TraceFile(path: FilePath(folder.appending(path: "v7-date.dat").path))
        #expect(dated.timeAdjustment.isWallClock)
        let plain = try TraceFile(path: FilePath(folder.appending(path: "v7-none.dat").path))
        #expect(!plain.timeAdjustment.isWallClock)
    }
}
