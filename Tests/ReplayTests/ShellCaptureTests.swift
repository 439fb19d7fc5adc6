import Foundation
import LedgerSupport
import SocketTracing
import Testing

/// What the shell recorder captured on kernels of several processors (fixtures/shell).
@Suite("Captures of the shell recorder")
struct ShellCaptureTests {
    static let kernels: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: Fixture.root.appending(path: "shell").path)
        return (names ?? []).filter { !$0.contains("README") && $0 != "make" && !$0.hasPrefix("layout") }.sorted()
    }()

    private func unpacked(_ kernel: String, _ file: String) throws -> [UInt8] {
        let url = Fixture.root.appending(path: "shell/\(kernel)/\(file).zst")
        return try #require(decompressed(Array(try Data(contentsOf: url))))
    }

    private func ledger(_ kernel: String) throws -> [LedgerLine] {
        String(decoding: try unpacked(kernel, "ledger"), as: UTF8.self).split(separator: "\n").map { LedgerLine($0) }
    }

    @Test("They agree with what the workload did", arguments: kernels)
    func ledgers(kernel: String) throws {
        let folder = try Folder()
        let report = try Report(folder.write(try unpacked(kernel, "capture.tar"), to: "capture.tar"))
        // The ledger says nothing of the others.
        let seen = try events(report.lines).filter { AliasNames.all.contains($0.name) }
        var comparison = LedgerComparison(ledger: try ledger(kernel), events: seen, aliases: AliasNames.all)
        // What the bits of flags mean is stated by no kernel before 6.16, and a shell cannot try it.
        comparison.flagsHoldPassCredentials = false
        let tally = comparison.tally()
        #expect(
            tally.operations > 500 && tally.isExact,
            "\(tally.differences.count)\n\(tally.differences.prefix(8).joined(separator: "\n"))")
        #expect(report.damage.isEmpty && report.closing.absentRecords == 0)
        let statistics = report.closing.statistics
        #expect(statistics.lostRecords == 0 && statistics.malformed == 0 && statistics.unfinished == 0)
    }

    @Test("Cut short they show the beginning of it, and say so")
    func cut() throws {
        let bytes = try unpacked("6.1", "capture.tar")
        let folder = try Folder()
        let whole = try Report(folder.write(bytes, to: "whole.tar"))
        // Within the records of one of the CPUs.
        for part in [0.9, 0.75] {
            let count = Int(Double(bytes.count) * part)
            let cut = try Report(folder.write(bytes[..<count], to: "cut.tar"))
            #expect(!cut.damage.isEmpty && !cut.lines.isEmpty && cut.lines.count < whole.lines.count)
        }
    }

    @Test("There are captures of both word sizes and both byte orders")
    func fixturesAreThere() {
        #expect(Set(Self.kernels).isSuperset(of: ["6.1", "armhf", "i386", "riscv64", "s390x"]))
    }
}
