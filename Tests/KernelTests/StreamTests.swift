import LedgerSupport
import Testing

/// Recordings that go through a pipe.
extension KernelTests {
    @Test(
        "A recording read through a pipe is the ledger, and what was cut short is told as such",
        arguments: Guest.kernels)
    func stream(kernel: String) async throws {
        let probes = AliasNames.all.map { "--probe " + $0 }.joined(separator: " ")
        let outcome = try await Guest(kernel: kernel).run(
            """
            { sockftrace record -o - -- workload ledger /out/ledger 2> /out/recorder; echo $? > /out/status; } |
                tee /tmp/stream | sockftrace report --format json \(probes) - > /out/events 2> /out/reader
            echo "report $? record $(cat /out/status)"
            # As a file, and from standard input, it is the same.
            sockftrace report --format json \(probes) /tmp/stream 2> /dev/null | cmp - /out/events && echo "same file"
            sockftrace report --format json \(probes) - < /tmp/stream 2> /dev/null | cmp - /out/events && echo "same input"
            head -c $(($(stat -c %s /tmp/stream) / 2)) /tmp/stream > /tmp/cut
            sockftrace report --format json \(probes) /tmp/cut > /out/cut 2> /out/cut.messages; echo "cut $?"
            # A reader that goes away ends the recording, and leaves the kernel clean.
            { sockftrace record -o - 2> /out/closed; echo "closed $?" >> /out/closed; } | head -c 100000 > /tmp/head &
            until grep -q '^closed ' /out/closed 2> /dev/null; do workload flood 500 64 1 > /dev/null; done
            traces > /out/after
            """)
        #expect(outcome.log.contains("report 0 record 0\n"), "\(outcome.log)")
        #expect(outcome.log.contains("same file\n") && outcome.log.contains("same input\n"), "\(outcome.log)")
        #expect(outcome.log.contains("cut 1\n"), "\(outcome.log)")
        let messages = try outcome.text("cut.messages")
        #expect(messages.contains("the stream ended before the recording did"))
        #expect(try outcome.text("after") == "")
        var comparison = LedgerComparison(
            ledger: try outcome.lines("ledger").map { LedgerLine($0) }, events: try events(outcome.lines("events")),
            aliases: AliasNames.all)
        comparison.flagsHoldPassCredentials = try outcome.isOlder(than: (6, 16))
        let tally = comparison.tally()
        #expect(tally.operations > 10_000 && tally.isExact, "\(tally.differences.prefix(10).joined(separator: "\n"))")
        // What a cut stream shows is, up to the time that it says, the beginning of the whole.
        let horizon = try #require(
            messages.split(separator: " ").drop { $0 != "after" }.dropFirst().first.flatMap { Int($0) }, "\(messages)")
        func earlier(_ file: String) throws -> [Substring] {
            try zip(outcome.lines(file), events(outcome.lines(file)))
                .filter { ($1.number("time") ?? .max) < horizon }.map(\.0)
        }
        let (whole, cut) = (try earlier("events"), try earlier("cut"))
        #expect(cut.count > 1000 && whole == cut, "\(whole.count), \(cut.count), \(messages)")
        #expect(try outcome.lines("cut").count >= cut.count)
    }
}
