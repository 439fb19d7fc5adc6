internal import Foundation

/// One line of the workload's ledger: a kernel-level socket operation that happened. Tests/Workload/README.md says
/// what the keys mean.
package struct LedgerLine: CustomStringConvertible, Sendable {
    private let values: [Substring: Substring]
    package let description: String

    package init(_ line: Substring) {
        description = String(line)
        values = Dictionary(
            line.split(separator: " ").compactMap { word in
                let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            }, uniquingKeysWith: { _, last in last })
    }

    /// Nil for `-`, which is a value that the kernel itself does not have.
    package func text(_ key: Substring) -> String? {
        values[key].flatMap { $0 == "-" ? nil : String($0) }
    }

    package func number(_ key: Substring) -> Int? {
        text(key).flatMap { Int($0) }
    }

    package var operation: String { text("op") ?? "?" }
    package var thread: Thread { Thread(pid: number("pid") ?? -1, tid: number("tid") ?? -1) }
    package var comm: String? { text("comm")?.removingPercentEncoding }

    /// What socket(2) chooses where no protocol is asked for; nil where the family has no other than 0.
    package var defaultProtocol: Int? {
        guard operation == "create", [2, 10].contains(number("family")) else { return nil }
        return number("type") == 1 ? 6 : number("type") == 2 ? 17 : nil
    }

    /// Whether the message took one of these ways.
    package func went(_ ways: String...) -> Bool {
        ways.contains(text("via") ?? "-")
    }
}

/// A thread of the traced machine.
package struct Thread: Hashable, CustomStringConvertible, Sendable {
    package var pid: Int
    package var tid: Int
    package var description: String { "\(pid)/\(tid)" }
}

/// One event as the JSON output has it.
package struct EventLine: CustomStringConvertible {
    package let values: [String: Any]
    package let description: String

    package init(_ line: Substring) throws {
        description = String(line)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        guard let object = object as? [String: Any] else { throw NotAnEvent(line: description) }
        values = object
    }

    /// A line of output that is no event.
    package struct NotAnEvent: Error {
        package var line: String
    }

    /// The key is there, with a value or null.
    package func has(_ key: String) -> Bool { values[key] != nil }
    package func number(_ key: String) -> Int? { (values[key] as? NSNumber)?.intValue }
    package func text(_ key: String) -> String? { values[key] as? String }

    package var name: String { text("name") ?? "?" }
    package var thread: Thread { Thread(pid: number("pid") ?? -1, tid: number("tid") ?? -1) }
}

/// Reads all of an output file; a line that is no JSON fails the test.
package func events(_ lines: [Substring]) throws -> [EventLine] {
    try lines.map { try EventLine($0) }
}
