import LedgerSupport
import Testing

extension KernelTests {
    @Test(
        "Without kprobes, probes on the kernel's own events tell between whom messages are, and what becomes of connections",
        arguments: Guest.ledgerKernels)
    func eventProbes(kernel: String) async throws {
        let probes = (EndpointLedger.aliasesOfEvents + ["socket.close"]).map { "--probe " + $0 }.joined(separator: " ")
        // Of several emulated processors one has now and then been seen to tell a time some milliseconds old, and the times of
        // changes are held against those of calls here.
        let outcome = try await Guest(kernel: kernel, cpus: 1, timeout: 500).run(
            """
            traces > /out/before
            ls $tracing/events/sock > /out/events
            pretend="--pretend-without-kprobes"
            live() {
                name=$1; shift
                sockftrace trace -v --format json $pretend "$@" \(probes) -o /out/$name \\
                    -- workload endpoints /out/$name.ledger 2> /out/$name.messages
                echo "$name $?"
            }
            live auto --offsets auto
            live calibrate --offsets calibrate
            sockftrace record -v $pretend -o /tmp/recorded.dat -- workload endpoints /out/recorded.ledger \\
                2> /out/recorded.messages
            sockftrace report -v --format json \(probes) /tmp/recorded.dat > /out/recorded 2>> /out/recorded.messages
            echo "recorded $?"
            # The server, which the trace is not about, has the last segment.
            echo > /tmp/index.html; httpd -p 127.0.0.1:81 -h /tmp
            sockftrace connections $pretend --format json -- wget -q -O /dev/null http://127.0.0.1:81/ > /out/connections
            sockftrace connections $pretend --format json -- wget -q -O /dev/null http://127.0.0.1:82/ >> /out/connections
            traces > /out/after
            """)
        #expect(try outcome.text("before") == outcome.text("after"))
        let ends = try outcome.lines("connections").map { try #require($0.firstMatch(of: /"end":"([^"]*)"/)?.1) }
        #expect(ends == ["closed", "refused"], "\(outcome.log)")
        // Kernels before 6.3 show no messages, and nothing from which offsets could be learnt.
        let showsMessages = try outcome.text("events").contains("sock_send_length")
        for name in ["auto", "calibrate", "recorded"] {
            let messages = try outcome.text(name + ".messages")
            #expect(outcome.log.contains("\(name) 0\n"), "\(name):\n\(outcome.log)\(messages)")
            #expect(messages.contains("send missed") != showsMessages, "\(messages)")
            if showsMessages {
                try holdEvents(name, EndpointLedger.aliasesOfEvents, outcome)
            } else if name != "calibrate" {
                try holdEvents(name, ["socket.connected"], outcome)
            }
        }
    }

    private func holdEvents(_ name: String, _ aliases: [String], _ outcome: Guest.Outcome) throws {
        let ledger = try EndpointLedger(outcome.lines(name + ".ledger"))
        #expect(ledger.lines.count > 20_000, "\(name)")
        let told = try events(outcome.lines(name))
        let tally = EndpointComparison.ofEvents(
            ledger: ledger, events: told.filter { $0.name != "socket.close" }, aliases: aliases
        ).tally()
        let words = "\(name): \(tally.summary)\n\(tally.differences.prefix(20).joined(separator: "\n"))"
        #expect(tally.expected > 3000, "\(words)")
        #expect(tally.isRight && tally.unknown == 0, "\(words)")
        let ends = ConnectionEnds(ledger, told)
        #expect(ends.count > 1000 && ends.wrong.isEmpty, "\(name): \(ends.count), \(ends.wrong.prefix(5))")
        #expect(ends.missing.isEmpty, "\(name): \(ends.missing.count), \(ends.missing.prefix(5))")
        let messages = try outcome.text(name + ".messages")
        #expect(messages.contains("0 lost records"), "\(messages)")
    }
}
