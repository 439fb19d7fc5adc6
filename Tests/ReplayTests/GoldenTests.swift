import EventOutput
import Foundation
import SocketEvents
import SocketNames
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

    /// Their width is all that they have in common with a terminal: `short-80.txt` is what one of 80 columns shows.
    @Test("The text of it is as it was, and fits the terminal", arguments: [40, 80, 120, 200])
    func text(width: Int) throws {
        let folder = Fixture.root.appending(path: "golden")
        let report = try Report(folder.appending(path: "short.dat").path, aliases: .standard)
        var out = OutputBuffer()
        let renderer = EventRenderer(
            format: .text, flagNames: report.flagNames ?? .unknown, layout: TextLayout(fitting: width))
        renderer.header(into: &out)
        for item in report.items { renderer.render(item, into: &out) }
        let lines = out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        if width >= 80 {
            for line in lines.split(separator: "\n") { #expect(line.unicodeScalars.count <= width, "\(line)") }
        }
        let golden = folder.appending(path: "short-\(width).txt")
        if ProcessInfo.processInfo.environment["SOCKFTRACE_RENEW"] != nil {
            try lines.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(try lines == String(contentsOf: golden, encoding: .utf8))
    }
}
