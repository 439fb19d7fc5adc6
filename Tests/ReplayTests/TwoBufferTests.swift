import LedgerSupport
import SocketTracing
import Testing

@Suite("A file of two buffers with the same probes")
struct TwoBufferTests {
    @Test("Every operation is told once and right, no return is missed, and it is said that both have them")
    func onceEach() throws {
        let fixture = Fixture(folder: "doubled", kernel: "6.1", name: "two-buffers")
        let ledger = try #require(try fixture.ledger)
        let threads = Set(ledger.map(\.thread.tid))
        let report = try Report(fixture.path)
        let seen = try events(report.lines).filter { $0.number("tid").map { threads.contains($0) } == true }
        var comparison = LedgerComparison(ledger: ledger, events: seen, aliases: AliasNames.all)
        comparison.toleratesUnknownTasks = true
        comparison.flagsHoldPassCredentials = true
        let differences = comparison.differences()
        #expect(differences.isEmpty, "\(differences.count)\n\(differences.prefix(5).joined(separator: "\n"))")
        let statistics = report.closing.statistics
        #expect(statistics.missedReturns == 0 && statistics.unpairedReturns == 0 && statistics.uncertainPairs == 0)
        let remarks = report.closing.fileRemarks
        #expect(
            remarks.count == 1 && remarks[0].hasSuffix(" events that another buffer shows: shown once"), "\(remarks)")
    }
}
