import Foundation
import LedgerSupport
import Testing

extension KernelTests {
    /// What `sockftrace calibrate` printed.
    private struct Calibrations {
        /// Nanoseconds, one an answer.
        var times: [Int] = []
        /// The answers, as text.
        var answers: Set<String> = []
        /// The members that the type information places elsewhere, of all answers.
        var differing: Set<String> = []
        var hasTypeInformation = false

        init(_ lines: [Substring]) {
            for line in lines {
                let words = line.split(separator: " ")
                guard words.first != "btf" else {
                    hasTypeInformation = words.count > 2
                    continue
                }
                if let time = words.first.flatMap({ Int($0) }) { times.append(time) }
                answers.insert(words.dropFirst().joined(separator: " "))
                for word in words where word.hasPrefix("differs=") {
                    differing.formUnion(word.dropFirst("differs=".count).split(separator: ",").map(String.init))
                }
            }
        }
    }

    /// One answer each time, that of the type information where there is some, and nothing unknown.
    func expectOneLayout(_ outcome: Guest.Outcome, _ name: String = "calibrated", times: Int = 2) throws {
        let calibrations = Calibrations(try outcome.lines(name))
        #expect(calibrations.times.count == times)
        #expect(calibrations.answers.count == 1, "\(calibrations.answers)")
        #expect(calibrations.differing.isEmpty)
        #expect(calibrations.answers.allSatisfy { !$0.contains("=?") }, "\(calibrations.answers)")
        #expect(try calibrations.hasTypeInformation == outcome.text("btf").contains("vmlinux"))
    }

    @Test(
        "Calibration gives one answer each time, quiet and while others hammer sockets", arguments: Guest.kernels)
    func calibrationRepeats(kernel: String) async throws {
        let times = Self.calibrationTimes
        var guest = Guest(kernel: kernel)
        guest.timeout = 300 + times * 8
        let outcome = try await guest.run(
            """
            ls /sys/kernel/btf > /out/btf 2>/dev/null || true
            # In the root of control groups nothing is told by their numbers.
            mkdir /cg
            mount -t cgroup2 none /cg && mkdir /cg/one /cg/one/two && echo $$ > /cg/one/two/cgroup.procs && touch /out/groups
            traces > /out/before
            sockftrace calibrate --repeat \(times) > /out/quiet; echo "quiet $?"
            workload flood 1000000000 100 4 & flood=$!
            sockftrace calibrate --repeat \(times) > /out/flooded; echo "flooded $?"
            kill -0 $flood && kill -TERM $flood; echo "flood $?"
            traces > /out/after
            """)
        #expect(["quiet 0", "flooded 0", "flood 0"].allSatisfy { outcome.log.contains($0) }, "\(outcome.log)")
        #expect(try outcome.text("before") == outcome.text("after"))
        for name in ["quiet", "flooded"] {
            try expectOneLayout(outcome, name, times: times)
            let answers = try outcome.lines(name).filter { !$0.hasPrefix("btf") }
            let owners =
                ["sock.skc_net", "net.ns.inum"] + (outcome.has("groups") ? ["cgroup.kn", "kernfs_node.id"] : [])
            for member in owners { #expect(answers.allSatisfy { $0.contains(" \(member)=") }, "\(member)") }
        }
    }

    /// How often; SOCKFTRACE_CALIBRATIONS says more for a long run by hand.
    private static let calibrationTimes =
        ProcessInfo.processInfo.environment["SOCKFTRACE_CALIBRATIONS"].flatMap { Int($0) } ?? 3
}
