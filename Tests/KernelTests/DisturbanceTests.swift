import Testing

/// Somebody else's hand in the midst of a trace.
extension KernelTests {
    /// What is done in the instance's directory, and words of what must be said of it.
    private static let deeds: [(name: String, deed: String, told: String)] = [
        ("none", "true", ""),
        ("tracing-on", "echo 0 > tracing_on", "tracing_on is 0"),
        ("events", "echo 0 > events/enable", "events of the trace off"),
        ("reset-all", "trace-cmd reset -a", "somebody"),
        (
            "one-event", "for event in events/sockftrace_*/sendmsg_return; do echo 0 > $event/enable; done",
            "switched 1 event of the trace off"
        ),
        ("pid", "echo 1 > set_event_pid", "set_event_pid"),
        ("left-out", "echo 1 > set_event_notrace_pid", "set_event_notrace_pid"),
        ("cpumask", "echo 2 > tracing_cpumask", "tracing_cpumask"),
        ("clock", "echo x86-tsc > trace_clock", "clock to x86-tsc"),
        ("cleared", "echo > trace", "emptied the trace's buffer"),
        ("smaller", "echo 64 > buffer_size_kb", "size of the trace's buffers"),
        (
            "removed",
            "echo 0 > events/enable; for probe in $(cut -d ' ' -f 1 ../../kprobe_events | sed 's/^[^:]*:/-:/'); do echo $probe >> ../../kprobe_events; done",
            "probes of the trace"
        ),
        ("ftrace", "echo 0 > /proc/sys/kernel/ftrace_enabled", "kernel.ftrace_enabled=0"),
        ("kprobes", "echo 0 > /sys/kernel/debug/kprobes/enabled", "all kprobes are switched off"),
    ]

    @Test(
        "What somebody does to a trace is told, and fails a strict one",
        .enabled(if: Guest.triesFaults, Guest.whyNoFaults), arguments: Guest.kernels)
    func disturbances(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel, programs: ["trace-cmd"], timeout: 600).run(
            """
            mount -t debugfs nodev /sys/kernel/debug
            during() {
                : > /out/$1.messages
                sockftrace trace -v --strict --probe socket.send --format json -o /out/$1 2> /out/$1.messages & tracer=$!
                await grep -q "has begun" /out/$1.messages
                workload flood 5 64 > /dev/null
                (cd $tracing/instances/sockftrace_*; eval "$2") || echo "$1 not done"
                kill -INT $tracer; wait $tracer; echo "$1: $?"
                echo 1 > /proc/sys/kernel/ftrace_enabled; echo 1 > /sys/kernel/debug/kprobes/enabled
                sockftrace clean > /tmp/clean; traces > /tmp/now; ! [ -s /tmp/now ] || { echo "LEFT after $1"; cat /tmp/now; }
            }
            \(Self.deeds.map { "during \($0.name) '\($0.deed.replacing("'", with: #"'\''"#))'" }.joined(separator: "\n"))
            """)
        #expect(!outcome.log.contains("LEFT") && !outcome.log.contains("not done"), "\(outcome.log)")
        for (name, _, told) in Self.deeds {
            let messages = try outcome.text("\(name).messages")
            #expect(messages.contains(told), "\(name):\n\(messages)")
            // What must stay in the kernel for a while is a failure of its own.
            let status = name == "none" ? 0 : name == "ftrace" ? 1 : 3
            #expect(outcome.log.contains("\(name): \(status)\n"), "\(name) in\n\(outcome.log)")
        }
        #expect(!(try outcome.text("none.messages").contains("somebody")))
    }

    @Test(
        "A change is told while the trace runs, and a recording notes it",
        arguments: Guest.kernels)
    func disturbanceIsToldAtOnce(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            sockftrace record -v --strict -o /out/trace.dat 2> /out/messages & tracer=$!
            await grep -q "has begun" /out/messages
            workload flood 5 64 > /dev/null
            echo 0 > $(ls -d $tracing/instances/sockftrace_*)/tracing_on
            await grep -q "tracing_on is 0" /out/messages
            kill -INT $tracer; wait $tracer; echo "record $?"
            sockftrace report --strict /out/trace.dat > /out/report 2> /out/report.messages; echo "report $?"
            """)
        #expect(outcome.log.contains("record 3") && outcome.log.contains("report 3"), "\(outcome.log)")
        #expect(try outcome.text("report.messages").contains("tracing_on is 0"))
    }

    @Test(
        "Records that somebody else reads are counted as lost, live and recorded",
        .enabled(if: Guest.triesFaults, Guest.whyNoFaults), arguments: Guest.kernels)
    func recordsTaken(kernel: String) async throws {
        // The tracer is held while the other one reads.
        let outcome = try await Guest(kernel: kernel).run(
            """
            take() {
                instance=$(ls -d $tracing/instances/sockftrace_*)
                kill -STOP $tracer
                workload flood 500 64 > /dev/null
                rm -f /tmp/taken; readers=
                for cpu in $instance/per_cpu/cpu*; do
                    head -c 8192 $cpu/trace_pipe_raw >> /tmp/taken & readers="$readers $!"
                done
                await [ -s /tmp/taken ]
                # Those that read all that they wanted have ended.
                kill $readers 2> /dev/null; wait $readers 2> /dev/null
                kill -CONT $tracer
                workload flood 5 64 > /dev/null
                kill -INT $tracer; wait $tracer; echo "$1 $?"
            }
            sockftrace trace -v --strict --format json -o /out/events 2> /out/live.messages & tracer=$!
            await grep -q "has begun" /out/live.messages
            take live
            for compression in zstd none; do
                sockftrace record -v --strict --compression $compression -o /out/$compression.dat 2> /out/$compression.messages & tracer=$!
                await grep -q "has begun" /out/$compression.messages
                take $compression
            done
            """)
        for kind in ["live", "zstd", "none"] {
            #expect(outcome.log.contains("\(kind) 3\n"), "\(outcome.log)")
            let messages = try outcome.text("\(kind).messages")
            #expect(messages.contains("somebody else read ") && !messages.contains(" 0 lost records"), "\(messages)")
        }
    }
}
