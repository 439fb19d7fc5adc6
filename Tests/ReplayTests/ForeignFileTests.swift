import LedgerSupport
import SocketAliases
import SocketTracing
import Testing

@Suite("Files of a 32-bit and of a big-endian kernel")
struct ForeignFileTests {
    @Test("They tell what the workload did there", arguments: ["i386", "s390x"])
    func ledger(machine: String) throws {
        let folder = try Folder()
        let foreign = ForeignFile(machine)
        let report = try Report(try folder.write(foreign.bytes, to: "trace.dat"))
        let ledger = try foreign.ledger.map { LedgerLine($0) }
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
