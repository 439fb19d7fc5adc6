import Testing

/// What tracing costs while nothing happens.
extension KernelTests {
    @Test(
        "An idle trace wakes up no more than twice a second, whatever the number of CPUs",
        arguments: Guest.kernels, [2, 16])
    func idle(kernel: String, cpus: Int) async throws {
        let outcome = try await Guest(kernel: kernel, cpus: cpus, memory: 1536).run(
            """
            # How often it slept: each time but the last it was woken. What takes its processor away does not wake it.
            sleeps() { awk '/^voluntary_ctxt/ { print $2 }' /proc/$1/status; }
            now() { awk '{ print int($1 * 1000) }' /proc/uptime; }
            measure() {
                name=$1; shift
                sockftrace "$@" > /tmp/output 2> /tmp/messages & tracer=$!
                await grep -q "has begun" /tmp/messages
                usleep 1000000
                begin=$(now) before=$(sleeps $tracer)
                usleep 10000000
                after=$(sleeps $tracer) end=$(now)
                kill -INT $tracer; wait $tracer; echo "$name $? $((after - before)) $((end - begin))" >> /out/measured
            }
            measure trace trace -v
            measure record record -v -o /tmp/trace.dat
            measure flight record -v --flight-recorder 1M -o /tmp/trace.dat
            """)
        #expect(outcome.status == 0, "\(outcome.log)")
        let measured = try outcome.lines("measured").map { $0.split(separator: " ") }
        #expect(measured.count == 3)
        for line in measured {
            let numbers = line.dropFirst().compactMap { Int($0) }
            #expect(numbers[0] == 0)
            #expect(numbers[1] <= numbers[2] * 2 / 1000, "\(line): times that it slept, milliseconds")
        }
    }

    @Test("What happens after a rest shows at once, and a CPU that comes later is traced too", arguments: Guest.kernels)
    func afterRest(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel, cpus: 2, options: ["--append", "maxcpus=1"]).run(
            """
            cpu=/sys/devices/system/cpu/cpu1/online
            run() { taskset $1 workload short-lived 10 /out/$2.ledger > /dev/null; }
            trace() {
                name=$1; shift
                sockftrace "$@" 2> /out/$name.messages & tracer=$!
                await grep -q "has begun" /out/$name.messages
                run 1 $name
                echo 1 > $cpu; run 2 $name
                echo 0 > $cpu; run 1 $name
                echo 1 > $cpu; run 2 $name
                kill -INT $tracer; wait $tracer; echo "$name $?"
                echo 0 > $cpu
            }
            trace live trace -v --format json -o /out/live
            trace recorded record -v -o /tmp/trace.dat
            sockftrace report --format json /tmp/trace.dat > /out/recorded
            traces > /out/after
            """)
        #expect(outcome.log.contains("live 0\n") && outcome.log.contains("recorded 0\n"), "\(outcome.log)")
        #expect(try outcome.text("after") == "")
        for name in ["live", "recorded"] {
            let messages = try outcome.text(name + ".messages")
            #expect(messages.contains(" 0 lost records"), "\(messages)")
            let events = try outcome.lines(name)
            for operation in ["socket.send", "socket.receive"] {
                let count = events.count { $0.contains("\"\(operation)\"") && $0.contains("\"size\":19,") }
                #expect(count == 40, "\(name) \(operation)")
            }
            #expect(events.contains { $0.contains("\"cpu\":1,") && $0.contains("\"size\":19,") })
        }
    }
}
