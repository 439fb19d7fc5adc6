import LedgerSupport
import Testing

/// Where the output has no room, or no reader.
extension KernelTests {
    @Test(
        "On a full disk the file has what its readers need, and says that it ended early", arguments: Guest.kernels)
    func fullDisk(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            mkdir /tmp/small; mount -t tmpfs -o size=10m none /tmp/small
            sockftrace record --compression none -o /tmp/small/trace.dat -- workload flood 60000 64 2> /out/messages
            echo "record $?"
            sockftrace report --strict --format json /tmp/small/trace.dat > /out/events 2> /out/said; echo "report $?"
            sockftrace report --all --format json /tmp/small/trace.dat > /out/all 2> /dev/null; echo "all $?"
            sockftrace report --info /tmp/small/trace.dat > /out/info; echo "info $?"
            traces > /out/after
            """)
        #expect(outcome.log.contains("record 1") && outcome.log.contains("report 3"), "\(outcome.log)")
        #expect(outcome.log.contains("all 0") && outcome.log.contains("info 0"), "\(outcome.log)")
        let messages = try outcome.text("messages")
        #expect(messages.contains("No space left") && messages.contains("until then"), "\(messages)")
        for text in [try outcome.text("said"), try outcome.text("info")] {
            #expect(text.contains("ended early") && text.contains("No space left"), "\(text)")
        }
        // Which version recorded it.
        let recorder = try outcome.lines("info").first { $0.hasPrefix("  recorder ") } ?? ""
        #expect(recorder.split(separator: " ").count == 3 && recorder.contains("sockftrace "), "\(recorder)")
        // All that was recorded is the command's, but for what its tracer and the machine do themselves.
        let sends = try events(outcome.lines("events")).count {
            $0.name == "socket.send" && $0.text("comm") == "workload"
        }
        let all = try events(outcome.lines("all")).count { $0.name == "socket.send" }
        #expect(sends > 1000 && sends >= all * 9 / 10, "\(sends) of \(all)")
        #expect(try outcome.text("after") == "")
    }

    @Test(
        "A FIFO is written to when somebody reads it; until then a signal ends the wait", arguments: Guest.kernels)
    func fifo(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            mkfifo /tmp/fifo
            isAsleep() { grep -q poll /proc/$1/wchan || [ "$(cut -d ' ' -f 3 /proc/$1/stat)" = S ]; }
            sockftrace trace -o /tmp/fifo -- touch /out/ran 2> /dev/null & tracer=$!
            await isAsleep $tracer
            kill -TERM $tracer; wait $tracer; echo "unread $?"
            sockftrace trace --format json -o /tmp/fifo -- workload flood 20 64 > /dev/null & tracer=$!
            cat /tmp/fifo > /out/events
            wait $tracer; echo "read $?"
            traces > /out/after
            """)
        #expect(outcome.log.contains("unread 143") && outcome.log.contains("read 0"), "\(outcome.log)")
        #expect(!outcome.has("ran"))
        #expect(try events(outcome.lines("events")).count { $0.name == "socket.send" } == 20)
        #expect(try outcome.text("after") == "")
    }
}
