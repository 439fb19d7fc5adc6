internal import PlainText

/// How a top is looked at: what keys change.
package struct TopView: Sendable, Equatable {
    package var grouping = TopGrouping.process
    package var order = TopOrder.bytes
    /// Only lines that hold this; "" for all.
    package var filter = ""
    /// The screen stays as it is; counting goes on.
    package private(set) var isPaused = false
    package private(set) var isHelp = false
    /// The user is typing a filter.
    package private(set) var isTyping = false
    /// The user has seen enough.
    package private(set) var isOver = false
    /// Lines left out above the first one.
    package private(set) var offset = 0

    package init() {}

    /// What there is to press, for the help.
    static let keys: [(StaticString, StaticString)] = [
        ("g", "group by the next of process, connection, peer, user, cgroup,"),
        ("", "protocol, family, error"),
        ("s", "sort by the next of bytes, sent, received, messages, connections,"),
        ("", "errors, latency, total"),
        ("/", "show only lines that contain a word; Enter ends it, Esc removes it"),
        ("space", "pause and continue; counting goes on"),
        ("j k", "one line down, one line up"),
        ("h ?", "this help, and back"),
        ("q", "quit"),
    ]

    /// What the columns are, below the keys.
    static let notes: [StaticString] = [
        "Rates are of the last interval, SENT and RECEIVED since the start.",
        "CONNS are connections made or accepted in the last interval.",
        "Latency of receives includes waiting for data.",
    ]

    /// Longer filters than a screen is wide are of no use.
    private static let longestFilter = 40

    /// Takes a byte that was typed.
    package mutating func press(_ byte: UInt8) {
        if isTyping { return type(byte) }
        if isHelp {
            isHelp = false
            if byte != UInt8(ascii: "q") { return }
        }
        switch byte {
        case UInt8(ascii: "g"): (grouping, offset) = (grouping.next, 0)
        case UInt8(ascii: "s"): order = order.next
        case UInt8(ascii: "/"): (isTyping, filter, offset) = (true, "", 0)
        case UInt8(ascii: " "), UInt8(ascii: "p"): isPaused.toggle()
        case UInt8(ascii: "h"), UInt8(ascii: "?"): isHelp = true
        case UInt8(ascii: "j"): offset += 1
        case UInt8(ascii: "k"): offset = max(offset - 1, 0)
        case UInt8(ascii: "q"): isOver = true
        case 0x1b: filter = ""
        default: return
        }
    }

    private mutating func type(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\r"), UInt8(ascii: "\n"): isTyping = false
        case 0x1b: (isTyping, filter) = (false, "")
        case 0x7f, 0x08: filter = String(filter.dropLast())
        case 0x20...0x7e where filter.utf8.count < Self.longestFilter: filter.append(Character(Unicode.Scalar(byte)))
        default: return
        }
    }

    /// The lines that it shows.
    func shown(_ lines: [TopLine]) -> [TopLine] {
        guard !filter.isEmpty else { return lines }
        let wanted = filter.lowercased()
        return lines.filter { $0.now.key.words.holds(wanted) }
    }
}
