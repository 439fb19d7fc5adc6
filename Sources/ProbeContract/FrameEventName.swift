/// Where in a function's life a probe fires.
@usableFromInline
package enum FrameSide: String, CaseIterable, Sendable {
    /// At entry, with a return probe on the same function.
    case entry
    /// At return.
    case `return`
    /// At entry, with no return probe beside it.
    case entryOnly = "call"
}

/// The name of a probe event.
@usableFromInline
package struct FrameEventName: Sendable, Equatable {
    /// What the function does.
    package var role: FrameRole
    /// Where in it the event is.
    package var side: FrameSide
    /// The function, where the role alone does not say which.
    package var function: String?

    /// A name of these parts.
    package init(role: FrameRole, side: FrameSide, function: String? = nil) {
        self.role = role
        self.side = side
        self.function = function
    }

    /// Nil where the text is no name of ours.
    package init?(parsing text: some StringProtocol) {
        let parts = Self.parts(of: text)
        let head = parts.head.utf8
        guard let underscore = head.lastIndex(of: UInt8(ascii: "_")),
            let side = FrameSide(rawValue: String(Substring(head[head.index(after: underscore)...]))),
            let role = FrameRole.allCases.first(where: { $0.name.utf8.elementsEqual(head[..<underscore]) })
        else { return nil }
        self.init(role: role, side: side, function: parts.function)
    }

    /// What comes before two underscores, and what comes after them.
    static func parts(of text: some StringProtocol) -> (head: Substring, function: String?) {
        let bytes = Substring(text).utf8
        guard let mark = doubleUnderscore(in: bytes) else { return (Substring(text), nil) }
        return (Substring(bytes[..<mark]), String(Substring(bytes[bytes.index(mark, offsetBy: 2)...])))
    }

    /// `__sys_socket(family, type, protocol)`, which plays the role of a creation where nothing better shows one: its type
    /// has flags beside it, and its result is a descriptor where it is no error.
    package static let socketCall = "__sys_socket"

    /// A function's name as a part of an event's, which is letters, digits and underscores, 63 at most
    /// (is_good_system_name and MAX_EVENT_NAME_LEN in kernel/trace): a function's own may have dots, and what its module's
    /// or its table's goes before it more.
    package static func word(for function: String) -> String {
        let longest = 63 - "proto_sendmsg_return__".utf8.count
        return String(
            decoding: function.utf8.prefix(longest).map { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    byte
                default: UInt8(ascii: "_")
                }
            }, as: UTF8.self)
    }

    /// The event's name in tracefs.
    package var text: String {
        role.name + "_" + side.rawValue + (function.map { "__" + $0 } ?? "")
    }

    private static func doubleUnderscore(in text: Substring.UTF8View) -> Substring.Index? {
        zip(text.indices, text.indices.dropFirst()).first { first, second in
            text[first] == UInt8(ascii: "_") && text[second] == UInt8(ascii: "_")
        }?.0
    }
}
