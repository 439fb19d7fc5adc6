import LedgerSupport
import Testing

/// The command after `--`.
extension KernelTests {
    @Test(
        "A command that cannot be run has the status that a shell gives it, and nothing is traced",
        arguments: Guest.kernels)
    func commandsThatCannotBeRun(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            printf '#!/no/interpreter\\n' > /tmp/script; echo garbage > /tmp/garbage; chmod +x /tmp/script /tmp/garbage
            for command in nosuch /no/such /etc/passwd /tmp /tmp/script /tmp/garbage; do
                sockftrace trace -- $command > /out/events 2> /tmp/said; echo "$command $?"
                ! grep -q chmod /tmp/said || cat /tmp/said
            done
            traces > /out/after
            """)
        for expected in [
            "nosuch 127", "/no/such 127", "/etc/passwd 126", "/tmp 126", "/tmp/script 127", "/tmp/garbage 126",
        ] {
            #expect(outcome.log.contains(expected + "\n"), "\(expected) in\n\(outcome.log)")
        }
        #expect(!outcome.log.contains("chmod"))
        #expect(try outcome.text("after") == "")
    }

    @Test(
        "--as runs the command as a user with its groups, and what it does is traced",
        arguments: Guest.kernels)
    func asUser(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            echo 'tracers:x:77:nobody' >> /etc/group
            sockftrace trace --format json -o /out/events --as nobody -- sh -c 'grep -E "^(Uid|Gid|Groups)" /proc/self/status > /out/who; workload flood 10 64'
            echo "as $?"
            sockftrace trace --as nobody_else -- true; echo "unknown $?"
            sockftrace trace --as nobody; echo "alone $?"
            """)
        for end in ["as 0", "unknown 2", "alone 2"] { #expect(outcome.log.contains(end), "\(outcome.log)") }
        let who = try outcome.lines("who").map { $0.split { $0 == "\t" || $0 == " " }.map(String.init) }
        #expect(who.contains(["Uid:", "65534", "65534", "65534", "65534"]), "\(who)")
        #expect(who.contains(["Gid:", "65534", "65534", "65534", "65534"]))
        #expect(who.contains { $0.first == "Groups:" && Set($0.dropFirst()) == ["77", "65534"] })
        #expect(try events(outcome.lines("events")).count { $0.name == "socket.send" } == 10)
    }
}
