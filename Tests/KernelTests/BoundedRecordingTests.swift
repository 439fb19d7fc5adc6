import Foundation
import LedgerSupport
import Testing

/// Recordings that become no larger than they may.
extension KernelTests {
    @Test(
        "A recording in several files lacks only what was under way between two; each is complete",
        arguments: Guest.kernels)
    func recordingInParts(kernel: String) async throws {
        let probes = AliasNames.all.map { "--probe " + $0 }.joined(separator: " ")
        let outcome = try await Guest(kernel: kernel, programs: ["trace-cmd"]).run(
            """
            echo mine > /out/trace.dat.txt
            sockftrace record --max-size 1M --keep 90 -o /out/trace.dat -- sh -c '
                workload pace 4000 4; workload ledger /out/ledger; workload pace 4000 4
            ' > /out/paced 2> /out/messages; echo "record $?"
            for file in /out/trace.dat.0*; do
                sockftrace report -v --format json \(probes) $file > /tmp/events 2> /tmp/said || echo "UNREADABLE $file"
                cat /tmp/events >> /out/events; cat /tmp/said >> /out/said
                trace-cmd report -t -R $file > /tmp/records 2>&1 || echo "TRACE-CMD $file"
            done
            ls /out/trace.dat.* > /out/files
            traces > /out/after
            """)
        let log = outcome.log
        #expect(log.contains("record 0\n"), "\(log)")
        #expect(!log.contains("UNREADABLE") && !log.contains("TRACE-CMD"), "\(log)")
        #expect(try outcome.text("after") == "")
        let files = try outcome.lines("files")
        #expect(files.count >= 4 && files.contains("/out/trace.dat.txt"), "\(files)")

        let ledger = try outcome.lines("ledger").map { LedgerLine($0) }
        let wanted = Set(ledger.map(\.thread))
        let all = try events(outcome.lines("events"))
        #expect(!all.contains { $0.name == "lost" })
        var comparison = LedgerComparison(
            ledger: ledger, events: all.filter { wanted.contains($0.thread) }, aliases: AliasNames.all)
        comparison.flagsHoldPassCredentials = try outcome.isOlder(than: (6, 16))
        let tally = comparison.tally()
        let said = try outcome.text("said")
        let unfinished = said.split(separator: ",").filter { $0.hasSuffix(" unfinished operations") }
            .compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }.reduce(0, +)
        #expect(tally.operations > 10_000 && tally.wrong == 0 && tally.extra == 0, "\(tally.differences.prefix(10))")
        // Who sends and receives in turn has one call under way at each border.
        let paced = all.filter { !wanted.contains($0.thread) && ["socket.send", "socket.receive"].contains($0.name) }
        let made = try outcome.lines("paced").compactMap { $0.hasPrefix("messages=") ? Int($0.dropFirst(9)) : nil }
            .reduce(0, +)
        #expect(made > 10_000 && paced.count <= made && paced.count > made - files.count, "\(paced.count) of \(made)")
        #expect(tally.missed <= unfinished && unfinished < 20 * files.count, "\(tally.missed), \(unfinished), \(said)")
    }

    @Test("Of files only the latest are kept, and one file ends the recording", arguments: Guest.kernels)
    func keptFiles(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            sockftrace record --max-size 1M --keep 2 -o /out/k.dat -- workload flood 30000 64 2 2> /out/messages
            echo "record $?"
            echo /out/k.dat.* > /out/files
            sockftrace report --format json /out/k.dat.* > /out/events; echo "report $?"
            # A recorder that is started again goes on behind the last one, and the bound holds.
            sockftrace record --max-size 1M --keep 2 -o /out/k.dat -- workload flood 100 64 2 2> /tmp/messages
            echo /out/k.dat.* > /out/later
            sockftrace record --max-size 1M --keep 1 -o /out/s.dat -- workload pace 4000 6 2> /out/single; echo "single $?"
            echo /out/s.dat.* > /out/alone
            sockftrace report /out/s.dat.* > /dev/null; echo "report of one $?"
            sockftrace record --max-size 2M -o /out/one.dat --compression none -- workload flood 60000 64 2 2> /out/one
            echo "one $?"
            stat -c "size %s" /out/one.dat
            traces > /out/after
            """)
        let log = outcome.log
        #expect(log.contains("record 0\n") && log.contains("report 0\n") && log.contains("one 0\n"), "\(log)")
        #expect(try outcome.text("after") == "")
        let files = try outcome.text("files").split(separator: " "),
            later = try outcome.text("later").split(separator: " ")
        #expect(
            files.count == 2 && later.count == 2
                && later.first?.trimmingCharacters(in: .newlines)
                    == files.last?.trimmingCharacters(in: .newlines),
            "\(files) \(later)")
        #expect(try outcome.text("messages").contains("and 1 more"))
        // Not the first, and the only one.
        let alone = try outcome.text("alone").split(separator: " ")
        #expect(alone.count == 1 && alone.first?.contains("s.dat.0001") == false, "\(alone)")
        #expect(log.contains("single 0\n") && log.contains("report of one 0\n"), "\(log)")
        let single = try outcome.text("single")
        #expect(!single.contains("not compressed") && !single.contains("not finished"), "\(single)")
        // The last events are there: the thread that ended last closed both its sockets.
        let last = try events(outcome.lines("events")).filter { $0.text("comm") == "workload" }
        #expect(last.suffix(200).count { $0.name == "socket.close" } >= 2)
        #expect(last.allSatisfy { $0.number("pid") != nil && $0.text("comm") != nil })
        #expect(try outcome.text("one").contains("reached its largest size"))
        let size = log.split(separator: "\n").compactMap { $0.hasPrefix("size ") ? Int($0.dropFirst(5)) : nil }.first
        // Two buffers of 4 MiB may have been full.
        #expect(size.map { $0 < 11 << 20 } == true, "\(log)")
    }

    @Test("A full disk and a kill leave every file of a recording readable", arguments: Guest.kernels)
    func partsInTrouble(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            mkdir /tmp/small && mount -t tmpfs -o size=12m none /tmp/small
            sockftrace record --max-size 1M --keep 90 --compression none -o /tmp/small/trace.dat -- \\
                workload flood 60000 64 2 > /dev/null 2> /out/full; echo "full $?"
            traces > /out/after
            sockftrace report /tmp/small/trace.dat.* --format json > /out/full.events 2> /out/full.said; echo "report $?"
            sockftrace record -v --max-size 1M --keep 90 -o /tmp/killed 2> /tmp/messages & recorder=$!
            await grep -q "has begun" /tmp/messages
            workload pace 4000 60 > /dev/null & pace=$!
            await test -e /tmp/killed.0003
            kill -KILL $recorder; wait $recorder; kill $pace
            sockftrace clean > /dev/null; traces > /out/cleaned
            for file in /tmp/killed.0*; do
                sockftrace report $file > /tmp/events 2> /tmp/said; cat /tmp/said
                [ $(wc -l < /tmp/events) -gt 100 ] && echo "killed readable"
            done
            """)
        #expect(outcome.log.contains("full 1\n") && outcome.log.contains("report 0\n"), "\(outcome.log)")
        #expect(try outcome.text("after") == "")
        #expect(try outcome.text("cleaned") == "")
        #expect(try outcome.text("full").contains("make room on the disk"))
        #expect(try outcome.lines("full.events").count > 1000)
        #expect(outcome.log.components(separatedBy: "killed readable").count >= 3, "\(outcome.log)")
    }
}
