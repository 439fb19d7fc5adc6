import LedgerSupport
import Testing

extension KernelTests {
    @Test(
        "Two traces at once, one killed: the other goes on, clean removes just the dead one's", arguments: Guest.kernels
    )
    func killedTracer(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            echo 'p:foreign/mine __sock_create' > $tracing/kprobe_events
            sockftrace probes add > /out/added
            traces > /out/before
            start() {
                sockftrace trace -v --format json > /out/$1 2> /out/$1.messages &
                started=$!
                await grep -q "has begun" /out/$1.messages
            }
            start dead; dead=$started
            start living; living=$started
            workload short-lived 20 /out/ledger
            kill -KILL $dead; wait $dead
            workload short-lived 20 /out/ledger
            sockftrace clean > /out/clean 2>&1; echo "clean $?"
            traces > /out/cleaned
            workload short-lived 20 /out/ledger
            kill -TERM $living; wait $living; echo "living $?"
            traces > /out/after
            echo $dead > /out/dead.pid; echo $living > /out/living.pid
            sockftrace probes remove; echo "remove $?"
            traces > /out/removed
            """)
        #expect(outcome.log.contains("clean 0") && outcome.log.contains("remove 0"), "\(outcome.log)")
        let dead = try #require(outcome.lines("dead.pid").first)
        let living = try #require(outcome.lines("living.pid").first)
        let cleaned = try outcome.text("cleaned")
        #expect(!cleaned.contains("sockftrace_\(dead)"), "\(cleaned)")
        #expect(cleaned.contains("sockftrace_\(living)") && cleaned.contains("foreign/mine"), "\(cleaned)")
        #expect(cleaned.contains("sockftrace/"), "what `probes add` installed stays")
        #expect(try outcome.text("before") == outcome.text("after"))
        #expect(try outcome.lines("removed").map { $0.split(separator: " ")[0] } == ["p:foreign/mine"])
        try expectNoDifference(outcome.lines("ledger").map { LedgerLine($0) }, outcome.lines("living"))
    }

    @Test("After any end of a trace or recording the kernel is as before", arguments: Guest.kernels)
    func everyEnd(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel, programs: ["trace-cmd"]).run(
            """
            # The first event that anybody enables gives the top buffer its size; that is not the tracer's doing.
            echo 1 > $tracing/events/sched/sched_switch/enable; echo 0 > $tracing/events/sched/sched_switch/enable
            settings() { traces; cat $tracing/tracing_on $tracing/trace_clock $tracing/buffer_size_kb \\
                $tracing/events/enable; }
            settings > /out/before
            check() { settings > /tmp/now; cmp -s /out/before /tmp/now && echo "$1 clean" || { echo "$1 DIRTY"; cat /tmp/now; }; }
            begin() {
                : > /tmp/messages
                "$@" -v 2> /tmp/messages & tracer=$!
                await grep -q "has begun" /tmp/messages
            }
            for signal in INT TERM HUP; do
                begin sockftrace trace > /out/trace-$signal
                kill -$signal $tracer; wait $tracer; echo "trace $signal $?"; check "trace $signal"
                begin sockftrace record -o /out/$signal.dat
                workload short-lived 3 /tmp/ledger
                kill -$signal $tracer; wait $tracer; echo "record $signal $?"; check "record $signal"
                sockftrace report /out/$signal.dat > /tmp/report 2>&1; echo "report $signal $?"
                grep -c socket.send /tmp/report
                trace-cmd report /out/$signal.dat > /dev/null 2> /tmp/complaints; cat /tmp/complaints
            done
            sockftrace trace -- false 2> /dev/null; echo "false $?"; check false
            sockftrace trace -- /no/such/command 2> /out/no-command; echo "absent $?"; check absent
            sockftrace trace --duration 0.2 > /dev/null 2>&1; echo "duration $?"; check duration
            sockftrace trace -- workload short-lived 50 /tmp/ledger 2> /dev/null | head -n 2 | wc -l; check pipe
            sockftrace trace -- workload short-lived 50 /tmp/ledger > /dev/full 2> /out/full; echo "full $?"; check full
            mkdir /tmp/small; mount -t tmpfs -o size=2m none /tmp/small
            sockftrace record -o /tmp/small/trace.dat -- workload ledger /tmp/ledger 2> /out/disk; echo "disk $?"; check disk
            sockftrace report /tmp/small/trace.dat 2> /dev/null | wc -l > /out/disk.events; echo "disk-report $?"
            trace-cmd report /tmp/small/trace.dat 2> /out/disk.complaints | wc -l > /out/disk.records
            sockftrace record -o /no/such/directory/trace.dat 2> /out/directory; echo "directory $?"; check directory
            """)
        let log = outcome.log
        #expect(!log.contains("DIRTY"), "\(log)")
        for expected in [
            "trace INT 0", "trace TERM 0", "trace HUP 0", "record INT 0", "record TERM 0", "record HUP 0",
            "report INT 0",
            "false 1", "absent 127", "duration 0", "full 1", "disk 1", "directory 1",
        ] {
            #expect(log.contains(expected), "\(expected) in\n\(log)")
        }
        #expect(try outcome.text("full").contains("No space left"))
        #expect(try outcome.text("disk").contains("No space left"))
        let survivors = try #require(outcome.lines("disk.events").first)
        #expect((Int(survivors.split(separator: " ").joined()) ?? 0) > 100)
        #expect(try outcome.text("disk.complaints") == "")
        for message in ["no-command", "directory"] {
            #expect(try outcome.text(message).contains("sockftrace: "))
        }
    }
}
