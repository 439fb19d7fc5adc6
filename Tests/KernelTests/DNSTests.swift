import Foundation
import LedgerSupport
import Testing

extension KernelTests {
    @Test(
        "DNS queries and answers are paired as those who asked know, live and recorded, of a real resolver as well",
        .enabled(if: Guest.lists("socket.connect"), Guest.lacks("socket.connect")), arguments: Guest.kernels)
    func dns(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            workload name-server 20 > /out/server & server=$!
            await grep -q ready /out/server
            sockftrace dns --format json -o /out/live -- workload queries /out/live.ledger; echo "live $?"
            sockftrace record -o /tmp/recorded.dat -- workload queries /out/recorded.ledger; echo "recorded $?"
            sockftrace dns --format json /tmp/recorded.dat > /out/recorded; echo "dns $?"
            kill -TERM $server; wait $server
            workload name-server 20 > /out/server & server=$!
            await grep -q ready /out/server
            # There is no such name: its own status says so.
            sockftrace dns --format json -o /out/resolver -- nslookup answer.example 127.0.0.1
            kill -TERM $server; wait $server
            """)
        try #require(outcome.status == 0, "\(outcome.log)")
        for step in ["live 0", "recorded 0", "dns 0"] { #expect(outcome.log.contains(step + "\n"), "\(outcome.log)") }
        for run in ["live", "recorded"] {
            let ledger = try outcome.lines(run + ".ledger").compactMap { QueryLedgerLine($0) }
            #expect(ledger.count == 3)
            let told = try outcome.lines(run).map { try EventLine($0) }
            #expect(told.count == ledger.count, "\(told)")
            for line in ledger {
                let found = try #require(told.first { $0.text("server") == line.server })
                #expect(found.number("pid") == line.pid && found.text("comm") == "workload")
                #expect(line.differences(from: Self.numbers(found), delay: 20_000_000) == [], "\(run) \(line.server)")
            }
        }
        let server = try #require(try outcome.lines("server").last { $0.hasPrefix("received=") })
        let counts = server.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
        let resolver = try #require(try outcome.lines("resolver").first.map { try EventLine($0) })
        #expect(resolver.text("comm") == "nslookup" && resolver.text("server") == "127.0.0.1")
        #expect(counts[0] > 0 && resolver.number("queries") == counts[0], "\(outcome.log)")
        #expect(resolver.number("answers") == counts[1] && resolver.number("unanswered") == 0, "\(outcome.log)")
        #expect((20_000_000..<1_000_000_000).contains(resolver.number("latency_max_ns") ?? 0))
    }

    private static func numbers(_ line: EventLine) -> [String: Int?] {
        let keys = [
            "queries", "answers", "failed", "unanswered", "pending", "sent_bytes", "received_bytes", "latency_p50_ns",
            "latency_max_ns", "latency_mean_ns",
        ]
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, line.number($0)) })
    }
}
