import CZstd
import Foundation
import LedgerSupport
import Testing

/// A recording of connections and datagrams, and what they were in truth.
struct EndpointFixture: CustomTestStringConvertible {
    var kernel: String

    static let all = ["6.1", "newest"].map { EndpointFixture(kernel: $0) }

    var testDescription: String { kernel }
    private var folder: URL { Recordings.fixtures.appending(path: "endpoints/\(kernel)") }
    var path: String { folder.appending(path: "own.dat").path }

    var ledger: EndpointLedger {
        get throws {
            let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "own.ledger.zst")))
            let size = ZSTD_getFrameContentSize(bytes, bytes.count)
            try #require(size < 1 << 26)
            var text = [UInt8](repeating: 0, count: Int(size))
            try #require(ZSTD_decompress(&text, text.count, bytes, bytes.count) == text.count)
            return try EndpointLedger(String(decoding: text, as: UTF8.self).split(separator: "\n"))
        }
    }

    /// What a command prints of it as JSON, an object a line.
    func objects(_ arguments: [String]) throws -> [[String: Any]] {
        let outcome = try Program.run(arguments + ["--format", "json", path])
        try #require(outcome.status == 0, "\(outcome.messages)")
        return try outcome.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }
}

extension EndpointLine {
    /// The one right value of a key; nil where there is none or several are right.
    func only(_ key: Substring) -> String? {
        let values = self[key]
        return values.values.count == 1 && !values.allowsNone && !values.allowsAnything ? values.values[0] : nil
    }

    func number(_ key: Substring) -> Int? { only(key).flatMap { Int($0) } }
}

/// A text output that must not change by accident, in `fixtures/golden`; SOCKFTRACE_RENEW writes it anew.
enum GoldenText {
    static func check(_ name: String, _ arguments: [String], width: Int) throws {
        let outcome = try Program.run(arguments, environment: ["COLUMNS": String(width), "TZ": "UTC"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        if width >= 80 {
            for line in outcome.output.split(separator: "\n") {
                #expect(line.unicodeScalars.count <= width, "\(line)")
            }
        }
        let golden = Recordings.fixtures.appending(path: "golden/\(name)-\(width).txt")
        if ProcessInfo.processInfo.environment["SOCKFTRACE_RENEW"] != nil {
            try outcome.output.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(try outcome.output == String(contentsOf: golden, encoding: .utf8), "\(name) at \(width) columns")
    }
}
