import Foundation
import LedgerSupport
import Testing

extension KernelTests {
    /// Two processes talk over TCP, each in a control group of its own; which process is in which group is noted.
    private static let talk = """
        cat > /tmp/talk <<'END'
        sh -c 'echo $$ > /cg/a/cgroup.procs; echo $$ > /out/$0.a; exec timeout 20 nc -l -p 5000 > /tmp/got' $1 & server=$!
        until grep -Eq ':1388 [0-9A-F:]+ 0A ' /proc/net/tcp /proc/net/tcp6; do usleep 10000; done
        echo hello | sh -c 'echo $$ > /cg/b/c/cgroup.procs; echo $$ > /out/$0.c; exec timeout 20 nc 127.0.0.1 5000' $1
        wait $server
        END

        """

    @Test(
        "Sockets have the control groups of those who made them, live and recorded, and filters go by paths",
        arguments: Guest.kernels)
    func controlGroups(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            Self.talk + """
                mkdir /cg
                mount -t cgroup2 none /cg || { sockftrace trace --cgroup 5 -- true; echo "none $?" > /out/none; exit 0; }
                mkdir /cg/a /cg/b /cg/b/c
                stat -c '%i' /cg/a /cg/b/c > /out/groups
                sockftrace trace --cgroup '/b*' --fields cgroup --format json -o /out/live -- sh /tmp/talk live; echo "live $?"
                sockftrace record -o /tmp/r.dat --fields cgroup -- sh /tmp/talk all; echo "record $?"
                sockftrace trace --cgroup /absent -- true 2> /out/absent; echo "absent $?"
                cd /tmp
                sockftrace report --fields cgroup --format json r.dat > /out/all; echo "report $?"
                sockftrace report --cgroup /b --fields cgroup --format json r.dat > /out/below; echo "below $?"
                sockftrace report --cgroup /b/d r.dat 2> /out/refused; echo "refused $?"
                sockftrace summary --by cgroup --format json r.dat > /out/summary; echo "summary $?"
                # Learnt from a group of its own, where the kernel states no types.
                echo $$ > /cg/b/cgroup.procs
                sockftrace trace --offsets calibrate --cgroup '/b*' --fields cgroup --format json -o /out/calibrated \\
                    -- sh /tmp/talk calibrated; echo "calibrated $?"
                """)
        guard !outcome.has("none") else {
            // A kernel without control groups.
            return #expect(
                try outcome.text("none") == "none 1\n" && outcome.log.contains("cannot look for"), "\(outcome.log)")
        }
        for step in ["live 0", "record 0", "absent 1", "report 0", "below 0", "refused 1", "summary 0", "calibrated 0"]
        {
            #expect(outcome.log.contains(step + "\n"), "\(outcome.log)")
        }
        let numbers = try outcome.lines("groups").compactMap { Int($0) }
        try #require(numbers.count == 2)
        for run in ["live", "calibrated", "all"] {
            let events = try outcome.lines(run).map { try EventLine($0) }
            for (name, number) in zip(["a", "c"], numbers) {
                let own = try outcome.lines("\(run).\(name)").first.flatMap { Int($0) }
                let sockets = events.filter { $0.number("pid") == own && $0.number("inode") != nil }
                // Of the other group nothing is shown live.
                #expect(sockets.isEmpty == (run != "all" && name == "a"), "\(run) \(name): \(outcome.log)")
                #expect(sockets.allSatisfy { $0.number("cgroup") == number }, "\(run) \(name) \(number): \(sockets)")
            }
        }
        let client = try outcome.lines("all").map { try EventLine($0) }.filter { $0.number("cgroup") == numbers[1] }
        #expect(try outcome.lines("below").count == client.count && client.count > 2)
        #expect(try outcome.text("absent").contains("no such control group"))
        #expect(try outcome.text("refused").contains("/b/c"), "the groups there are")
        let groups = try outcome.lines("summary").map { try EventLine($0) }
        let paths = Dictionary(groups.map { ($0.number("cgroup"), $0.text("cgroup_path")) }) { one, _ in one }
        #expect(paths[numbers[0]] == "/a" && paths[numbers[1]] == "/b/c", "\(groups)")
    }
}
