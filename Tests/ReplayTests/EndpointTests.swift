import Foundation
import LedgerSupport
import SocketEvents
import Testing

@Suite("Recordings of connections and datagrams")
struct EndpointTests {
    private static let aliases = AliasSet(
        Alias.allCases.filter { EndpointLedger.aliases.contains($0.name.description) })

    @Test(
        "They tell between whom each event was, as their ledgers do",
        arguments: Fixture.endpoints + Fixture.eventProbes)
    func ledger(fixture: Fixture) throws {
        let report = try Report(fixture.path, aliases: Self.aliases)
        let comparison = try comparison(fixture, events(report.lines))
        let tally = comparison.tally()
        #expect(
            tally.isRight && tally.unknown == 0,
            "\(tally.summary)\n\(tally.differences.prefix(10).joined(separator: "\n"))")
    }

    @Test(
        "Where sub-buffers are lost what is told is right or null, and never of an earlier socket",
        arguments: Fixture.endpoints + Fixture.eventProbes, [2, 3, 5, 7, 11, 20])
    func losses(fixture: Fixture, period: Int) throws {
        let folder = try Folder()
        let path = folder.url.appending(path: "lossy.dat").path
        try Rewritten(kernel: fixture.kernel, folder: fixture.folder, loses: { $0 % period == period - 1 }).write(
            to: path)
        let report = try Report(path, aliases: Self.aliases)
        let told = try events(report.lines.filter { !$0.hasPrefix("{\"name\":\"lost\"") })
        #expect(report.lines.count > told.count && told.count > 100)
        if fixture.isOfEvents {
            let ledger = try EndpointLedger(#require(try fixture.ledgerText).split(separator: "\n"))
            let wrong = ConnectionEnds(ledger, told).wrong
            #expect(wrong.isEmpty, "\(wrong.prefix(5))")
        }
        // Without kprobes an outcome whose own record is missing is told when the connection ends: that it was one, not when.
        func isLate(_ event: EventLine) -> Bool {
            fixture.isOfEvents && event.name == "socket.connected" && event.number("duration") == nil
        }
        let late = told.filter(isLate)
        #expect(late.count < 10 && late.allSatisfy { $0.number("success") == 1 })
        let tally = try comparison(fixture, told.filter { !isLate($0) }).tally()
        #expect(
            tally.wrong == 0 && tally.extra == 0,
            "\(tally.summary)\n\(tally.differences.filter { $0.hasPrefix("wrong") || $0.hasPrefix("extra") }.prefix(10).joined(separator: "\n"))"
        )
    }

    @Test(
        "Where no function shows closings, each TCP connection ends once, between its own ends",
        arguments: Fixture.eventProbes)
    func ends(fixture: Fixture) throws {
        let report = try Report(fixture.path, aliases: Self.aliases)
        let ledger = try EndpointLedger(#require(try fixture.ledgerText).split(separator: "\n"))
        let ends = ConnectionEnds(ledger, try events(report.lines))
        #expect(ends.count > 100)
        #expect(ends.wrong.isEmpty && ends.missing.isEmpty, "\(ends.wrong.prefix(5)) \(ends.missing.prefix(10))")
    }

    private func comparison(_ fixture: Fixture, _ events: [EventLine]) throws -> EndpointComparison {
        let ledger = try EndpointLedger(#require(try fixture.ledgerText).split(separator: "\n"))
        #expect(ledger.lines.count > 1000)
        guard !fixture.isOfEvents else {
            return .ofEvents(ledger: ledger, events: events.filter { EndpointLedger.aliasesOfEvents.contains($0.name) })
        }
        var comparison = EndpointComparison(ledger: ledger, events: events)
        comparison.excuses = EndpointExcuses.hold
        return comparison
    }

    @Test("There is one of each kernel, and one without kprobes", arguments: ["6.1", "newest"])
    func kernels(kernel: String) {
        #expect(Fixture.endpoints.contains { $0.kernel == kernel })
        #expect(!Fixture.eventProbes.isEmpty)
    }
}
