import Foundation
import LedgerSupport
import Testing

extension KernelTests {
    @Test(
        "top counts what strace -c counts of the same processes, and the bytes that they say",
        .enabled(if: !Guest.isForeign, "brings strace of this machine"), arguments: Guest.kernels)
    func topAgainstStrace(kernel: String) async throws {
        var guest = Guest(kernel: kernel)
        guest.programs = ["strace"]
        let outcome = try await guest.run(
            """
            cat > /tmp/work <<'END'
            workload flood 300 64 > /tmp/totals
            nc 127.0.0.1 81
            nc 127.0.0.1 82
            true
            END
            sockftrace top --format json --interval 1000 -- \\
                strace -f -c -U name,calls,errors -e trace=%network -o /out/counts sh /tmp/work > /out/top
            echo "top $?"
            """)
        #expect(outcome.log.contains("top 0\n"), "\(outcome.log)")
        // Calls and errors by the name of the system call; of those without errors strace says nothing.
        let counts = try outcome.lines("counts").reduce(into: [Substring: (calls: Int, errors: Int)]()) {
            counts, line in
            let words = line.split(separator: " ")
            guard words.count >= 2, let calls = Int(words[1]) else { return }
            counts[words[0]] = (calls, words.count > 2 ? Int(words[2]) ?? 0 : 0)
        }
        // The snapshot of the end, and groups of processes.
        let text = try outcome.lines("top")
        let snapshot = try #require(text.count == 1 ? JSONSerialization.jsonObject(with: Data(text[0].utf8)) : nil)
        let groups = try #require((snapshot as? [String: Any])?["groups"] as? [[String: Any]])
        func sum(_ comm: String, _ path: String...) -> Int {
            groups.filter { $0["comm"] as? String == comm }.map { group in
                path.dropLast().reduce(group) { $0[$1] as? [String: Any] ?? [:] }[path.last ?? ""] as? Int ?? 0
            }.reduce(0, +)
        }
        #expect(counts["sendto"]?.calls == 300 && counts["connect"]?.errors == 2, "\(counts)")
        #expect(sum("workload", "sent", "messages") == counts["sendto"]?.calls)
        #expect(sum("workload", "received", "messages") == counts["recvfrom"]?.calls)
        #expect(sum("workload", "total", "sent_bytes") == 300 * 64)
        #expect(sum("workload", "total", "received_bytes") == 300 * 64)
        #expect(sum("nc", "failed_calls") == counts["connect"]?.errors)
        #expect(sum("nc", "connections") == 0)
    }
}
