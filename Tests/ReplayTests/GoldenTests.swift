import Foundation
import Testing

@Suite("What users parse does not change by accident")
struct GoldenTests {
    /// `short.dat` is a copy of a recording that agreed with its ledger, `short.json` what was told of it then. A change to
    /// it is a change of what the contract promises.
    @Test("The JSON of a short recording is as it was")
    func short() throws {
        let folder = Fixture.root.appending(path: "golden")
        let report = try Report(folder.appending(path: "short.dat").path)
        let golden = try String(contentsOf: folder.appending(path: "short.json"), encoding: .utf8)
        #expect(report.lines == golden.split(separator: "\n"))
    }
}
