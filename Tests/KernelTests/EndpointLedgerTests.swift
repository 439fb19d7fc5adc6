import LedgerSupport
import Testing

extension KernelTests {
    /// A trace of what the ledger of endpoints is about.
    private struct EndpointRun {
        /// Of its files in /out.
        var name: String
        /// Of sockets that were there before: the whole system was traced.
        var isOlder = false
        /// The kernel was taken for one without security hooks, BTF and BPF.
        var isHookless = false
    }

    private static let endpointRuns = [
        EndpointRun(name: "live-auto"), EndpointRun(name: "live-calibrate"), EndpointRun(name: "recorded"),
        EndpointRun(name: "older", isOlder: true), EndpointRun(name: "older-recorded", isOlder: true),
        EndpointRun(name: "hookless", isHookless: true),
        EndpointRun(name: "older-hookless", isOlder: true, isHookless: true),
    ]

    private static let hooks = [
        "security_sock_graft", "security_socket_post_create", "security_unix_may_send", "security_socket_sendmsg",
        "security_socket_recvmsg",
    ]

    @Test(
        "Who talks to whom is told once with the right endpoints, live and recorded, of sockets new and old",
        .enabled(if: Guest.lists("socket.connect"), Guest.lacks("socket.connect")), arguments: Guest.ledgerKernels)
    func endpoints(kernel: String) async throws {
        let probes = EndpointLedger.aliases.map { "--probe " + $0 }.joined(separator: " ")
        let hookless = "--offsets calibrate " + Self.hooks.map { "--pretend-absent " + $0 }.joined(separator: " ")
        let outcome = try await Guest(kernel: kernel, timeout: 700).run(
            """
            traces > /out/before
            grep -c ' security_sock_graft$' /proc/kallsyms > /out/hooks
            report() { sockftrace report -v --format json $3 \(probes) $1.dat > /out/$2 2>> /out/$2.messages; echo "$2 $?"; }
            live() {
                name=$1; shift
                sockftrace trace -v --format json --fields fd "$@" \(probes) -o /out/$name \\
                    -- workload endpoints /out/$name.ledger 2> /out/$name.messages
                echo "$name $?"
            }
            live live-auto --offsets auto
            live live-calibrate --offsets calibrate
            live hookless \(hookless)
            sockftrace record -v --fields fd -o /tmp/recorded.dat -- workload endpoints /out/recorded.ledger \\
                2> /out/recorded.messages
            report /tmp/recorded recorded '--fields fd'
            # Sockets that are there before the trace begins, and are used then.
            older() {
                name=$1; shift
                rm -f /tmp/in /tmp/says; mkfifo /tmp/in
                workload older /out/$name.ledger < /tmp/in > /tmp/says & worker=$!
                exec 3> /tmp/in
                await grep -q ready /tmp/says
                "$@" 2> /out/$name.messages & tracer=$!
                await grep -q "has begun" /out/$name.messages
                printf x >&3; exec 3>&-
                wait $worker; echo "$name workload $?"
                kill -INT $tracer; wait $tracer; echo "$name $?"
            }
            older older sockftrace trace -v --format json \(probes) -o /out/older
            older older-recorded sockftrace record -v -o /tmp/older-recorded.dat
            report /tmp/older-recorded older-recorded
            older older-hookless sockftrace trace -v --format json \(hookless) \(probes) -o /out/older-hookless
            traces > /out/after
            """)
        try #require(outcome.status == 0, "\(outcome.log)")
        #expect(try outcome.text("before") == outcome.text("after"))
        for run in Self.endpointRuns {
            #expect(outcome.log.contains("\(run.name) 0\n"), "\(run.name):\n\(outcome.log)")
            try hold(run, outcome)
        }
    }

    private func hold(_ run: EndpointRun, _ outcome: Guest.Outcome) throws {
        let ledger = try EndpointLedger(outcome.lines(run.name + ".ledger"))
        let messages = try outcome.text(run.name + ".messages")
        // What the workload found unexpected, if it ended there, is among the messages.
        #expect(ledger.lines.count > (run.isOlder ? 200 : 20_000), "\(run.name): \(messages)")
        var comparison = EndpointComparison(ledger: ledger, events: try events(outcome.lines(run.name)))
        comparison.ignoresOthers = run.isOlder
        let lacksHooks = try run.isHookless || outcome.text("hooks") == "0\n"
        comparison.excuses =
            lacksHooks
            ? EndpointExcuses.withoutHooks(tellsAccepted: try outcome.isOlder(than: (6, 14))) : EndpointExcuses.hold
        let tally = comparison.tally()
        let words = """
            \(run.name): \(tally.summary)
            \(ledger.skipped.joined(separator: "\n"))
            \(tally.differences.prefix(10).joined(separator: "\n"))
            """
        #expect(tally.isRight && tally.unknown == 0, "\(words)")
        #expect(messages.contains("0 lost records, 0 missed returns"), "\(messages)")
    }
}
