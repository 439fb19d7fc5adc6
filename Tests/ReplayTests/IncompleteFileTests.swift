import EventOutput
import Foundation
import SocketEvents
import SystemPackage
import Testing
import TraceDat

@testable import SocketTracing

/// Files that lack something, or whose times are not what they seem, and that say so.
@Suite("What a recording lacks") struct IncompleteFileTests {
    @Test("Recordings that are whole have every record that their kernel counted", arguments: Fixture.all)
    func wholeRecordings(_ fixture: Fixture) throws {
        let closing = try Report(fixture.path).closing
        #expect(closing.absentRecords == 0, "\(closing.fileRemarks)")
    }

    private static let undated = Fixture.others.filter { !$0.path.contains("-date") }

    @Test("So have files of several buffers, and of either version", arguments: undated)
    func wholeFiles(_ file: URL) throws {
        var counts: [[String]: UInt64] = [:]
        for entry in try RecordDump(file.path).entries {
            if case .record = entry.content { counts[[entry.buffer, "\(entry.cpu)"], default: 0] += 1 }
        }
        let records = counts.compactMap { place, count in Int(place[1]).map { (place[0], $0, count) } }
        let counted = RecordedStatistics(try TraceFile(path: FilePath(file.path)).cpuStats)
        #expect(counted.absent(from: records).isEmpty)
    }

    @Test("Records of a CPU that the kernel counted and the file lacks are lost records")
    func missingCPU() throws {
        let folder = try Folder()
        var notes = RecordingMetadata()
        notes.countsFromBegin = true
        try Rewritten(statistics: true, notes: notes.encoded).write(to: folder.path("whole.dat"))
        try Rewritten(statistics: true, withoutCPUs: [1], notes: notes.encoded).write(to: folder.path("part.dat"))
        let whole = try Report(folder.path("whole.dat"))
        let dump = try RecordDump(folder.path("whole.dat"))
        let missing = UInt64(
            dump.entries.count { entry in
                guard case .record = entry.content else { return false }
                return entry.cpu == 1
            })
        #expect(missing > 10)
        #expect(whole.closing.lostRecords == 0 && whole.closing.isComplete)
        let part = try Report(folder.path("part.dat"))
        #expect(part.closing.lostRecords == missing && !part.closing.isComplete)
        #expect(part.closing.fileRemarks.contains { $0.contains("\(missing) of the records") && $0.contains("CPU 1") })
        // Of a part of the file nobody can say that the rest is missing.
        var replay = try Replay(path: FilePath(folder.path("part.dat")))
        var batch = TraceBatch()
        _ = try replay.read(into: &batch)
        #expect(replay.closingReport.absentRecords == 0)
    }

    @Test("The counts of several buffers are told apart, whoever wrote them")
    func statistics() {
        let counted = RecordedStatistics([
            "CPU: 0\nentries: 3\noverrun: 5\nread events: 7\n", "CPU: 1\nentries: 0\noverrun: 0\nread events: 2\n",
            "\nBuffer: other\n\n", "CPU: 0\nentries: 1\noverrun: 1\ndropped events: 2\nread events: 0\n",
        ])
        #expect(counted.lost == 8)
        let absent = counted.absent(from: [("", 0, 9), ("", 1, 2), ("other", 0, 0), ("unknown", 0, 4)])
        #expect(
            absent.map(\.buffer) == ["", "other"] && absent.map(\.cpu) == [0, 0] && absent.map(\.count) == [1, 1])
        #expect(RecordedStatistics([]).lost == nil)
        #expect(RecordedStatistics(["CPU: x\nentries: 4\n", "nonsense"]).lost == nil)
    }

    @Test("A recording whose recorder died knows what it was made for, and says that it is not finished")
    func unfinished() throws {
        let folder = try Folder()
        let path = folder.path("unfinished.dat")
        var notes = RecordingMetadata()
        (notes.begin, notes.tracer, notes.command, notes.followsTracersChildren) = (5, 70, 71, true)
        notes.tasks = [KnownTask(tid: 70, tgid: 70, name: TaskName("sockftrace".utf8))]
        notes.filters = ["errors"]
        try Rewritten(notes: notes.encoded, isUnfinished: true).write(to: path)
        let replay = try Replay(path: FilePath(path))
        #expect(replay.notedFilters == ["errors"] && replay.facts.beginning == 5)
        #expect(replay.damage.contains { $0.contains("not finished") })
        // Nobody has counted losses yet.
        #expect(replay.closingReport.recordedLosses == nil)
        #expect(RecordingMetadata(decoding: notes.encoded) == notes)
        #expect(RecordingMetadata(decoding: notes.withoutTasks.encoded)?.command == 71)
    }

    @Test(
        "A format that cannot be used costs the records of its own event, and is told",
        arguments: [
            String(repeating: "x", count: 1 << 17), "name: \u{1b}[31m\n", "no format at all",
        ])
    func unusableFormat(_ text: String) throws {
        let folder = try Folder()
        try Rewritten().write(to: folder.path("good.dat"))
        let forged = TraceFile.EventFormatText(system: "sockftrace_1", text: Array(text.utf8))
        try Rewritten(moreFormats: [forged]).write(to: folder.path("forged.dat"))
        let (good, part) = (try Report(folder.path("good.dat")), try Report(folder.path("forged.dat")))
        #expect(part.json == good.json && good.damage.isEmpty)
        #expect(part.damage.contains { $0.contains("format of an event of sockftrace_1") }, "\(part.damage)")
    }

    @Test("A recording that ended before it was to says why, and is not complete")
    func earlyEnd() throws {
        let folder = try Folder()
        let path = folder.path("early.dat")
        var notes = RecordingMetadata()
        (notes.earlyEnd, notes.lostRecords) = ("no space is left\non the disk", 0)
        try Rewritten(notes: notes.encoded).write(to: path)
        let replay = try Replay(path: FilePath(path))
        #expect(replay.facts.earlyEnd == "no space is left on the disk")
        #expect(replay.closingReport.earlyEnd == replay.facts.earlyEnd && !replay.closingReport.isComplete)
    }

    @Test(
        "Ticks of a clock that counts no nanoseconds are told as they are, without durations",
        arguments: ["x86-tsc", "counter", "uptime", "ppc-tb", "some-clock-to-come"])
    func ticks(_ clock: String) throws {
        let folder = try Folder()
        try Rewritten().write(to: folder.path("mono.dat"))
        try Rewritten(clock: clock).write(to: folder.path("ticks.dat"))
        let mono = try Report(folder.path("mono.dat"), aliases: .standard)
        let ticks = try Report(folder.path("ticks.dat"), aliases: .standard)
        #expect(mono.events.contains { $0.duration != nil })
        #expect(!ticks.events.isEmpty && ticks.events.allSatisfy { $0.duration == nil })
        #expect(ticks.events.map(\.time) == mono.events.map(\.time))
        let facts = try Replay(path: FilePath(folder.path("ticks.dat"))).facts
        #expect(!facts.countsNanoseconds && facts.wallClock == nil)
    }

    @Test(
        "Nanoseconds are told of every clock that counts them",
        arguments: ["local", "global", "boot", "tai", "mono_raw"])
    func nanoseconds(_ clock: String) throws {
        let folder = try Folder()
        try Rewritten(clock: clock).write(to: folder.path("file.dat"))
        #expect(try Replay(path: FilePath(folder.path("file.dat"))).facts.countsNanoseconds)
        #expect(try Report(folder.path("file.dat"), aliases: .standard).events.contains { $0.duration != nil })
    }
}
