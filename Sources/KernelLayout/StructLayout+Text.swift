extension StructLayout {
    /// What somebody else found out, with a debugger or pahole for one: a line `STRUCT.MEMBER OFFSET WIDTH` each, in bytes,
    /// as in `sock.sk_protocol 516 2`. Empty lines and those that begin with `#` are passed over.
    /// - Returns: the layout, or the first line that is none.
    package static func reading(_ text: String) -> Result<StructLayout, UnreadableLine> {
        var layout = StructLayout()
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ").map(String.init)
            if words.isEmpty { continue }
            guard words.count == 3, let member = Member(rawValue: words[0]), let offset = Int(words[1]),
                (0..<1 << 16).contains(offset), let width = Int(words[2]), member.widths.contains(width)
            else { return .failure(UnreadableLine(text: String(line))) }
            layout[member] = Place(offset: offset, width: width, source: .given)
        }
        return .success(layout)
    }

    /// A line that does not say where a member lies.
    package struct UnreadableLine: Error {
        /// The line.
        package var text: String
    }
}

extension StructLayout.Member {
    /// The bytes that it may have.
    fileprivate var widths: [Int] {
        switch self {
        case .sockRemoteIPv6, .sockLocalIPv6, .flowRemoteIPv6, .flowLocalIPv6: [16]
        case .nameBytes: [1]
        default: [1, 2, 4, 8]
        }
    }
}
