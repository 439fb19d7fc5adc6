import LedgerSupport
import Testing

/// With few file descriptors.
extension KernelTests {
    @Test(
        "Too few descriptors are told before anything is traced; a soft limit is raised, and the command gets it back",
        arguments: Guest.kernels)
    func fewDescriptors(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            for limit in 8 9 10 11 12 13 14 16 18 24 48; do
                (ulimit -n $limit; sockftrace trace -- touch /out/ran) > /tmp/said 2>&1; status=$?
                traces > /tmp/now
                grep -q 'ulimit -n' /tmp/said && [ $status = 1 ] && ! [ -s /tmp/now ] || { echo "WRONG at $limit: $status"; cat /tmp/said /tmp/now; }
            done
            (ulimit -S -n 12; sockftrace trace --format json -o /out/events -- sh -c 'ulimit -n > /out/limit; workload flood 10 64'); echo "soft $?"
            (ulimit -S -n 12; sockftrace record -o /out/trace.dat -- workload flood 10 64); echo "record $?"
            sockftrace report --format json /out/trace.dat > /out/recorded
            """)
        #expect(!outcome.log.contains("WRONG"), "\(outcome.log)")
        #expect(outcome.log.contains("soft 0") && outcome.log.contains("record 0"), "\(outcome.log)")
        #expect(!outcome.has("ran"))
        #expect(try outcome.text("limit") == "12\n")
        for kind in ["events", "recorded"] {
            #expect(try events(outcome.lines(kind)).count { $0.name == "socket.send" } == 10)
        }
    }
}
