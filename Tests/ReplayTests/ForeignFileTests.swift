import LedgerSupport
import SocketAliases
import SocketTracing
import SystemPackage
import Testing

@Suite("Files of a 32-bit and of a big-endian kernel")
struct ForeignFileTests {
    @Test("They tell what the workload did there", arguments: ["i386", "s390x"])
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
        #expect(replay.facts.wordSize == (fixture.kernel == "i386" ? 32 : 64))
        #expect(replay.facts.uname?.hasSuffix(fixture.kernel == "i386" ? "i686" : "s390x") == true)
        #expect(try replay.beginning() != nil)
    }

    @Test("There are files of both machines")
    func filesAreThere() {
        #expect(Set(Fixture.otherMachines.map(\.kernel)) == ["i386", "s390x"] && Fixture.otherMachines.count == 6)
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
        arguments: ["i386", "s390x"])
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
