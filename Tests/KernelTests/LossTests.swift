import LedgerSupport
import Testing

extension KernelTests {
    @Test("A buffer made too small loses records: all are counted and no pair is wrong", arguments: Guest.kernels)
    func lossesAreCounted(kernel: String) async throws {
        // The tracer is held while the workload runs, so that the buffer overflows whatever the machine's speed; what
        // the kernel says it dropped is read while the tracer is still held.
        let outcome = try await Guest(kernel: kernel).run(
            """
            sockftrace trace -v --format json --buffer-kb 32 > /out/events 2> /out/messages & tracer=$!
            await grep -q "has begun" /out/messages
            instance=$(ls -d $tracing/instances/sockftrace_${tracer}_*)
            workload short-lived 5 /out/ledger
            kill -STOP $tracer
            workload ledger /out/ledger
            for i in 1 2 3 4 5; do kill -CONT $tracer; workload short-lived 20 /out/ledger; kill -STOP $tracer
            workload flood 500 100 1 > /dev/null; done
            cat $instance/per_cpu/cpu*/stats > /out/stats
            kill -CONT $tracer; kill -INT $tracer; wait $tracer; echo "trace $?"
            traces > /out/after
            """)
        #expect(outcome.log.contains("trace 0"), "\(outcome.log)")
        #expect(try outcome.text("after") == "")
        let kernelCount = try outcome.lines("stats")
            .filter { $0.hasPrefix("overrun:") || $0.hasPrefix("commit overrun:") || $0.hasPrefix("dropped events:") }
            .compactMap { Int($0.split(separator: " ").last ?? "") }.reduce(0, +)
        #expect(kernelCount > 0)
        let seen = try events(outcome.lines("events"))
        let told = seen.filter { $0.name == "lost" }
        // A sub-buffer that was full to the last byte has no room for its count, and the kernel does not say it.
        let counted = told.compactMap { $0.number("count") }.reduce(0, +)
        let isAllCounted = told.allSatisfy { $0.number("count") != nil }
        #expect(isAllCounted ? counted == kernelCount : counted < kernelCount)
        let messages = try outcome.text("messages")
        #expect(messages.contains("\(kernelCount) "), "\(messages)")

        let ledger = Dictionary(
            grouping: try outcome.lines("ledger").map { LedgerLine($0) }.filter { $0.operation != "close" },
            by: \.thread)
        let messagesAndCreations: Set = ["socket.send", "socket.receive", "socket.create.return"]
        let conclusions = seen.filter {
            messagesAndCreations.contains($0.name) && ledger[$0.thread] != nil && $0.number("duration") != nil
        }
        #expect(conclusions.count > 100)
        for event in conclusions {
            #expect(ledger[event.thread]?.contains { Self.isPair(event, of: $0) } == true, "\(event)")
        }
    }

    @Test(
        "After a loss the ends of sockets are unknown, and known again when they have been listed, live and recorded",
        arguments: Guest.kernels)
    func socketsAreListedAfterLoss(kernel: String) async throws {
        // IPv6 ends are in no record of a message, only in the table of sockets.
        let outcome = try await Guest(kernel: kernel).run(
            """
            mkfifo /tmp/words /tmp/silence; exec 5<> /tmp/words 6<> /tmp/silence
            nc -l -p 7777 <&6 > /dev/null & await grep -q :1E61 /proc/net/tcp6
            nc ::1 7777 <&5 & await grep -q ':1E61 .* 01 ' /proc/net/tcp6
            lose() {
                kill -STOP $tracer; workload flood 3000 100 1 > /dev/null; kill -CONT $tracer
            }
            # Until a message of the old connection shows its end again.
            sockftrace trace -v --format json --buffer-kb 64 > /out/live 2> /out/messages & tracer=$!
            await grep -q "has begun" /out/messages
            echo before >&5; await grep -q '"comm":"nc".*"remote_port":7777' /out/live
            lose; await grep -q '"lost"' /out/live
            lines=$(wc -l < /out/live)
            shown() { echo after >&5; tail -n +$lines /out/live | grep -q '"comm":"nc".*"remote_port":7777'; }
            await shown; echo "shown $?"
            kill -INT $tracer; wait $tracer
            sockftrace record -v --buffer-kb 64 -o /tmp/trace.dat 2> /out/messages & tracer=$!
            await grep -q "has begun" /out/messages
            lose
            # Whoever follows the file has what was recorded so far.
            sockftrace report --follow-file --format json /tmp/trace.dat > /out/followed & follower=$!
            later() {
                echo after >&5
                awk '/"lost"/ { known = 0 } /"comm":"nc".*"remote_port":7777/ { known = 1 } END { exit !known }' /out/followed
            }
            await later; echo "followed $?"
            kill -INT $tracer; wait $tracer $follower
            sockftrace report --format json /tmp/trace.dat > /out/recorded
            traces > /out/after
            """)
        for known in ["shown 0", "followed 0"] { #expect(outcome.log.contains(known), "\(outcome.log)") }
        #expect(try outcome.text("after") == "")
        for name in ["live", "recorded"] {
            let seen = try events(outcome.lines(name))
            let loss = try #require(seen.lastIndex { $0.name == "lost" }, "\(name): nothing was lost")
            let later = seen[loss...].filter { $0.name == "socket.send" && $0.text("comm") == "nc" }
            // Unknown first, then known to the end, and never anything else.
            let known = later.map { $0.number("remote_port") == 7777 && $0.text("remote_address") == "::1" }
            #expect(known.last == true, "\(name): \(known)")
            #expect(known.drop { !$0 }.allSatisfy { $0 }, "\(name): \(known)")
            #expect(later.allSatisfy { [nil, 7777].contains($0.number("remote_port")) }, "\(name)")
        }
    }

    /// The event's entry and return both lie within one operation of the ledger, with its values.
    private static func isPair(_ event: EventLine, of line: LedgerLine) -> Bool {
        guard let time = event.number("time"), let duration = event.number("duration"), let before = line.number("t0"),
            let after = line.number("t1"), time <= after, time - duration >= before
        else { return false }
        let keys = ["family", "type"]
        // The protocol that stands for "any" is the family's own once there is a socket.
        let protocols = [line.number("protocol"), line.number("protocol") == 0 ? line.defaultProtocol : nil]
        return protocols.contains { $0 == event.number("protocol") }
            && keys.allSatisfy { event.number($0) == line.number(Substring($0)) }
            && (event.number("size") ?? event.number("err")) == line.number("result")
    }
}
