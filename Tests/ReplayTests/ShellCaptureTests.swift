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

    private func lines(_ kernel: String, _ file: String) throws -> [Substring] {
        String(decoding: try unpacked(kernel, file), as: UTF8.self).split(separator: "\n")
    }

    /// What a capture tells of some aliases; the ledger says nothing of the others.
    private func told(_ kernel: String, _ capture: String, of aliases: [String]) throws -> [EventLine] {
        let folder = try Folder()
        let report = try Report(folder.write(try unpacked(kernel, capture), to: capture))
        #expect(report.damage.isEmpty && report.closing.absentRecords == 0)
        let statistics = report.closing.statistics
        #expect(statistics.lostRecords == 0 && statistics.malformed == 0 && statistics.unfinished == 0)
        return try events(report.lines).filter { aliases.contains($0.name) }
    }

    private func comparison(_ kernel: String, _ name: (capture: String, ledger: String)) throws -> LedgerComparison {
        var comparison = LedgerComparison(
            ledger: try lines(kernel, name.ledger).map { LedgerLine($0) },
            events: try told(kernel, name.capture, of: AliasNames.all), aliases: AliasNames.all)
        // What the bits of flags mean is stated by no kernel before 6.16, and a shell cannot try it.
        comparison.flagsHoldPassCredentials = false
        return comparison
    }

    @Test("They agree with what the workload did", arguments: kernels)
    func ledgers(kernel: String) throws {
        let tally = try comparison(kernel, ("capture.tar", "ledger")).tally()
        #expect(
            tally.operations > 500 && tally.isExact,
            "\(tally.differences.count)\n\(tally.differences.prefix(8).joined(separator: "\n"))")
    }

    @Test(
        "With offsets found in the memory of sockets they do, too, and tell between whom TCP's were", arguments: kernels
    )
    func found(kernel: String) throws {
        var comparison = try comparison(kernel, ("found.tar", "found.ledger"))
        comparison.toleratesUnknown = ["flags"]
        let tally = comparison.tally()
        #expect(
            tally.operations > 500 && tally.isExact,
            "\(tally.differences.count)\n\(tally.differences.prefix(8).joined(separator: "\n"))")

        let ends = EndpointComparison.ofFoundOffsets(
            ledger: try EndpointLedger(lines(kernel, "ends.ledger")),
            events: try told(kernel, "ends.tar", of: EndpointLedger.aliases)
        ).tally()
        let differences = ends.differences.prefix(10).joined(separator: "\n")
        #expect(ends.isRight && ends.unknown == 0 && ends.compared > 1000, "\(ends.summary)\n\(differences)")
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

    @Test("There are captures of both word sizes and byte orders, of pages of 64 KiB, and of MIPS with its numbers")
    func fixturesAreThere() {
        #expect(Set(Self.kernels).isSuperset(of: ["6.1", "armhf", "i386", "riscv64", "s390x", "ppc64el", "mips64el"]))
    }
}
