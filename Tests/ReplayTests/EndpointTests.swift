import Foundation
import LedgerSupport
import SocketEvents
import Testing

@Suite("Recordings of connections and datagrams")
struct EndpointTests {
    private static let aliases = AliasSet(
        Alias.allCases.filter { EndpointLedger.aliases.contains($0.name.description) })

    @Test("They tell between whom each event was, as their ledgers do", arguments: Fixture.endpoints)
    func ledger(fixture: Fixture) throws {
        let report = try Report(fixture.path, aliases: Self.aliases)
        let ledger = try EndpointLedger(#require(try fixture.ledgerText).split(separator: "\n"))
        #expect(ledger.lines.count > 1000)
        var comparison = EndpointComparison(ledger: ledger, events: try events(report.lines))
        comparison.excuses = EndpointExcuses.hold
        let tally = comparison.tally()
        #expect(
            tally.isRight && tally.unknown == 0,
            "\(tally.summary)\n\(tally.differences.prefix(10).joined(separator: "\n"))")
    }

    @Test(
        "Where sub-buffers are lost what is told is right or null, and never of an earlier socket",
        arguments: Fixture.endpoints, [2, 3, 5, 7, 11, 20])
    func losses(fixture: Fixture, period: Int) throws {
        let folder = try Folder()
        let path = folder.url.appending(path: "lossy.dat").path
        try Rewritten(kernel: fixture.kernel, folder: "endpoints", loses: { $0 % period == period - 1 }).write(to: path)
        let report = try Report(path, aliases: Self.aliases)
        let ledger = try EndpointLedger(#require(try fixture.ledgerText).split(separator: "\n"))
        let told = try events(report.lines.filter { !$0.hasPrefix("{\"name\":\"lost\"") })
        #expect(report.lines.count > told.count && told.count > 100)
        let tally = EndpointComparison(ledger: ledger, events: told).tally()
        #expect(
            tally.wrong == 0 && tally.extra == 0,
            "\(tally.summary)\n\(tally.differences.filter { $0.hasPrefix("wrong") || $0.hasPrefix("extra") }.prefix(10).joined(separator: "\n"))"
        )
    }

    @Test("There is one of each kernel", arguments: ["6.1", "newest"])
    func kernels(kernel: String) {
        #expect(Fixture.endpoints.contains { $0.kernel == kernel })
    }
}
