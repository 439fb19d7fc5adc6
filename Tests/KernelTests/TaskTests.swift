import LedgerSupport
import Testing

extension KernelTests {
    @Test("Two thousand threads asleep in recv are woken: two thousand returns", arguments: Guest.kernels)
    func sleepingReceivers(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            sockftrace trace --format json -o /out/events -- workload receivers 2000 /out/ledger > /out/messages 2>&1
            echo "trace $?"
            """)
        #expect(outcome.log.contains("trace 0"), "\(outcome.log)")
        let ledger = try outcome.lines("ledger").map { LedgerLine($0) }
        #expect(ledger.filter { $0.operation == "receive" }.count >= 2000)
        try expectNoDifference(ledger, outcome.lines("events"))
    }

    @Test("A thousand short-lived processes bear their own names, live and recorded", arguments: Guest.kernels)
    func shortLivedProcesses(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            sockftrace trace --format json -o /out/live -- workload short-lived 1000 /out/live.ledger > /out/messages 2>&1
            echo "trace $?"
            sockftrace record -o /out/trace.dat -- workload short-lived 1000 /out/recorded.ledger 2>> /out/messages
            echo "record $?"
            sockftrace report --format json /out/trace.dat > /out/recorded 2>> /out/messages
            echo "report $?"
            """)
        for program in ["trace", "record", "report"] {
            #expect(outcome.log.contains("\(program) 0"), "\(outcome.log)")
        }
        for kind in ["live", "recorded"] {
            let ledger = try outcome.lines("\(kind).ledger").map { LedgerLine($0) }
            #expect(Set(ledger.map(\.thread.pid)).count >= 1000)
            try expectNoDifference(ledger, outcome.lines(kind))
        }
    }

    @Test(
        "What is under way at attach is not invented, what is at detach is told as unfinished", arguments: Guest.kernels
    )
    func operationsInFlight(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            mkfifo /tmp/in
            workload in-flight /out/ledger < /tmp/in > /tmp/says & worker=$!
            exec 3> /tmp/in
            await grep -q ready /tmp/says
            sockftrace trace -v --format json > /out/events 2> /out/messages & tracer=$!
            await grep -q "has begun" /out/messages
            printf x >&3
            await grep -q blocked /tmp/says
            kill -INT $tracer; wait $tracer; echo "trace $?"
            printf x >&3; exec 3>&-; wait $worker; echo "worker $?"
            traces > /out/after
            """)
        #expect(outcome.log.contains("trace 0") && outcome.log.contains("worker 0"), "\(outcome.log)")
        let seen = try events(outcome.lines("events"))
        // The sends that woke the receivers are seen; of the two receives one began before, one ended after.
        #expect(seen.contains { $0.name == "socket.send" })
        #expect(!seen.contains { $0.name == "socket.receive" }, "\(seen)")
        let messages = try outcome.text("messages")
        #expect(messages.contains("1 unfinished"), "\(messages)")
        #expect(messages.contains("1 operation in progress when the trace began"), "\(messages)")
        #expect(try outcome.text("after") == "")
    }

    // One processor: what strangers do all the time while code is patched is more than the emulator bears with two.
    @Test("What strangers do does not even reach the buffer", arguments: Guest.kernels)
    func strangers(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel, cpus: 1, programs: ["trace-cmd"]).run(
            """
            cp /test/workload /tmp/stranger; cp /test/workload /tmp/friend
            /tmp/stranger flood 1000000000 64 > /dev/null & stranger=$!
            sockftrace record -o /out/own.dat -- workload chapters /out/own.ledger unix 2> /out/messages
            echo "own $?"
            sockftrace record -v -o /out/named.dat --comm friend 2> /out/named.messages & recorder=$!
            await grep -q "has begun" /out/named.messages
            /tmp/friend flood 500 64
            kill -INT $recorder; wait $recorder; echo "named $?"
            kill $stranger
            for kind in own named; do
                sockftrace report --format json /out/$kind.dat > /out/$kind 2>> /out/messages
                trace-cmd report /out/$kind.dat > /out/$kind.records 2>> /out/messages
            done
            """)
        #expect(outcome.log.contains("own 0") && outcome.log.contains("named 0"), "\(outcome.log)")
        // Connections are told, too, and are not of this ledger.
        let ofLedger = try outcome.lines("own").filter { line in
            AliasNames.standard.contains { line.contains("\"name\":\"\($0)\"") }
        }
        try expectNoDifference(outcome.lines("own.ledger").map { LedgerLine($0) }, ofLedger)
        let named = try events(outcome.lines("named"))
        #expect(named.count { $0.name == "socket.send" } == 500 && named.count { $0.name == "socket.receive" } == 500)
        for kind in ["own", "named"] {
            let records = try outcome.lines("\(kind).records")
            #expect(records.count > 500)
            #expect(!records.contains { $0.contains("stranger-") && !$0.contains("task_") }, "\(kind)")
        }
    }

    @Test(
        "What threads, children and io_uring's workers of a process do is told, and nothing else",
        arguments: Guest.kernels)
    func processAndItsOwn(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            for kind in alone following; do
                rm -f /tmp/in; mkfifo /tmp/in
                sh -c 'read begin; workload flood 100 64 2; workload uring-workers 50; exec workload uring-workers 50' \\
                    < /tmp/in > /dev/null & process=$!
                exec 3> /tmp/in
                [ $kind = following ] && follow=--follow || follow=
                sockftrace trace -v --format json --pid $process $follow > /out/$kind 2> /out/$kind.messages & tracer=$!
                await grep -q "has begun" /out/$kind.messages
                workload flood 100 64
                echo begin >&3; exec 3>&-
                wait $process; echo "$kind workload $?"
                echo $process > /out/$kind.process
                kill -INT $tracer; wait $tracer; echo "$kind trace $?"
            done
            sockftrace trace --format json -o /out/command -- sh -c 'workload flood 100 64 2; workload uring-workers 50'
            echo "command trace $?"
            """)
        for end in ["alone workload", "alone trace", "following workload", "following trace", "command trace"] {
            #expect(outcome.log.contains("\(end) 0"), "\(outcome.log)")
        }
        // Messages sent, and those of them by threads that are not the first of their process.
        for (kind, sent, byThreads) in [("alone", 50, 50), ("following", 200, 200), ("command", 150, 150)] {
            let seen = try events(outcome.lines(kind))
            for name in ["socket.send", "socket.receive"] {
                let messages = seen.filter { $0.name == name && $0.number("success") == 1 }
                #expect(messages.count == sent, "\(kind): \(messages.count) \(name)")
                let count = messages.count { $0.number("pid") != $0.number("tid") && $0.number("pid") != nil }
                #expect(count == byThreads, "\(kind): \(count) \(name) by threads")
            }
            guard kind == "alone" else { continue }
            let process = Int(try outcome.text("alone.process").filter(\.isNumber))
            #expect(seen.allSatisfy { $0.number("pid") == process })
        }
    }

    /// The standard aliases hold against a ledger.
    func expectNoDifference(
        _ ledger: [LedgerLine], _ lines: [Substring], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let differences = LedgerComparison(
            ledger: ledger, events: try events(lines), aliases: Self.standardAliases
        ).differences()
        #expect(
            differences.isEmpty, "\(differences.count)\n\(differences.prefix(10).joined(separator: "\n"))",
            sourceLocation: sourceLocation)
    }
}
