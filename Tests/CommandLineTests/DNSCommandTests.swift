import Foundation
import LedgerSupport
import Testing

@Suite("The command dns")
struct DNSCommandTests {
    private static let folder = Recordings.fixtures.appending(path: "queries")
    private static let path = folder.appending(path: "own.dat").path

    @Test("Each server has the queries, answers, failures and bytes of the ledger, and latencies within its bounds")
    func ledger() throws {
        let text = try String(contentsOf: Self.folder.appending(path: "own.ledger"), encoding: .utf8)
        let ledger = text.split(separator: "\n").compactMap { QueryLedgerLine($0) }
        #expect(ledger.count == 3)
        let outcome = try Program.run(["dns", "--format", "json", Self.path])
        #expect(outcome.status == 0, "\(outcome.messages)")
        let told = try outcome.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(told.count == ledger.count)
        for line in ledger {
            let found = try #require(told.first { $0["server"] as? String == line.server })
            #expect(found["pid"] as? Int == line.pid && found["comm"] as? String == "workload")
            // The server took 20 ms for each.
            #expect(line.differences(from: found.mapValues { $0 as? Int }, delay: 20_000_000) == [], "\(line.server)")
        }
    }

    @Test("Text fits the terminal, and is as it was", arguments: [40, 80, 120, 200])
    func text(width: Int) throws {
        try GoldenText.check("dns", ["dns", Self.path], width: width)
    }

    @Test("A recording without endpoints is refused with the reason")
    func withoutEnds() throws {
        let outcome = try Program.run(["dns", Recordings.own])
        #expect(outcome.status == 1 && outcome.messages.contains("does not say between whom"), "\(outcome)")
    }
}
