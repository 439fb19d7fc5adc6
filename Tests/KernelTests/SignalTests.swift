import Testing

/// What a signal ends leaves nothing in the kernel. One processor: code that is patched all the time is more than the
/// emulator bears with two.
extension KernelTests {
    /// The numbers of all signals that end a process and can be caught, but the C library's own 32 and 33.
    private static let ending =
        [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 24, 26, 27, 29, 30, 31] + Array(34...64)

    @Test(
        "Every signal that can be caught ends a trace in good order",
        .enabled(if: Guest.triesFaults, Guest.whyNoFaults), arguments: Guest.kernels)
    func everySignal(kernel: String) async throws {
        let signals = Self.ending.map(String.init).joined(separator: " ")
        let outcome = try await Guest(kernel: kernel, cpus: 1, timeout: 600).run(
            """
            for signal in \(signals); do
                : > /tmp/messages
                sockftrace trace -v --probe socket.close > /dev/null 2> /tmp/messages & tracer=$!
                await grep -q "has begun" /tmp/messages
                kill -$signal $tracer; wait $tracer; status=$?
                traces > /tmp/now
                [ $status = 0 ] && ! [ -s /tmp/now ] || { echo "signal $signal: $status"; cat /tmp/now; }
            done
            """)
        #expect(outcome.status == 0 && !outcome.log.contains("signal "), "\(outcome.log)")
    }

    @Test(
        "A signal during start-up ends it at once: no command is run, nothing is left",
        .enabled(if: Guest.triesFaults, Guest.whyNoFaults), arguments: Guest.kernels)
    func signalDuringStartUp(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel, cpus: 1).run(
            """
            # Files of tracefs have no size.
            hasProbes() { grep -q . $tracing/kprobe_events; }
            for signal in INT TERM USR1; do
                for command in 'trace -- touch /out/ran' 'record -o /out/x.dat -- touch /out/ran' 'summary -- touch /out/ran' \\
                    doctor 'probes show'; do
                    sockftrace $command > /tmp/said 2>&1 & tracer=$!
                    await hasProbes
                    kill -$signal $tracer; wait $tracer; echo "$signal ${command%% *} $?"
                    traces > /tmp/now; ! [ -s /tmp/now ] || { echo "LEFT by $command"; cat /tmp/now; }
                    grep -q 'stopped by signal' /tmp/said || { echo "SILENT"; cat /tmp/said; }
                done
            done
            """)
        let log = outcome.log
        for (name, number) in [("INT", 130), ("TERM", 143), ("USR1", 138)] {
            for command in ["trace", "record", "summary", "doctor", "probes"] {
                #expect(log.contains("\(name) \(command) \(number)\n"), "\(log)")
            }
        }
        #expect(!log.contains("LEFT") && !log.contains("SILENT"), "\(log)")
        #expect(!outcome.has("ran") && !outcome.has("x.dat"))
    }
}
