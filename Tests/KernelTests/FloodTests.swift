import Testing

/// More than the buffers hold.
extension KernelTests {
    @Test(
        "In a flood what is read and what is lost is what was made, to the record, live and recorded",
        .enabled(if: Guest.triesFaults, Guest.whyNoFaults), arguments: Guest.kernels, [2, 8])
    func flood(kernel: String, cpus: Int) async throws {
        // The kernel's own tracepoints, births and ends of tasks for two, are switched off, so that each record is a hit of
        // a probe, which the kernel counts by itself. The tracer is held in the second half, so that the buffers overflow
        // whatever the machine's speed.
        let outcome = try await Guest(kernel: kernel, cpus: cpus, timeout: 600).run(
            """
            hits() { awk '{ sum += $2 } END { print sum + 0 }' $tracing/kprobe_profile; }
            sum() { cat $instance/per_cpu/cpu*/stats | awk -F ': ' -v "wanted=$1" '$1 ~ wanted { sum += $2 } END { print sum + 0 }'; }
            written() { sum '^(entries|read events|overrun|commit overrun|dropped events)$'; }
            drown() {
                await grep -q "has begun" /out/$1.messages
                instance=$(ls -d $tracing/instances/sockftrace_*)
                for group in $instance/events/*/; do
                    case ${group##*/events/} in sockftrace_*) ;; *) echo 0 > $group/enable ;; esac
                done
                kill -STOP $tracer; hits=$(hits) written=$(written); kill -CONT $tracer
                workload flood 4000 64 \(cpus) > /dev/null
                kill -STOP $tracer
                workload flood 16000 64 \(cpus) > /dev/null
                echo $(($(hits) - hits)) $(($(written) - written)) $(sum '^(overrun|commit overrun|dropped events)$') > /out/$1.counts
                kill -CONT $tracer; kill -INT $tracer; wait $tracer; echo "$1 $?"
            }
            sockftrace trace -v --format json --buffer-kb 64 -o /out/live 2> /out/live.messages & tracer=$!
            drown live
            sockftrace record -v --buffer-kb 64 -o /out/trace.dat 2> /out/recorded.messages & tracer=$!
            drown recorded
            """)
        #expect(outcome.log.contains("live 0") && outcome.log.contains("recorded 0"), "\(outcome.log)")
        for kind in ["live", "recorded"] {
            let counts = try outcome.text("\(kind).counts").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
            try #require(counts.count == 3)
            // 20,000 messages sent and received, each with an entry and a return at least.
            #expect(counts[0] >= 20_000 * 4, "\(kind): \(counts)")
            #expect(counts[0] == counts[1], "\(kind): hits of the probes, and records written")
            let messages = try outcome.text("\(kind).messages")
            #expect(
                counts[2] > 0 && messages.contains("\(counts[2]) lost records"), "\(kind): \(counts[2]) in\n\(messages)"
            )
            // Of each CPU as many were read here as the kernel says.
            #expect(!messages.contains("else read") && !messages.contains("emptied"), "\(messages)")
        }
    }
}
