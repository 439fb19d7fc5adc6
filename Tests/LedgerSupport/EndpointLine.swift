/// One line of the ledger of endpoints: an event that a tracer must tell. Tests/Workload/README.md says what the keys
/// mean.
package struct EndpointLine: CustomStringConvertible, Sendable {
    package let description: String
    package let alias: String
    package let situation: String
    /// Whether the event must be there; else it may.
    package let isCertain: Bool
    /// Whether it may be there any number of times.
    package let isRepeated: Bool
    /// Nil where somebody else's thread did it, whose number this program does not learn.
    package let tid: Int?
    /// Between these the event happened; nanoseconds of CLOCK_MONOTONIC. No end: whenever.
    package let window: ClosedRange<Int>
    package let hasEnd: Bool
    private let values: [Substring: Substring]

    /// Fails on a line that has no alias or no time: then it is none of this ledger's.
    package init(_ line: Substring) throws {
        description = String(line)
        var texts: [Substring: Substring] = [:]
        for word in line.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw NotALine(line: description) }
            texts[parts[0]] = parts[1]
        }
        guard let alias = texts["alias"], let begin = texts["t0"].flatMap({ Int($0) }), texts["certain"] != nil else {
            throw NotALine(line: description)
        }
        self.alias = String(alias)
        situation = String(texts["situation"] ?? "-")
        isCertain = texts["certain"] == "1"
        isRepeated = texts["certain"] == "any"
        tid = texts["tid"].flatMap { Int($0) }
        let end = texts["t1"].flatMap { Int($0) }
        hasEnd = end != nil
        guard begin <= end ?? .max else { throw NotALine(line: description) }
        window = begin...(end ?? .max)
        values = texts
    }

    /// A line that the ledger's reader does not understand.
    package struct NotALine: Error {
        package var line: String
    }

    package subscript(key: Substring) -> RightValues { values[key].map { RightValues($0) } ?? .anything }

    /// A bound that is there or not: of how long a connection waited.
    package func bound(_ key: Substring) -> Int? {
        values[key].flatMap { Int($0) }
    }

    /// Whether the event tells how an operation ended.
    package var isConclusion: Bool {
        alias.hasSuffix(".return") || ["socket.send", "socket.receive", "socket.connected"].contains(alias)
    }

    package var isMessage: Bool { alias == "socket.send" || alias == "socket.receive" }

    /// The results that are right, as numbers; nil where there is none, as of an attempt that was given up.
    package var results: Set<Int?> {
        let result = self["result"]
        return Set(result.values.map { Int($0) } + (result.allowsNone ? [nil] : []))
    }
}

/// What is right for one key of a line: `-` nothing, `?` anything, `A|B` one of several.
package struct RightValues: Sendable {
    private let text: Substring

    static let anything = RightValues("?")

    init(_ text: Substring) {
        self.text = text
    }

    private var parts: [Substring] { text.split(separator: "|", omittingEmptySubsequences: false) }

    package var allowsAnything: Bool { text == "?" }
    package var allowsNone: Bool { parts.contains("-") }
    package var values: [String] { parts.filter { $0 != "-" && $0 != "?" }.map { decoded($0) } }

    /// How a tracer's word for it is to be judged; nil is its null.
    func judge(_ value: String?) -> Verdict {
        if allowsAnything { return .right }
        guard let value else { return allowsNone ? .right : .unknown }
        // Of most there is one, and nothing in it is encoded.
        if text == value, value != "-" { return .right }
        return values.contains(value) ? .right : .wrong
    }
}

/// What a tracer said of one thing.
enum Verdict {
    case right
    /// Null, where the ledger knows.
    case unknown
    case wrong
}

/// Undoes the percent encoding, byte by byte: a name may hold any but must be UTF-8 as a whole.
private func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), let code = UInt8(String(rest.prefix(2)) ?? "", radix: 16) {
            bytes.append(code)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// All of a ledger's file.
package struct EndpointLedger: Sendable {
    package var lines: [EndpointLine] = []
    /// Parts that the kernel or the user's rights did not allow, and why.
    package var skipped: [String] = []

    /// The aliases that its lines are about.
    package static let aliases =
        ["socket.send", "socket.receive", "socket.create.return", "socket.close", "socket.connected"]
        + ["connect", "accept", "bind", "listen", "shutdown"].flatMap { ["socket.\($0)", "socket.\($0).return"] }

    /// Of these what the kernel's own events show.
    package static let aliasesOfEvents = ["socket.send", "socket.receive", "socket.connected"]

    package init(_ text: [Substring]) throws {
        for line in text {
            if line.hasPrefix("skipped=") { skipped.append(String(line)) } else { lines.append(try EndpointLine(line)) }
        }
    }

    package init(lines: [EndpointLine]) {
        self.lines = lines
    }
}
