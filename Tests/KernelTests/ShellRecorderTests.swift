import LedgerSupport
import Testing

/// The recorder for machines that the executable does not run on, in BusyBox's shell.
extension KernelTests {
    @Test("What the shell recorder captures is the ledger, and it leaves nothing behind", arguments: Guest.kernels)
    func shellRecorder(kernel: String) async throws {
        let probes = AliasNames.all.map { "--probe " + $0 }.joined(separator: " ")
        let outcome = try await Guest(kernel: kernel).run(
            """
            traces > /out/before
            ls /sys/kernel/btf > /out/btf 2> /dev/null || true
            cd /tmp
            sockftrace probes script > first.sh && sh first.sh facts > facts.tar &&
                sockftrace probes script --for facts.tar > recorder.sh; echo "made $?"
            sh recorder.sh -o capture.tar -- \
                sh -c 'workload chapters /out/ledger inet errors netlink raw lifetime && exit 7'
            echo "recorded $?"
            sockftrace report -v --format json \(probes) capture.tar > /out/events 2> /out/messages; echo "report $?"
            cat capture.tar | sockftrace report --format json \(probes) - 2> /dev/null | cmp - /out/events &&
                echo "same stream"
            traces > /out/after
            # The rest with a few probes, which are quicker to install and to remove.
            sockftrace probes script --for facts.tar --probe socket.send > recorder.sh
            # A signal ends it, and all that was recorded until then is there.
            sh recorder.sh -o signal.tar 2> /out/signal.messages & recorder=$!
            await grep -q recording /out/signal.messages
            workload flood 100 64 1 > /dev/null
            kill -TERM $recorder; wait $recorder; echo "signal $?"
            sockftrace summary --format json signal.tar > /out/summary 2> /dev/null; echo "summary $?"
            traces >> /out/after
            # What a killed one left goes with `clean`.
            sh recorder.sh -o killed.tar 2> /out/killed.messages & recorder=$!
            await grep -q recording /out/killed.messages
            kill -KILL $recorder; wait $recorder 2> /dev/null
            [ "$(traces)" ] && echo "left"
            sh recorder.sh clean 2> /dev/null; echo "clean $?"
            # Where it was made for another kernel, or cannot write, it records nothing and says why.
            sed 's/^[5-7]\\./9./' recorder.sh > other.sh
            sh other.sh -o other.tar 2> /out/other; echo "other $?"
            sh recorder.sh -o /nowhere/capture.tar 2>> /out/other; echo "nowhere $?"
            traces >> /out/after
            ls -d *.parts
            """)
        for line in [
            "made 0", "recorded 7", "report 0", "same stream", "signal 0", "summary 0", "left", "clean 0", "other 1",
            "nowhere 1", "killed.tar.parts",
        ] {
            #expect(outcome.log.contains("\(line)\n"), "\(line):\n\(outcome.log)")
        }
        #expect(try outcome.text("before") == "" && outcome.text("after") == "")
        #expect(try outcome.text("other").contains("was made for the kernel 9."))
        let summary = try outcome.text("summary")
        #expect(summary.contains("\"messages\":100,"), "\(summary)")
        let isStated = try outcome.text("btf").contains("vmlinux")
        // Of a socket that was never made whole the ledger has no family, and a kernel that does not say where its fields lie
        // cannot tell it from others: it has the one that was asked for.
        let aliases = AliasNames.all.filter { isStated || $0 != "socket.close" }
        var comparison = LedgerComparison(
            ledger: try outcome.lines("ledger").map { LedgerLine($0) },
            events: try events(outcome.lines("events")).filter { aliases.contains($0.name) }, aliases: aliases)
        // What the bits of flags mean is stated by no kernel before 6.16, and a shell cannot try it.
        comparison.flagsHoldPassCredentials = false
        // What nobody states is unknown, and never wrong.
        if !isStated { comparison.toleratesUnknown = ["size", "protocol", "family", "state", "flags", "type"] }
        let tally = comparison.tally()
        #expect(tally.operations > 500 && tally.isExact, "\(tally.differences.prefix(10).joined(separator: "\n"))")
        let messages = try outcome.text("messages")
        #expect(messages.contains("0 lost records, 0 missed returns, 0 unfinished operations"), "\(messages)")
    }

    @Test(
        "Where the kernel does not say where fields lie, the memory of sockets does, and what that leaves open is unknown",
        arguments: Guest.kernels)
    func shellRecorderWithoutTypeInformation(kernel: String) async throws {
        let probes = AliasNames.all.map { "--probe " + $0 }.joined(separator: " ")
        let ends = EndpointLedger.aliases.map { "--probe " + $0 }.joined(separator: " ")
        let outcome = try await Guest(kernel: kernel, timeout: 400).run(
            """
            # What lies below a mount is hidden.
            [ ! -e /sys/kernel/btf ] || mount -t tmpfs nothing /sys/kernel/btf
            cd /tmp
            sockftrace probes script > first.sh && sh first.sh facts > facts.tar && traces > /out/after &&
                sockftrace probes script --for facts.tar > recorder.sh 2> /out/said; echo "made $?"
            sh recorder.sh -o capture.tar -- workload chapters /out/ledger inet errors netlink raw lifetime
            echo "recorded $?"
            sockftrace report -v --format json \(probes) capture.tar > /out/events 2> /out/messages; echo "report $?"
            sh recorder.sh -o ends.tar -b 16384 -- workload endpoints /out/ends.ledger tcp wrong listening ending udp shared
            echo "recorded ends $?"
            sockftrace report -v --format json \(ends) ends.tar > /out/ends 2> /out/ends.messages; echo "report ends $?"
            # A signal in the midst leaves as little behind as the end does.
            sh first.sh facts > cut.tar 2> /dev/null & recorder=$!
            await grep -q row_ $tracing/kprobe_events
            kill -USR1 $recorder; wait $recorder; echo "cut $?"
            { traces; ls -d sockftrace-facts.* 2> /dev/null; } >> /out/after
            """)
        for line in ["made 0", "recorded 0", "report 0", "recorded ends 0", "report ends 0", "cut 1"] {
            #expect(outcome.log.contains("\(line)\n"), "\(line):\n\(outcome.log)")
        }
        #expect(try outcome.text("after") == "")
        let said = try outcome.text("said")
        #expect(said.contains("from calibration (unknown: socket.flags)"), "\(said)")
        var comparison = LedgerComparison(
            ledger: try outcome.lines("ledger").map { LedgerLine($0) },
            events: try events(outcome.lines("events")), aliases: AliasNames.all)
        comparison.toleratesUnknown = ["flags"]
        comparison.flagsHoldPassCredentials = false
        let tally = comparison.tally()
        #expect(tally.operations > 500 && tally.isExact, "\(tally.differences.prefix(10).joined(separator: "\n"))")
        try holdEnds(outcome)
        for file in ["messages", "ends.messages"] {
            let messages = try outcome.text(file)
            #expect(messages.contains("0 lost records, 0 missed returns"), "\(messages)")
        }
    }

    /// Nothing is wrong, and of TCP all is known that any kernel shows.
    private func holdEnds(_ outcome: Guest.Outcome) throws {
        let ledger = try EndpointLedger(outcome.lines("ends.ledger"))
        let tally = EndpointComparison.ofFoundOffsets(ledger: ledger, events: try events(outcome.lines("ends"))).tally()
        let differences = tally.differences.prefix(10).joined(separator: "\n")
        #expect(tally.isRight && tally.unknown == 0 && tally.compared > 1000, "\(tally.summary)\n\(differences)")
    }
}
