import LedgerSupport
import Testing

/// Recordings of what the kernel's rings hold.
extension KernelTests {
    @Test(
        "A flight recorder writes nothing until it is asked, and then what came last, with nothing missing",
        arguments: Guest.kernels)
    func flightRecorder(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            sockftrace record -v --flight-recorder 4M -o /out/f.dat 2> /out/messages & recorder=$!
            await grep -q "has begun" /out/messages
            before=$(stat -c %b /out/f.dat)
            workload pace 4000 9
            echo "written $(($(stat -c %b /out/f.dat) - before))"
            kill -USR1 $recorder; wait $recorder; echo "record $?"
            traces > /out/after
            sockftrace report --format json --probe socket.send --probe socket.receive /out/f.dat > /out/events
            echo "report $?"
            """)
        #expect(outcome.log.contains("record 0\n") && outcome.log.contains("report 0\n"), "\(outcome.log)")
        #expect(outcome.log.contains("written 0\n"), "\(outcome.log)")
        #expect(try outcome.text("after") == "")
        let messages = try outcome.text("messages")
        #expect(messages.contains(" 0 lost records") && messages.contains("older records"), "\(messages)")

        let all = try events(outcome.lines("events"))
        #expect(!all.contains { $0.name == "lost" })
        let paced = all.filter { $0.text("comm") == "workload" }
        #expect(paced.count > 1000)
        // It sends and receives in turn, up to its end: nothing of that is missing behind the first event.
        #expect(paced.last?.name == "socket.receive" && Set(paced.map(\.name)) == ["socket.send", "socket.receive"])
        #expect(zip(paced, paced.dropFirst()).allSatisfy { $0.name != $1.name })
        // The process and its sockets are older than what the rings held, and yet known: they were looked up meanwhile.
        #expect(paced.allSatisfy { $0.number("pid") != nil })
        #expect(paced.suffix(100).allSatisfy { $0.number("inode") != nil })
    }

    @Test(
        "A flight recorder writes at the event that it waits for, which is in the file, and at no other",
        arguments: Guest.kernels)
    func flightRecorderOnEvents(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            ifconfig lo up
            begin() {
                name=$1; shift
                sockftrace record -v --flight-recorder 4M -o /out/$name.dat "$@" 2> /out/$name.messages & recorder=$!
                await grep -q "has begun" /out/$name.messages
            }
            ended() { wait $recorder; echo "$name $?"; traces > /out/$name.after; }
            begin error --on error=ECONNREFUSED --on 'latency>20s'
            workload pace 200 1 > /dev/null; workload chapters /tmp/ledger netlink > /dev/null
            kill -0 $recorder && echo "waits"
            nc 127.0.0.1 81 < /dev/null
            ended
            sockftrace report --format json --error ECONNREFUSED /out/error.dat > /out/refused
            begin latency --on 'latency>700ms' --on error=ECONNREFUSED --comm nc
            workload chapters /tmp/ledger errors > /dev/null; kill -0 $recorder && echo "waits"
            nc -l -p 5000 > /dev/null & usleep 1000000; nc 127.0.0.1 5000 < /dev/null
            ended
            sockftrace report --format json --min-latency 700ms /out/latency.dat > /out/slow
            sleep 1000 & victim=$!
            begin exit --pid $victim --pid $$ --on exit
            kill $victim; ended
            begin killed --on error=ECONNREFUSED
            kill -KILL $recorder; wait $recorder
            sockftrace clean > /tmp/cleaned; echo "clean $?"; traces > /out/killed.after
            """)
        let log = outcome.log
        for line in ["error 0", "latency 0", "exit 0", "clean 0"] {
            #expect(log.contains(line + "\n"), "\(line): \(log)")
        }
        #expect(log.split(separator: "\n").count { $0 == "waits" } == 2, "\(log)")
        for name in ["error", "latency", "exit", "killed"] { #expect(try outcome.text(name + ".after") == "") }
        let said = (try outcome.text("error.messages"), try outcome.text("latency.messages"))
        #expect(said.0.contains("written on error=ECONNREFUSED: ") && said.0.contains(" of nc/"), "\(said.0)")
        #expect(said.1.contains("written on latency>700ms: ") && said.1.contains(" of nc/"), "\(said.1)")
        let refused = try events(outcome.lines("refused"))
        #expect(refused.contains { $0.name == "socket.connected" && $0.text("comm") == "nc" })
        #expect(try events(outcome.lines("slow")).contains { $0.text("comm") == "nc" })
    }

    @Test(
        "A flight recorder of a time writes no more than that, and of a command what the command did",
        arguments: Guest.kernels)
    func flightRecorderOfTime(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            workload pace 2000 30 > /dev/null &
            sockftrace record --flight-recorder 2s --buffer-kb 16384 -o /out/f.dat -- workload pace 1000 6 > /out/paced 2> /out/messages
            echo "record $?"
            kill %1
            traces > /out/after
            sockftrace report --format json --probe socket.send --probe socket.receive /out/f.dat > /out/events
            echo "report $?"
            """)
        #expect(outcome.log.contains("record 0\n") && outcome.log.contains("report 0\n"), "\(outcome.log)")
        #expect(try outcome.text("after") == "")
        let paced = try events(outcome.lines("events"))
        let times = paced.compactMap { $0.number("time") }
        let (first, last) = (try #require(times.first), try #require(times.last))
        // Of the six seconds the last two: sub-buffers are written whole, but what is older is not shown.
        #expect(last - first <= 2_100_000_000 && last - first > 1_000_000_000, "\(last - first)")
        #expect(Set(paced.map { $0.number("pid") }).count == 1, "\(Set(paced.map { $0.number("pid") }))")
        #expect(zip(paced, paced.dropFirst()).allSatisfy { $0.name != $1.name })
    }
}
