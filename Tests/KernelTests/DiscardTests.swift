import Foundation
import LedgerSupport
import Testing

/// Recordings without what their filters do not pass.
extension KernelTests {
    @Test(
        "Two recordings of one workload show the same failures, and the one that discards the rest is small",
        arguments: Guest.kernels)
    func discarding(kernel: String) throws {
        let outcome = try Guest(kernel: kernel, programs: ["trace-cmd"]).run(
            """
            sockftrace record -v --errors --compression none -o /tmp/whole.dat 2> /out/whole.messages & whole=$!
            await grep -q "has begun" /out/whole.messages
            sockftrace record -v --discard --errors --compression none -o /tmp/rest.dat 2> /out/rest.messages & rest=$!
            await grep -q "has begun" /out/rest.messages
            workload ledger /out/ledger
            workload flood 10000 64 2 > /dev/null
            kill -INT $rest $whole; wait $rest; echo "rest $?"; wait $whole; echo "whole $?"
            stat -c "%n %s" /tmp/*.dat
            for name in whole rest; do
                sockftrace report --strict --format json /tmp/$name.dat > /out/$name 2> /out/$name.said; echo "$name report $?"
            done
            sockftrace report --info /tmp/rest.dat > /out/info
            sockftrace report --min-size 1 /tmp/rest.dat > /dev/null 2> /out/other.said
            trace-cmd report -t -R /tmp/rest.dat > /tmp/records 2> /out/complaints; echo "trace-cmd $?"
            grep -c ' sockftrace_\\|_entry\\|_return' /tmp/records > /out/records
            traces > /out/after
            """)
        let log = outcome.log
        for line in ["rest 0", "whole 0", "whole report 0", "rest report 0", "trace-cmd 0"] {
            #expect(log.contains(line + "\n"), "\(log)")
        }
        #expect(try outcome.text("after") == "")
        // Each recorder has its own probes, so times differ by what lies between two of them; all else is the same.
        func failures(_ name: String) throws -> [String: Int] {
            var counts: [String: Int] = [:]
            for line in try outcome.lines(name) where line.contains("\"comm\":\"workload\"") {
                let told = String(line).replacing(/"(time|wall|cpu|duration|backlog_wait)":[^,}]*,?/, with: "")
                counts[told, default: 0] += 1
            }
            return counts
        }
        let (whole, rest) = (try failures("whole"), try failures("rest"))
        #expect(whole == rest, "\(Set(whole.keys).symmetricDifference(rest.keys).prefix(4))")
        #expect(rest.values.reduce(0, +) > 80)
        let ledger = try outcome.lines("ledger").map { LedgerLine($0) }
        #expect(ledger.count > 10_000)
        func size(_ name: String) -> Int? {
            log.split(separator: "\n").first { $0.hasPrefix("/tmp/\(name).dat ") }?.split(separator: " ").last
                .flatMap { Int($0) }
        }
        let sizes = (whole: try #require(size("whole")), rest: try #require(size("rest")))
        #expect(sizes.rest * 2 < sizes.whole, "\(sizes)")
        #expect(try outcome.text("rest.messages").contains("records were discarded"))
        #expect(try outcome.text("info").contains("discarded"))
        #expect(try outcome.text("rest.said").contains("--discard") == false)
        #expect(try outcome.text("other.said").contains("--discard"))
        #expect(try outcome.text("complaints").contains("[UNKNOWN") == false)
        #expect(try outcome.lines("records").first.flatMap { Int($0) }.map { $0 > 1000 } == true)
    }
}
