import Foundation
import LedgerSupport
import Testing

/// Recordings without what their filters do not pass.
extension KernelTests {
    @Test(
        "Two recordings of one workload show the same failures, and the one that discards the rest is small",
        arguments: Guest.kernels)
    func discarding(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel, programs: ["trace-cmd"]).run(
            """
            sockftrace record -v --compression none -o /tmp/whole.dat 2> /out/whole.messages & whole=$!
            sockftrace record -v --discard --errors --compression none -o /tmp/rest.dat 2> /out/rest.messages & rest=$!
            sockftrace record -v --discard --family LOCAL --max-size 1M --keep 90 -o /tmp/part.dat 2> /out/part.messages &
            part=$!
            for name in whole rest part; do await grep -q "has begun" /out/$name.messages; done
            workload flood 6000 64 2 > /dev/null; workload ledger /out/ledger; workload flood 6000 64 2 > /dev/null
            kill -INT $part $rest $whole
            wait $part; echo "part $?"; wait $rest; echo "rest $?"; wait $whole; echo "whole $?"
            stat -c "%n %s" /tmp/*.dat
            ls /tmp/part.dat.* > /out/files
            show() { sockftrace report --strict --format json "$@"; }
            show --errors /tmp/whole.dat > /out/failed 2> /out/failed.said; echo "failed report $?"
            show /tmp/rest.dat > /out/rest 2> /out/rest.said; echo "rest report $?"
            show --family LOCAL /tmp/whole.dat > /out/local
            show /tmp/part.dat.* > /out/parts; echo "parts report $?"
            sockftrace report --info /tmp/rest.dat > /out/info
            sockftrace report --min-size 1 /tmp/rest.dat > /dev/null 2> /out/other.said
            trace-cmd report -t -R /tmp/rest.dat > /tmp/records 2> /out/complaints; echo "trace-cmd $?"
            grep -cE '_entry|_return' /tmp/records > /out/records
            traces > /out/after
            """)
        let log = outcome.log
        let wanted = [
            "part 0", "rest 0", "whole 0", "failed report 0", "rest report 0", "parts report 0", "trace-cmd 0",
        ]
        for line in wanted { #expect(log.contains(line + "\n"), "\(log)") }
        #expect(try outcome.text("after") == "")
        // Each recorder has its own probes, so times differ by what lies between two of them; all else is the same.
        func told(_ name: String) throws -> [String: Int] {
            var counts: [String: Int] = [:]
            for line in try outcome.lines(name) where line.contains("\"comm\":\"workload\"") {
                let told = String(line).replacing(
                    /"(file|time|wall|cpu|duration|backlog_wait)":[^,}]*,?/, with: "")
                counts[told, default: 0] += 1
            }
            return counts
        }
        let (whole, rest) = (try told("failed"), try told("rest"))
        #expect(whole == rest, "\(Set(whole.keys).symmetricDifference(rest.keys).prefix(4))")
        #expect(rest.values.reduce(0, +) > 80)
        // In several files, what was under way between two of them is shown of neither.
        let files = try outcome.lines("files").count
        let (all, parts) = (try told("local"), try told("parts"))
        let missing = all.reduce(0) { $0 + max(0, $1.value - parts[$1.key, default: 0]) }
        #expect(parts.allSatisfy { $0.value <= all[$0.key, default: 0] })
        #expect(files >= 2 && missing <= 4 * (files - 1) && parts.values.reduce(0, +) > 20_000, "\(files), \(missing)")
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
