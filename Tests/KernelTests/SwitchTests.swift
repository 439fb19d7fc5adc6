import LedgerSupport
import Foundation
import Testing

/// Switches that an administrator turns probes off with, before a trace and in its midst.
extension KernelTests {
    @Test(
        "With function tracing off nothing is armed or disarmed: all is explained, and the kernel stays sound",
        arguments: Guest.kernels)
    func functionTracingOff(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            switch=/proc/sys/kernel/ftrace_enabled
            [ -e $switch ] || { echo absent > /out/absent; exit 0; }
            remedy='sysctl kernel.ftrace_enabled=1'
            tried() { grep -q "$remedy" /tmp/said && echo "$1: explained" || cat /tmp/said; }
            echo 0 > $switch
            for command in 'trace -- touch /out/ran' 'record -o /tmp/x.dat -- touch /out/ran' 'summary -- touch /out/ran' \\
                doctor 'probes show' 'probes add'; do
                sockftrace $command > /tmp/said 2>&1; echo "$command: $?"; tried "$command"
            done
            traces > /out/refused
            echo 1 > $switch
            sockftrace trace -v > /out/events 2> /tmp/messages & tracer=$!
            await grep -q "has begun" /tmp/messages
            echo 0 > $switch
            kill -INT $tracer; wait $tracer; echo "ended: $?"
            cp /tmp/messages /tmp/said; tried ended
            traces > /out/left
            sockftrace clean > /tmp/said 2>&1; echo "clean while off: $?"; tried 'clean while off'
            traces > /out/still
            echo 1 > $switch
            sockftrace clean; echo "clean: $?"
            traces > /out/cleaned
            for round in 1 2; do sockftrace trace --format json -o /out/after.$round -- workload flood 10 64; echo "round $round: $?"; done
            traces > /out/after
            dmesg | grep -E 'WARNING|Failed to disarm|BUG' > /out/complaints
            cat $switch > /out/switch
            """)
        guard !outcome.has("absent") else { return }
        let log = outcome.log
        for command in ["trace", "record", "summary"] {
            #expect(log.split(separator: "\n").contains { $0.hasPrefix(command) && $0.hasSuffix(": 1") }, "\(log)")
        }
        for end in ["doctor: 1", "probes show: 1", "probes add: 1", "ended: 1", "clean while off: 1", "clean: 0"] {
            #expect(log.contains(end + "\n"), "\(end) in\n\(log)")
        }
        #expect(log.components(separatedBy: ": explained").count - 1 == 8, "\(log)")
        #expect(!outcome.has("ran"), "the command must not run untraced")
        #expect(try outcome.text("refused") == "")
        // What was armed stays, rather than break the kernel.
        let left = try outcome.text("left")
        #expect(left.contains("sockftrace_"), "\(left)")
        #expect(try outcome.text("still") == left)
        #expect(try outcome.text("cleaned") == "")
        #expect(try outcome.text("after") == "")
        for round in 1...2 {
            #expect(log.contains("round \(round): 0"), "\(log)")
            let sends = try events(outcome.lines("after.\(round)")).count { $0.name == "socket.send" }
            #expect(sends == 10)
        }
        #expect(try outcome.text("complaints") == "")
        #expect(try outcome.text("switch") == "1\n")
    }

    @Test(
        "With all kprobes off every command says so, and the next trace is whole",
        arguments: Guest.kernels)
    func kprobesOff(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            mount -t debugfs nodev /sys/kernel/debug
            switch=/sys/kernel/debug/kprobes/enabled
            remedy='echo 1 > /sys/kernel/debug/kprobes/enabled'
            echo 0 > $switch
            for command in 'trace -- touch /out/ran' 'record -o /tmp/x.dat -- touch /out/ran' doctor; do
                sockftrace $command > /tmp/said 2>&1; echo "${command%% *}: $?"
                grep -q "$remedy" /tmp/said && echo "${command%% *}: explained" || cat /tmp/said
            done
            traces > /out/refused
            echo 1 > $switch
            sockftrace trace --format json -o /out/events -- workload flood 10 64; echo "after: $?"
            traces > /out/after
            dmesg | grep -E 'WARNING|Failed to disarm|BUG' > /out/complaints
            """)
        for command in ["trace", "record", "doctor"] {
            #expect(
                outcome.log.contains("\(command): 1\n") && outcome.log.contains("\(command): explained"),
                "\(outcome.log)")
        }
        #expect(!outcome.has("ran"))
        #expect(try outcome.text("refused") == "")
        #expect(try outcome.text("after") == "")
        #expect(try outcome.text("complaints") == "")
        #expect(outcome.log.contains("after: 0"))
        #expect(try events(outcome.lines("events")).count { $0.name == "socket.send" } == 10)
    }
}
