import ProbeContract
import RingBuffer
import SystemPackage
import Testing
import TraceDat
import TraceTestSupport

@testable import SocketEvents
@testable import SocketTracing

@Suite("What a recording leaves out is not missed by who asks for the rest")
struct DiscardingTests {
    /// Where something of each is.
    private static let cases: [(fixture: Fixture, filters: [String])] =
        Fixture.own.map { ($0, ["errors"]) }
        + [
            ["min-size 1024"], ["family INET6"], ["error EAGAIN"], ["family LOCAL", "type DGRAM"],
            ["min-latency 1000000"], ["comm workload", "protocol UDP"],
            ["exclude family=LOCAL", "exclude probe=socket.receive"],
        ].map { (Fixture(kernel: "6.1", name: "own"), $0) }
        + Fixture.endpoints.flatMap { fixture in
            [["errors"], ["family INET6"], ["remote 127.0.0.0/8"], ["local /*", "exclude comm=x*"]]
                .map { (fixture, $0) }
        }

    private func noted(_ fixture: Fixture, _ filters: [String]) throws -> [UInt8] {
        let file = try TraceFile(path: FilePath(fixture.path))
        var notes = try #require(file.extensionData.flatMap { RecordingMetadata(decoding: $0) })
        notes.filters = filters
        return notes.encoded
    }

    /// What is told at the end, but for how much there was to read.
    private func remarkable(_ report: Report) -> [UInt64] {
        let counts = report.closing.statistics
        return [
            counts.lostRecords, counts.uncountedLosses, counts.malformed, counts.begunBeforeTrace, counts.unfinished,
            counts.missedReturns, counts.unpairedReturns, report.closing.lostRecords, report.closing.absentRecords,
        ]
    }

    /// Writes both, and compares what is read of them.
    /// - Returns: bytes of sub-buffers, and records.
    private func compare(
        _ rewritten: Rewritten, rounds: Int = 25
    ) throws -> (sizes: (whole: UInt64, rest: UInt64), events: Int, made: DiscardedFixture) {
        let folder = try Folder()
        let (whole, rest) = (folder.path("whole.dat"), folder.path("rest.dat"))
        try rewritten.write(to: whole)
        let made = try DiscardedFixture(of: whole, to: rest, rounds: rounds)
        let (expected, found) = (try Report(whole, aliases: .standard), try Report(rest, aliases: .standard))
        #expect(found.json == expected.json)
        #expect(remarkable(found) == remarkable(expected))
        #expect(found.damage == expected.damage && found.flagNames == expected.flagNames)
        #expect(found.closing.fileRemarks == expected.closing.fileRemarks)
        return ((try DiscardedFixture.size(of: whole), try DiscardedFixture.size(of: rest)), found.items.count, made)
    }

