import Foundation
import Testing

/// What killed tracers left.
extension KernelTests {
    @Test(
        "Many cleaners at once all succeed; what is in use elsewhere is one failure that says where",
        arguments: Guest.kernels)
    func cleaners(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            leave() {
                : > /tmp/messages
                sockftrace trace -v > /dev/null 2> /tmp/messages & tracer=$!
                await grep -q "has begun" /tmp/messages
                kill -KILL $tracer; wait $tracer
            }
            leave; leave
            cleaners=
            for cleaner in 1 2 3 4 5 6; do sockftrace clean > /out/clean.$cleaner 2>&1 & cleaners="$cleaners $!"; done
            for cleaner in $cleaners; do wait $cleaner; echo "cleaner $?"; done
            cat /out/clean.* > /out/cleaned
            traces > /out/first
            leave
            group=$(ls $tracing/instances)
            mkdir $tracing/instances/other; echo 1 > $tracing/instances/other/events/$group/enable
            sockftrace clean > /out/busy 2>&1; echo "busy $?"
            echo 0 > $tracing/instances/other/events/$group/enable; rmdir $tracing/instances/other
            sockftrace clean; echo "idle $?"
            traces > /out/second
            """)
        #expect(outcome.log.components(separatedBy: "cleaner 0\n").count == 7, "\(outcome.log)")
        let cleaned = try outcome.text("cleaned")
        #expect(!cleaned.contains("left behind") && !cleaned.contains("is running"), "\(cleaned)")
        #expect(cleaned.components(separatedBy: "removed the instance").count == 3, "\(cleaned)")
        #expect(outcome.log.contains("busy 1") && outcome.log.contains("idle 0"), "\(outcome.log)")
        let busy = try outcome.lines("busy")
        #expect(busy.count { $0.contains("left behind") } == 1 && busy.count < 8, "\(busy.joined(separator: "\n"))")
        #expect(busy.contains { $0.contains("instances/other/events/") })
        #expect(try outcome.text("first") == "")
        #expect(try outcome.text("second") == "")
    }

    @Test(
        "Where the kernel is locked down every command says so",
        arguments: Guest.kernels, [true, false])
    func lockedDown(kernel: String, isShown: Bool) async throws {
        let outcome = try await Guest(kernel: kernel, options: ["--append", "lockdown=confidentiality"]).run(
            """
            \(isShown ? "mount -t securityfs nodev /sys/kernel/security" : "")
            for command in 'trace -- touch /out/ran' 'record -o /tmp/x.dat -- touch /out/ran' 'summary -- touch /out/ran' doctor list \\
                'probes show' 'probes add' 'probes remove' clean; do
                sockftrace $command > /tmp/said 2>&1; echo "$command: $?"
                grep -q lockdown /tmp/said || { echo "SILENT: $command"; cat /tmp/said; }
            done
            """)
        #expect(!outcome.log.contains("SILENT"), "\(outcome.log)")
        for line in outcome.log.split(separator: "\n") where line.hasSuffix(": 0") {
            #expect(line == "list: 0", "\(outcome.log)")
        }
        #expect(!outcome.has("ran"))
    }
}
