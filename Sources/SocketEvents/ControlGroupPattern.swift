package import SocketNames

/// Which control groups sockets are to be of.
///
/// | as | means |
/// |---|---|
/// | `/system.slice/nginx.service` | this group, and those below it |
/// | `/docker*`, `*nginx*` | groups whose path is like that |
/// | `4711` | the group of this number, which is its directory's inode |
package struct ControlGroupPattern: Sendable, Equatable {
    private enum Kind: Sendable, Equatable {
        case number(UInt64)
        case path(String)
        case glob(Glob)
    }
    private let kind: Kind
    /// As it was given.
    package let text: String

    /// Where cgroup2 usually is mounted: what is below may be named by its whole path.
    private static let usualMount = "/sys/fs/cgroup"

    /// - Throws: where the text is none of these.
    package init(_ text: String) throws(UnknownNameError) {
        self.text = text
        if let number = UInt64(text) {
            kind = .number(number)
        } else if text.utf8.contains(where: { "*?[".utf8.contains($0) }) {
            kind = .glob(Glob(Self.belowMount(text)))
        } else if text.hasPrefix("/") {
            var path = Self.belowMount(text)
            while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
            kind = .path(path)
        } else {
            throw UnknownNameError(
                kind: "control group", text: text, valid: ["/system.slice/nginx.service", "/docker*", "4711"])
        }
    }

    private static func belowMount(_ text: String) -> String {
        guard text.hasPrefix(usualMount + "/") else { return text == usualMount ? "/" : text }
        return String(text.dropFirst(usualMount.count))
    }

    /// The group that it names by its path; nil where it goes by something else.
    package var path: String? { if case .path(let path) = kind { path } else { nil } }

    /// Whether it goes by paths, one or many.
    package var goesByPath: Bool { if case .number = kind { false } else { true } }

    /// Whether a group is one of those.
    /// - Parameter path: nil where it is not known.
    package func matches(_ number: UInt64, path: String?) -> Bool {
        switch kind {
        case .number(let wanted): return number == wanted
        case .path(let wanted):
            guard let path else { return false }
            return wanted == "/" || path == wanted || path.hasPrefix(wanted + "/")
        case .glob(let glob):
            guard let bytes = path.map({ Array($0.utf8) }) else { return false }
            return glob.matches(count: bytes.count) { bytes[$0] }
        }
    }
}
