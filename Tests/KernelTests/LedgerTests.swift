import LedgerSupport
import Testing

/// Real kernels, in guests, one after the other: they take both cores.
@Suite("On real kernels", .serialized, .enabled(if: Guest.isAvailable, Guest.whyNot))
struct KernelTests {}

extension KernelTests {
    static let allAliases = AliasNames.all
    static let standardAliases = AliasNames.standard

    @Test("Every kind of call is seen exactly once with the right values, live and recorded", arguments: Guest.ledgerKernels)
    func ledger(kernel: String) throws {
        let probes = Self.allAliases.map { "--probe " + $0 }.joined(separator: " ")
        let outcome = try Guest(kernel: kernel, programs: ["trace-cmd"]).run(
            """
            traces > /out/before
            sockftrace trace --format json \(probes) -o /out/live -- workload ledger /out/live.ledger 2> /out/live.messages
            echo "live $?"
            sockftrace trace --format json -o /out/standard -- workload ledger /out/standard.ledger 2> /out/standard.messages
            echo "standard $?"
            sockftrace record -o /out/trace.dat -- workload ledger /out/recorded.ledger 2> /out/record.messages
            echo "record $?"
            sockftrace report --format json \(probes) /out/trace.dat > /out/recorded 2> /out/report.messages
            echo "report $?"
            trace-cmd report -t -R /out/trace.dat > /out/trace-cmd 2> /out/trace-cmd.messages
            echo "trace-cmd $?"
            traces > /out/after
            """)
        try #require(outcome.status == 0, "\(outcome.log)")
        for program in ["live", "standard", "record", "report", "trace-cmd"] {
            #expect(outcome.log.contains("\(program) 0"), "\(outcome.log)")
        }
        #expect(try outcome.text("before") == outcome.text("after"))

        let traced = [
            ("live", "live", Self.allAliases), ("standard", "standard", Self.standardAliases),
            ("recorded", "recorded", Self.allAliases),
        ]
        for (ledger, output, aliases) in traced {
            var comparison = LedgerComparison(
                ledger: try outcome.lines("\(ledger).ledger").map { LedgerLine($0) },
                events: try events(outcome.lines(output)), aliases: aliases)
            comparison.flagsHoldPassCredentials = try outcome.isOlder(than: (6, 16))
            #expect(comparison.count > 10_000)
            let differences = comparison.differences()
            #expect(
                differences.isEmpty,
                "\(output): \(differences.count)\n\(differences.prefix(10).joined(separator: "\n"))")
        }
        try expectSameRecords(outcome)
    }

    /// trace-cmd sees the records that we see, and complains of nothing.
    private func expectSameRecords(_ outcome: Guest.Outcome) throws {
        #expect(try outcome.text("trace-cmd.messages") == "")
        let records = try outcome.lines("trace-cmd").filter { !$0.hasPrefix("cpus=") && !$0.contains("is empty") }
        #expect(
            records.allSatisfy {
                $0.contains("_entry") || $0.contains("_return") || $0.contains("task_") || $0.contains("_call")
            })
        // Every conclusion that the report tells stands on a return record of its own; how the records' fields compare
        // is for the tests of replays.
        let returns = records.count { $0.contains("_return") }
        let told: Set = ["socket.send", "socket.receive", "socket.create.return"]
        let conclusions = try events(outcome.lines("recorded")).count { told.contains($0.name) }
        #expect(conclusions > 10_000 && returns >= conclusions, "\(returns) returns, \(conclusions) conclusions")
    }
}
