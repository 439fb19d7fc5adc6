import Foundation
import LedgerSupport
import Testing

/// A recording that is looked at while it is made.
extension KernelTests {
    private static let helpers = """
        # exec, so that $! is sockftrace when this runs in the background.
        follow() { exec sockftrace report --follow-file --format json --comm workload ${1:+"$1"} > "$2" 2> "$2.said"; }
        shown() { [ $(grep -c -e '"socket.send"' -e '"socket.receive"' "$1") -ge "$2" ]; }
        messages() {
            tr ' ' '\\n' < "$1" | awk -F = '/^(messages|sends|receives)=/ { n += $2 } END { print n }'
        }

        """

    /// The messages of runs of the workload, as it counted them.
    private func messages(_ outcome: Guest.Outcome, _ runs: [String]) throws -> Int {
        try runs.flatMap { try outcome.text($0).split { $0 == " " || $0.isNewline } }
            .filter { ["messages=", "sends=", "receives="].contains(where: $0.hasPrefix) }
            .compactMap { Int($0.drop { $0 != "=" }.dropFirst()) }.reduce(0, +)
    }

    /// Those that a report shows.
    private func messagesShown(_ lines: [Substring]) throws -> Int {
        try events(lines).count { ["socket.send", "socket.receive"].contains($0.name) }
    }

    @Test("Who follows a recording sees at once what its report shows later", arguments: Guest.kernels)
    func followedFile(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            Self.helpers + """
                sockftrace record -v --compression none -o /tmp/t.dat 2> /tmp/messages & recorder=$!
                await grep -q "has begun" /tmp/messages
                follow /tmp/t.dat /out/followed & follower=$!
                # A handful of records fills no sub-buffer.
                workload pace 20 1 > /out/few; await shown /out/followed $(messages /out/few) && echo "few at once"
                workload flood 5000 64 2 > /out/many
                await shown /out/followed $(($(messages /out/few) + $(messages /out/many))) && echo "many at once"
                kill -INT $recorder; wait $recorder; echo "record $?"
                wait $follower; echo "follow $?"; cat /out/followed.said
                sockftrace report --format json --comm workload /tmp/t.dat > /out/reported 2> /tmp/said; cat /tmp/said
                cmp /out/followed /out/reported && echo "same"
                sockftrace record -v -o /tmp/k.dat 2> /tmp/messages & recorder=$!
                await grep -q "has begun" /tmp/messages
                sockftrace report --follow-file --format json /tmp/k.dat > /tmp/interrupted 2> /tmp/interrupted.said & interrupted=$!
                follow /tmp/k.dat /tmp/followed & follower=$!
                workload pace 100 1 > /tmp/few; await shown /tmp/followed $(messages /tmp/few)
                await shown /tmp/interrupted $(messages /tmp/few)
                kill -INT $interrupted; wait $interrupted; echo "interrupted $?"
                cat /tmp/interrupted.said
                kill -KILL $recorder; wait $recorder; wait $follower; echo "killed $?"; cat /tmp/followed.said
                sockftrace report --format json --comm workload /tmp/k.dat > /tmp/reported 2> /tmp/said
                cmp /tmp/followed /tmp/reported && echo "same as killed"
                sockftrace clean > /tmp/cleaned
                traces > /out/after
                """)
        let log = outcome.log
        func count(_ text: String) -> Int { log.components(separatedBy: text).count - 1 }
        #expect(count("few at once\n") == 1 && count("many at once\n") == 1, "\(log)")
        #expect(count("record 0\n") == 1 && count("follow 0\n") == 1 && count("same\n") == 1, "\(log)")
        #expect(log.contains("interrupted 0\n") && log.contains("killed 1\n"), "\(log)")
        #expect(log.contains("the recording was not finished") && log.contains("same as killed\n"), "\(log)")
        let made = try messages(outcome, ["few", "many"])
        let seen = try messagesShown(outcome.lines("followed"))
        #expect(made == 10_020 && seen == made, "\(seen) of \(made)")
        #expect(try outcome.text("after") == "")
    }

    @Test(
        "Who follows a recording goes on from file to file, misses nothing between them, and says where one is gone",
        arguments: Guest.kernels)
    func followedFiles(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel, timeout: 500).run(
            Self.helpers + """
                record() {
                    sockftrace record -v --max-size 1M --keep $1 -o $2 2> $2.messages & recorder=$!
                    await grep -q "has begun" $2.messages || exit 1
                }
                # The number of the latest file.
                number() { ls $1.* | sed -n 's/.*[.]0*\\([0-9]*\\)$/\\1/p' | sort -n | tail -n 1; }
                # Makes messages until there is a file of that number.
                fill() { until [ $(number $1) -ge $2 ]; do workload flood 1000 64 2 >> $3; done; }
                record 99 /tmp/r.dat
                follow /tmp/r.dat /out/followed & follower=$!
                workload pace 20 1 > /out/few; await shown /out/followed $(messages /out/few) && echo "first file"
                fill /tmp/r.dat 3 /out/many
                await shown /out/followed $(($(messages /out/few) + $(messages /out/many))) && echo "next files"
                # What it is to read next has ended by then, and is compressed.
                kill -STOP $follower; before=$(number /tmp/r.dat)
                fill /tmp/r.dat $((before + 2)) /out/more
                kill -CONT $follower
                await shown /out/followed $(($(messages /out/few) + $(messages /out/many) + $(messages /out/more))) && echo "caught up"
                kill -INT $recorder; wait $recorder; echo "record $?"
                wait $follower; echo "follow $?"; cat /out/followed.said
                for part in /tmp/r.dat.*[0-9]; do sockftrace report --format json --comm workload $part; done > /out/reported 2> /tmp/said
                # From a file on that ended long ago.
                (follow /tmp/r.dat.0001 /out/later); echo "later $?"; cmp /out/followed /out/later && echo "same later"
                cd /tmp
                record 1 trace.dat
                follow "" /tmp/followed & follower=$!
                workload pace 20 1 > /tmp/few; await shown /tmp/followed $(messages /tmp/few)
                kill -STOP $follower; before=$(number trace.dat)
                fill trace.dat $((before + 2)) /tmp/many
                kill -CONT $follower; wait $follower; echo "removed $?"; cat /tmp/followed.said
                # The recorder dies, and leaves a file that is not finished.
                follow trace.dat /tmp/followed & follower=$!
                workload pace 20 1 > /tmp/few; await shown /tmp/followed $(messages /tmp/few)
                kill -KILL $recorder; wait $recorder; wait $follower; echo "killed $?"; cat /tmp/followed.said
                sockftrace clean > /tmp/cleaned
                traces > /out/after
                """)
        let log = outcome.log
        for said in ["first file", "next files", "caught up", "record 0", "follow 0", "same later"] {
            #expect(log.contains(said + "\n"), "\(said): \(log)")
        }
        #expect(log.contains("removed 1\n") && log.contains("which was removed before it was read"), "\(log)")
        #expect(log.contains("killed 1\n") && log.contains("the recording was not finished"), "\(log)")
        let (made, seen) = (
            try messages(outcome, ["few", "many", "more"]), try messagesShown(outcome.lines("followed"))
        )
        #expect(made > 4_000 && seen == made, "\(seen) of \(made)")
        // One after the other they lack what was under way between two.
        let followed = Set(try outcome.lines("followed"))
        let reported = try outcome.lines("reported").filter {
            $0.contains("\"socket.send\"") || $0.contains("\"socket.receive\"")
        }
        #expect(reported.count > made / 2 && reported.allSatisfy(followed.contains), "\(reported.count)")
        #expect(try outcome.text("after") == "")
    }
}
