import LedgerSupport
import SocketEvents
import SocketTracing
import Testing

@Suite("What was recorded on kernels is what the workload did")
struct LedgerFixtureTests {
    @Test("Our own recording tells all aliases right", arguments: Fixture.own)
    func own(_ fixture: Fixture) throws {
        let ledger = try #require(try fixture.ledger)
        let report = try Report(fixture.path)
        var comparison = LedgerComparison(ledger: ledger, events: try events(report.lines), aliases: AliasNames.all)
        comparison.flagsHoldPassCredentials = try fixture.isOlder(than: (6, 16))
        expectNone(comparison.differences())
        #expect(report.damage.isEmpty)
        #expect(report.closing.statistics.lostRecords == 0)
        #expect(report.closing.statistics.unfinished == 0)
        #expect(report.closing.statistics.malformed == 0)
    }

    @Test("What trace-cmd recorded of the same probes tells the same aliases", arguments: Fixture.foreign)
    func foreign(_ fixture: Fixture) throws {
        let ledger = try #require(try fixture.ledger)
        let threads = Set(ledger.map(\.thread.tid))
        let report = try Report(fixture.path)
        // It recorded the whole machine.
        let seen = try events(report.lines).filter { $0.number("tid").map { threads.contains($0) } == true }
        var comparison = LedgerComparison(ledger: ledger, events: seen, aliases: AliasNames.all)
        comparison.toleratesUnknownTasks = true
        comparison.flagsHoldPassCredentials = try fixture.isOlder(than: (6, 16))
        expectNone(comparison.differences())
        #expect(report.damage.isEmpty)
        #expect(report.closing.statistics.lostRecords == 0)
        // trace-cmd lists no tasks when it begins; what is born afterwards is known by the task events.
        #expect(seen.contains { $0.number("pid") != nil && $0.text("comm") != nil })
    }

    @Test("There are fixtures of every kernel that the tests know, our own and trace-cmd's")
    func fixturesAreThere() {
        let debian = ["5.10", "6.1", "6.12", "newest"]
        let built = ["5.10-nobpf", "6.1-nobpf", "6.1-nobpf-notrace", "6.12-nobpf"]
        #expect(Set(Fixture.own.map(\.kernel)) == Set(debian + built))
        for kernel in debian + built {
            let count = Fixture.foreign.count { $0.kernel == kernel }
            #expect(count >= (debian.contains(kernel) ? 4 : 1), "\(kernel): \(count)")
        }
    }

    private func expectNone(_ differences: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(
            differences.isEmpty, "\(differences.count)\n\(differences.prefix(5).joined(separator: "\n"))",
            sourceLocation: sourceLocation)
    }
}
