import Foundation
import Testing

/// One line of the workload's ledger: a kernel-level socket operation that happened. Tests/Workload/README.md says
/// what the keys mean.
struct LedgerLine: CustomStringConvertible {
    private let values: [Substring: Substring]
    let description: String

    init(_ line: Substring) {
        description = String(line)
        values = Dictionary(
            line.split(separator: " ").compactMap { word in
                let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            }, uniquingKeysWith: { _, last in last })
    }

    /// Nil for `-`, which is a value that the kernel itself does not have.
    func text(_ key: Substring) -> String? {
        values[key].flatMap { $0 == "-" ? nil : String($0) }
    }

    func number(_ key: Substring) -> Int? {
        text(key).flatMap { Int($0) }
    }

    var operation: String { text("op") ?? "?" }
    var thread: Thread { Thread(pid: number("pid") ?? -1, tid: number("tid") ?? -1) }
    var comm: String? { text("comm")?.removingPercentEncoding }

    /// Whether the message took one of these ways.
    func went(_ ways: String...) -> Bool {
        ways.contains(text("via") ?? "-")
    }
}

struct Thread: Hashable, CustomStringConvertible {
    var pid: Int
    var tid: Int
    var description: String { "\(pid)/\(tid)" }
}

/// One event as the JSON output has it.
struct EventLine: CustomStringConvertible {
    let values: [String: Any]
    let description: String

    init(_ line: Substring) throws {
        description = String(line)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        values = try #require(object as? [String: Any])
    }

    /// The key is there, with a value or null.
    func has(_ key: String) -> Bool { values[key] != nil }
    func number(_ key: String) -> Int? { (values[key] as? NSNumber)?.intValue }
    func text(_ key: String) -> String? { values[key] as? String }

    var name: String { text("name") ?? "?" }
    var thread: Thread { Thread(pid: number("pid") ?? -1, tid: number("tid") ?? -1) }
}

/// Reads all of an output file; a line that is no JSON fails the test.
func events(_ lines: [Substring]) throws -> [EventLine] {
    try lines.map { try EventLine($0) }
}
