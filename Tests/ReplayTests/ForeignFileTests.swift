import LedgerSupport
import SocketEvents
import SocketTracing
import SystemPackage
import Testing

@Suite("Files of kernels for other processors, 32-bit and big-endian ones among them")
struct ForeignFileTests {
    @Test("They tell what the workload did there", arguments: ForeignFile.machines.keys.sorted())
    func ledger(machine: String) throws {
        let folder = try Folder()
        let foreign = ForeignFile(machine)
        let path = try folder.write(foreign.bytes, to: "trace.dat")
        try expectAgreement(try foreign.ledger.map { LedgerLine($0) }, path)
    }

    @Test("What trace-cmd itself recorded on such a machine tells the same", arguments: Fixture.otherMachines)
    func recorded(_ fixture: Fixture) throws {
        let ledger = try fixture.ledger
        try expectAgreement(try #require(ledger), fixture.path)
        var replay = try Replay(path: FilePath(fixture.path))
        #expect(replay.facts.isBigEndian == (fixture.kernel == "s390x"))
        #expect(replay.facts.wordSize == ForeignFile(fixture.kernel).longSize * 8)
        let machine = try #require(ForeignFile.machines[fixture.kernel])
        #expect(replay.facts.uname?.hasSuffix(machine) == true)
        #expect(try replay.beginning() != nil)
    }

    @Test("There are files of all machines")
    func filesAreThere() {
        for machine in ForeignFile.machines.keys {
            #expect(Fixture.otherMachines.filter { $0.kernel == machine }.count == 3, "\(machine)")
        }
    }

    private func expectAgreement(_ ledger: [LedgerLine], _ path: String) throws {
        let report = try Report(path)
        let threads = Set(ledger.map(\.thread.tid))
        let seen = try events(report.lines).filter { $0.number("tid").map { threads.contains($0) } == true }
        var comparison = LedgerComparison(ledger: ledger, events: seen, aliases: AliasNames.all)
        comparison.toleratesUnknownTasks = true
        // The names of these events do not say what the bits of the flags mean.
        comparison.flagsHoldPassCredentials = false
        let differences = comparison.differences()
        #expect(differences.isEmpty, "\(differences.count)\n\(differences.prefix(5).joined(separator: "\n"))")
        #expect(report.damage.isEmpty)
        #expect(report.closing.statistics.malformed == 0)
        #expect(report.closing.statistics.lostRecords == 0)
    }

    @Test(
        "trace-cmd reads the same records of them", .enabled(if: TraceCmdText.isInstalled, "no trace-cmd"),
        arguments: ForeignFile.machines.keys.sorted())
    func records(machine: String) throws {
        let folder = try Folder()
        let path = try folder.write(ForeignFile(machine).bytes, to: "trace.dat")
        let dump = try RecordDump(path)
        let report = try TraceCmdText.report(path)
        #expect(report.complaints == "")
        var text = TraceCmdText(report.output, beside: dump)
        let count = text.compare()
        #expect(text.difference == nil, "record \(count) of \(dump.entries.count)")
        #expect(count > 1000)
    }
}
