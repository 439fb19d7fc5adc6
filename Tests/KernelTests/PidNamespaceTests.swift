import Foundation
import LedgerSupport
import Testing

/// In a container with process numbers of its own.
extension KernelTests {
    /// `inside SCRIPT` runs a script as process 1 of such a container, with a /proc of its own.
    private static let prelude = """
        inside() { unshare -p -f -m sh -c "mount -t proc proc /proc; $1"; }

        """

    @Test(
        "In a pid namespace a command, --pid and a recording show the same as outside",
        arguments: Guest.kernels)
    func pidNamespace(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            Self.prelude + """
                inside 'sockftrace trace --format json -o /out/command -- workload short-lived 5 /out/command.ledger; echo "command $?"
                    sockftrace record -o /out/trace.dat -- workload short-lived 5 /out/recorded.ledger; echo "record $?"
                    sockftrace trace --offsets calibrate --format json -o /out/calibrated -- workload short-lived 5 /out/calibrated.ledger
                    echo "calibrated $?"
                    sockftrace doctor > /out/doctor; echo "doctor $?"'
                sockftrace report --format json /out/trace.dat > /out/recorded; echo "report $?"
                mkfifo /tmp/in
                inside 'mkdir /tmp/mine
                    sh -c "read begin; workload flood 100 64 2; workload flood 100 64; exec workload flood 50 64 3" < /tmp/in > /dev/null &
                    process=$!
                    (sockftrace trace -v --format json --pid $process --follow > /out/process 2> /out/process.messages; echo "process $?") &
                    until grep -q "has begun" /out/process.messages; do usleep 20000; done
                    workload flood 100 64 > /dev/null
                    echo begin > /tmp/in
                    wait $process; kill -INT $(pidof sockftrace); wait'
                traces > /out/after
                """)
        for end in ["command 0", "record 0", "calibrated 0", "doctor 0", "report 0", "process 0"] {
            #expect(outcome.log.contains(end + "\n"), "\(end) in\n\(outcome.log)")
        }
        for kind in ["command", "recorded", "calibrated"] {
            // The ledger has the container's numbers, the trace the kernel's: operations are compared by their order.
            let ledger = try outcome.lines("\(kind).ledger").map { LedgerLine($0) }
            let seen = try events(outcome.lines(kind))
            for (operation, alias) in [("send", "socket.send"), ("receive", "socket.receive")] {
                let made = ledger.filter { $0.operation == operation }.compactMap { $0.number("result") }
                let shown = seen.filter { $0.name == alias }.map { $0.number("size") ?? $0.number("err") ?? 0 }
                #expect(!made.isEmpty && made.sorted() == shown.sorted(), "\(kind) \(operation)")
            }
            #expect(seen.allSatisfy { $0.text("comm") != nil && $0.number("pid") != nil }, "\(kind)")
        }
        let process = try events(outcome.lines("process"))
        #expect(process.count { $0.name == "socket.send" } == 250, "\(process.count)")
        #expect(process.allSatisfy { $0.number("pid") != nil })
        #expect(try outcome.text("doctor").contains("tracing can work here"))
        #expect(try outcome.text("after") == "")
    }

    @Test(
        "A trace of the whole system from a container gives no task the name of another, and leaves no host process out",
        .enabled(if: Guest.triesFaults, Guest.whyNoFaults), arguments: Guest.kernels)
    func wholeSystemFromContainer(kernel: String) async throws {
        // In the container the tracer gets the number of one host process, and a sleeper named impostor that of another.
        let outcome = try await Guest(kernel: kernel).run(
            Self.prelude + """
                [ -e /proc/sys/kernel/ns_last_pid ] || { echo absent > /out/absent; exit 0; }
                cp /test/workload /tmp/honest
                printf '#!/bin/sh\\nread line\\n' > /tmp/impostor; chmod +x /tmp/impostor
                mkfifo /tmp/one /tmp/two /tmp/never
                sh -c 'read begin; exec /tmp/honest chapters /out/one.ledger unix' < /tmp/one > /dev/null & first=$!
                sh -c 'read begin; exec /tmp/honest chapters /out/two.ledger unix' < /tmp/two > /dev/null & second=$!
                exec 3> /tmp/one 4> /tmp/two
                echo $first > /out/first; echo $second > /out/second
                inside "echo \\$(($first - 1)) > /proc/sys/kernel/ns_last_pid
                    sockftrace trace -v --format json > /out/events 2> /out/messages &
                    echo \\$(($second - 1)) > /proc/sys/kernel/ns_last_pid
                    /tmp/impostor < /tmp/never &
                    echo \\$! > /out/impostor; pidof sockftrace > /out/tracer
                    until grep -q 'has begun' /out/messages; do usleep 20000; done
                    : > /out/begun
                    while [ -e /out/begun ]; do usleep 20000; done
                    kill -INT \\$(pidof sockftrace); wait \\$(cat /out/tracer); echo trace \\$?" &
                container=$!
                await test -e /out/begun
                echo begin >&3; wait $first; echo begin >&4; wait $second
                rm /out/begun; wait $container
                """)
        guard !outcome.has("absent") else { return }
        #expect(outcome.log.contains("trace 0"), "\(outcome.log)")
        let first = Int(try outcome.text("first").filter(\.isNumber))
        let second = Int(try outcome.text("second").filter(\.isNumber))
        #expect(Int(try outcome.text("tracer").filter(\.isNumber)) == first, "the tracer must have the host's number")
        #expect(Int(try outcome.text("impostor").filter(\.isNumber)) == second)
        let seen = try events(outcome.lines("events"))
        // Both do the same, by their first threads.
        var counts: Set<Int> = []
        for process in [first, second] {
            let own = seen.filter { $0.number("tid") == process && $0.name == "socket.send" }
            counts.insert(own.count)
            #expect(own.allSatisfy { $0.text("comm") == nil || $0.text("comm") == "honest" }, "\(own.prefix(1))")
        }
        #expect(counts.count == 1 && counts.allSatisfy { $0 > 100 }, "\(counts)")
    }

    @Test(
        "Tracers of one number in two containers do not meet, dead or alive, and clean never takes itself for an owner",
        .enabled(if: Guest.triesFaults, Guest.whyNoFaults), arguments: Guest.kernels)
    func twoContainers(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            Self.prelude + """
                # The tracer among the descendants of a process.
                tracerOf() {
                    for child in $(cat /proc/$1/task/$1/children); do
                        if [ "$(cat /proc/$child/comm)" = sockftrace ]; then echo $child; else tracerOf $child; fi
                    done
                }
                # Each is process 1 of its container.
                begin() {
                    inside "exec sockftrace trace -v --format json -o /out/$1 -- sh -c 'until [ -e /tmp/go ]; do usleep 20000; done
                        workload flood 20 64'" > /dev/null 2> /out/$1.messages &
                    started=$!
                    await grep -q "has begun" /out/$1.messages
                }
                begin one; one=$started; begin two; two=$started
                begin dead; dead=$started
                ls $tracing/instances > /out/instances
                kill -KILL $(tracerOf $dead); wait $dead
                inside 'exec sockftrace clean' > /out/clean 2>&1; echo "clean $?"
                ls $tracing/instances > /out/cleaned
                touch /tmp/go
                wait $one; echo "one $?"; wait $two; echo "two $?"
                traces > /out/after
                """)
        for end in ["clean 0", "one 0", "two 0"] { #expect(outcome.log.contains(end), "\(outcome.log)") }
        let names = try outcome.lines("instances")
        #expect(names.count == 3 && names.allSatisfy { $0.hasPrefix("sockftrace_1_") }, "\(names)")
        #expect(try outcome.lines("cleaned").count == 2)
        let cleaned = try outcome.text("clean")
        #expect(
            cleaned.contains("removed the instance") && cleaned.components(separatedBy: "is running").count == 3,
            "\(cleaned)")
        for name in ["one", "two"] {
            #expect(try events(outcome.lines(name)).count { $0.name == "socket.send" } == 20)
        }
        #expect(try outcome.text("after") == "")
    }
}