    @Test("Report shows the same, and the file is smaller", arguments: cases)
    func filters(_ fixture: Fixture, _ filters: [String]) throws {
        var rewritten = Rewritten()
        (rewritten.kernel, rewritten.folder, rewritten.statistics) = (fixture.kernel, fixture.folder, true)
        rewritten.notes = try noted(fixture, filters)
        let (sizes, events, made) = try compare(rewritten)
        #expect(events > 0)
        #expect(made.dropped > 0 && sizes.rest < sizes.whole, "\(made) \(sizes)")
        if filters == ["error EAGAIN"] { #expect(made.dropped > made.kept && sizes.rest * 2 < sizes.whole, "\(made)") }
    }

    @Test("A port is either end's", arguments: Fixture.endpoints)
    func port(_ fixture: Fixture) throws {
        let ports = try Report(fixture.path, aliases: .standard).items.compactMap { item in
            if case .event(let event) = item { event.details?.remote?.port } else { nil }
        }
        let port = try #require(ports.first { $0 > 0 && $0 < 65536 })
        var rewritten = Rewritten()
        (rewritten.kernel, rewritten.folder) = (fixture.kernel, fixture.folder)
        rewritten.notes = try noted(fixture, ["port \(port)"])
        let (sizes, events, made) = try compare(rewritten)
        #expect(events > 0 && made.dropped > 0 && sizes.rest < sizes.whole, "\(made) \(sizes)")
    }

    @Test("Losses are where they were", arguments: [["errors"], ["family LOCAL"], ["min-size 1024"]], [3, 7, 16])
    func losses(_ filters: [String], _ every: Int) throws {
        let fixture = Fixture(kernel: "6.1", name: "own")
        var rewritten = Rewritten()
        rewritten.notes = try noted(fixture, filters)
        rewritten.loses = { $0 % every == every - 1 }
        let (_, events, made) = try compare(rewritten)
        #expect(events > 0 && made.kept > 0)
        if every > 3 { #expect(made.dropped > 0) }
    }

    @Test("trace-cmd reads what is left", .enabled(if: TraceCmdText.isInstalled, "no trace-cmd"))
    func traceCmd() throws {
        let folder = try Folder()
        let (whole, rest) = (folder.path("whole.dat"), folder.path("rest.dat"))
        let fixture = Fixture(kernel: "6.1", name: "own")
        var rewritten = Rewritten()
        rewritten.notes = try noted(fixture, ["error EAGAIN"])
        try rewritten.write(to: whole)
        let made = try DiscardedFixture(of: whole, to: rest, rounds: 10)
        let dump = try RecordDump(rest)
        var text = TraceCmdText(try TraceCmdText.report(rest).output, beside: dump)
        #expect(text.compare() == Int(made.kept) && text.difference == nil, "\(text.difference ?? "")")
        #expect(made.dropped > 1000)
    }

    @Test("Who asks for what was left out is told so")
    func remark() throws {
        let folder = try Folder()
        let (whole, rest) = (folder.path("whole.dat"), folder.path("rest.dat"))
        var rewritten = Rewritten()
        rewritten.statistics = true
        rewritten.notes = try noted(Fixture(kernel: "6.1", name: "own"), ["errors"])
        try rewritten.write(to: whole)
        let made = try DiscardedFixture(of: whole, to: rest, rounds: 3)
        func remarks(_ aliases: AliasSet, _ filter: EventFilter?) throws -> [String] {
            try Report(rest, aliases: aliases, filter: filter).closing.fileRemarks
        }
        var other = EventFilter()
        other.minimumSize = 1
        #expect(try remarks(.standard, nil) == [])
        #expect(try remarks(.standard, EventFilter(noted: ["errors"])) == [])
        #expect(try remarks(.standard, other).first?.contains("--discard") == true)
        #expect(try remarks(.all, nil).first?.contains("--discard") == true)
        let replay = try Replay(path: FilePath(rest))
        #expect(replay.facts.discardedRecords == made.dropped)
        #expect(replay.facts.discarding?.contains("socket.send") == true)
    }

    // MARK: Made-up traces

    private static let layout = SubBufferLayout.page4K

    private func decoder(_ script: TraceScript) throws -> SocketDecoder {
        SocketDecoder(
            plans: EventPlanTable(formats: try script.formats()), cpus: [0, 1], byteOrder: .host, aliases: .all,
            scope: .wholeSystem())
    }

    private func told(
        _ streams: [[UInt8]], _ script: TraceScript, _ filter: EventFilter
    ) throws -> (json: String, statistics: DecodeStatistics) {
        var pipeline = DecodePipeline(layouts: streams.map { _ in Self.layout }, decoder: try decoder(script))
        var source = MadePages(streams, step: Self.layout.size * 4)
        var selection = EventSelection()
        selection.filter = filter
        var selector = EventSelector(selection, isLive: false)
        var items: [TraceItem] = []
        var batch = TraceBatch()
        try pipeline.begin(&source)
        while try pipeline.nextBatch(from: &source, into: &batch) {
            selector.apply(to: &batch)
            items += batch.items
        }
        pipeline.finish()
        return (Report.json(items), pipeline.statistics)
    }

    @Test("Whatever tasks do, whatever is lost: the rest is read as it was", arguments: [0, 60, 90, 98])
    func scripts(_ messages: Int) throws {
        var filter = EventFilter()
        filter.errorsOnly = true
        var dropped: UInt64 = 0
        for seed in 0..<16 {
            var random = SeededGenerator(seed: UInt64(seed))
            let script = TraceScript.random(records: 1500, messages: messages, using: &random)
            let whole = script.subBuffers
            let discarding = try Discarding(
                whole, Self.layout, try decoder(script), filter, step: Self.layout.size * (1 + seed % 4))
            let (expected, found) = (
                try told(whole, script, filter), try told(discarding.streams, script, filter)
            )
            let (lines, right) = (found.json.split(separator: "\n"), expected.json.split(separator: "\n"))
            let place = zip(lines, right).enumerated().first { $0.element.0 != $0.element.1 }
            #expect(found.json == expected.json, "seed \(seed), \(lines.count) of \(right.count): \(place as Any)")
            #expect(found.statistics.missedReturns == expected.statistics.missedReturns, "seed \(seed)")
            #expect(found.statistics.unpairedReturns == expected.statistics.unpairedReturns, "seed \(seed)")
            #expect(found.statistics.begunBeforeTrace == expected.statistics.begunBeforeTrace, "seed \(seed)")
            #expect(found.statistics.unfinished == expected.statistics.unfinished, "seed \(seed)")
            dropped += discarding.dropped.reduce(0, +)
        }
        if messages > 0 { #expect(dropped > UInt64(messages) * 50, "\(dropped)") }
    }

    @Test("A call that does not end is not waited for")
    func patience() throws {
        var script = TraceScript(cpus: 2)
        (script.tid, script.cpu) = (1, 0)
        script.time = 1000
        script.enter(.recvmsg, .tcp, size: 9)
        for round in 0..<6_000 {
            (script.tid, script.cpu) = (2, round % 2)
            script.time += 1000
            script.pass(.sendmsg, .tcp, size: 9, 9)
        }
        (script.tid, script.cpu) = (1, 1)
        script.leave(.recvmsg, -11)
        var filter = EventFilter()
        filter.errorsOnly = true
        var patience = HeldPages.Patience()
        patience.bytes = 64 << 10
        let whole = script.subBuffers
        let horizons = (1...40).map { UInt64($0) * 150_000 }
        let step = 4 * Self.layout.size
        let bounded = try Discarding(
            whole, Self.layout, try decoder(script), filter, horizons: horizons, step: step, patience: patience)
        #expect(bounded.mostHeld < 64 << 10 + 3 * step && bounded.dropped.reduce(0, +) > 11_500, "\(bounded.mostHeld)")
        patience = HeldPages.Patience()
        patience.time = 1_000_000
        let hasty = try Discarding(
            whole, Self.layout, try decoder(script), filter, horizons: horizons, step: step, patience: patience)
        #expect(hasty.mostHeld < whole.map(\.count).reduce(0, +) / 2 && hasty.dropped.reduce(0, +) > 11_500)
        let expected = try told(whole, script, filter).json
        #expect(expected.split(separator: "\n").count == 2)
        for streams in [bounded.streams, hasty.streams] { #expect(try told(streams, script, filter).json == expected) }
    }
}
