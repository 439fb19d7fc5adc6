import Foundation
import Testing

@Suite(
    "Record by record we read what trace-cmd reads",
    .enabled(if: TraceCmdText.isInstalled, "trace-cmd is not installed: nothing to compare with"))
struct TraceCmdDifferenceTests {
    @Test("Files recorded on kernels", arguments: Fixture.all)
    func kernels(_ fixture: Fixture) throws {
        try expectSame(fixture.path)
    }

    @Test("Files recorded on other machines, 32-bit and big-endian ones among them", arguments: Fixture.otherMachines)
    func otherMachines(_ fixture: Fixture) throws {
        try expectSame(fixture.path)
    }

    static let others = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".dat") }.sorted()
    static let folder = Fixture.root.appending(path: "trace-dat").path

    @Test("Files of other clocks, dates and buffers", arguments: others)
    func otherKinds(_ name: String) throws {
        try expectSame("\(Self.folder)/\(name)")
    }

    private func expectSame(_ path: String) throws {
        let dump = try RecordDump(path)
        let report = try TraceCmdText.report(path)
        #expect(report.complaints == "")
        #expect(dump.damage.isEmpty)
        var text = TraceCmdText(report.output, beside: dump)
        let count = text.compare()
        #expect(text.difference == nil, "record \(count) of \(dump.entries.count)")
        #expect(count > 10)
    }
}
