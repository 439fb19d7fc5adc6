import LedgerSupport
import Testing

/// Real kernels, in guests (``GuestSlots``).
@Suite("On real kernels", .enabled(if: Guest.isAvailable, Guest.whyNot))
struct KernelTests {}

extension KernelTests {
    static let allAliases = AliasNames.all
    static let standardAliases = AliasNames.standard

    /// A trace of the whole ledger.
    private struct LedgerRun {
        /// Of its files in /out.
        var name: String
        /// As `--offsets` takes it.
        var offsets: String
        var aliases: [String]
    }

    private static let ledgerRuns = [
        LedgerRun(name: "live-auto", offsets: "auto", aliases: allAliases),
        LedgerRun(name: "live-calibrate", offsets: "calibrate", aliases: allAliases),
        LedgerRun(name: "standard", offsets: "calibrate", aliases: standardAliases),
        LedgerRun(name: "recorded", offsets: "auto", aliases: allAliases),
    ]

    @Test(
        "Every kind of call is seen exactly once with the right values, live and recorded, whatever tells the offsets",
        arguments: Guest.ledgerKernels)
    func ledger(kernel: String) async throws {
        try KernelResult.forget(kernel)
        let probes = Self.allAliases.map { "--probe " + $0 }.joined(separator: " ")
        let standardProbes = Self.standardAliases.map { "--probe " + $0 }.joined(separator: " ")
        let outcome = try await Guest(kernel: kernel, programs: ["trace-cmd"]).run(
            """
            traces > /out/before
            ls /sys/kernel/btf > /out/btf 2>/dev/null || true
            cat > /test/live <<'END'
                name=$1; shift
                sockftrace trace -v --format json "$@" -o /out/$name -- workload ledger /out/$name.ledger \\
                    2> /out/$name.messages
                echo "$name $?"
            END
            live() { sh /test/live "$@"; }
            live live-auto \(probes)
            live live-calibrate --offsets calibrate \(probes)
            events=; for event in sock_send_length sock_recv_length; do
                [ -e $tracing/events/sock/$event ] && events="$events -e sock:$event"
            done
            judged() {
                [ -n "$events" ] || { "$@"; return; }
                trace-cmd record -q -C mono -b 8192 $events -o /tmp/judge.dat "$@"
                trace-cmd report -R /tmp/judge.dat > /out/judge
            }
            judged sh /test/live standard --offsets calibrate \(standardProbes)
            sockftrace record -v -o /out/trace.dat -- workload ledger /out/recorded.ledger 2> /out/recorded.messages
            echo "record $?"
            sockftrace report -v --format json \(probes) /out/trace.dat > /out/recorded 2>> /out/recorded.messages
            echo "report $?"
            trace-cmd report -t -R /out/trace.dat > /out/trace-cmd 2> /out/trace-cmd.messages
            echo "trace-cmd $?"
            sockftrace calibrate --repeat 2 > /out/calibrated; echo "calibrate $?"
            sockftrace doctor > /out/doctor; echo "doctor $?"
            chmod 755 /test /test/sockftrace
            su nobody -s /bin/sh -c '/test/sockftrace doctor' > /out/doctor-unprivileged; echo "unprivileged $?"
            traces > /out/after
            """)
        try #require(outcome.status == 0, "\(outcome.log)")
        for program in [
            "live-auto 0", "live-calibrate 0", "standard 0", "record 0", "report 0", "trace-cmd 0", "calibrate 0",
            "doctor 0", "unprivileged 1",
        ] {
            #expect(outcome.log.contains("\(program)\n"), "\(program):\n\(outcome.log)")
        }
        #expect(try outcome.text("before") == outcome.text("after"))

        try expectOneLayout(outcome)
        try expectDoctorsAsRecorded(kernel, outcome)

        // Protocols whose functions no name leads to: raw_sendmsg is not the only one, and J1939's are not on the list.
        let canCalls = Set(
            try outcome.lines("live-auto.ledger").map { LedgerLine($0) }.filter { $0.number("family") == 29 }
                .compactMap { $0.text("call") })
        #expect(canCalls.isSuperset(of: ["send", "recv"]) == kernel.hasSuffix("-notrace"))

        var result = KernelResult(kernel: kernel, release: try outcome.text("release"))
        for run in Self.ledgerRuns {
            let tally = try hold(run, outcome)
            result.add(tally, offsets: run.offsets, messages: try outcome.text(run.name + ".messages"))
        }
        try expectSameRecords(outcome)
        try expectSameAsTracepoints(outcome)
        try result.write()
    }

    /// Holds one trace against its ledger, and what it said of itself against what it was.
    private func hold(_ run: LedgerRun, _ outcome: Guest.Outcome) throws -> LedgerTally {
        var comparison = LedgerComparison(
            ledger: try outcome.lines(run.name + ".ledger").map { LedgerLine($0) },
            events: try events(outcome.lines(run.name)), aliases: run.aliases)
        comparison.flagsHoldPassCredentials = try outcome.isOlder(than: (6, 16))
        let tally = comparison.tally()
        let messages = try outcome.text(run.name + ".messages")
        // What the workload found unexpected, if it ended there, is among them.
        #expect(tally.operations > 10_000, "\(run.name): \(messages)")
        #expect(
            tally.isExact,
            "\(run.name): \(tally.differences.count)\n\(tally.differences.prefix(10).joined(separator: "\n"))")

        let isStated = try run.offsets == "auto" && outcome.text("btf").contains("vmlinux")
        #expect(messages.contains("field offsets from \(isStated ? "BTF" : "calibration")\n"), "\(messages)")
        #expect(messages.contains("0 lost records, 0 missed returns, 0 unfinished operations"), "\(messages)")
        #expect(!messages.contains("the kernel missed") && !messages.contains("self-test:"), "\(messages)")
        return tally
    }

    /// trace-cmd sees the records that we see, and complains of nothing.
    private func expectSameRecords(_ outcome: Guest.Outcome) throws {
        #expect(try outcome.text("trace-cmd.messages") == "")
        let records = try outcome.lines("trace-cmd").filter { !$0.hasPrefix("cpus=") && !$0.contains("is empty") }
        #expect(
            records.allSatisfy {
                $0.contains("_entry") || $0.contains("_return") || $0.contains("task_") || $0.contains("_call")
                    || $0.contains("sched_process_exit") || $0.contains("sock_") || $0.contains("dgram_")
                    || $0.contains("tcp_")
            })
        // Every conclusion that the report tells stands on a return record of its own; how the records' fields compare
        // is for the tests of replays.
        let returns = records.count { $0.contains("_return") }
        let told: Set = ["socket.send", "socket.receive", "socket.create.return"]
        let conclusions = try events(outcome.lines("recorded")).count { told.contains($0.name) }
        #expect(conclusions > 10_000 && returns >= conclusions, "\(returns) returns, \(conclusions) conclusions")
    }
}
