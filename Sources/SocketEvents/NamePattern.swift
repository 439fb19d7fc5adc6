/// What a thread's name is to be like: the name, or a pattern as in glob(7).
public struct NamePattern: Sendable, Equatable, CustomStringConvertible {
    /// As it was given.
    public let description: String
    private let glob: Glob
    /// The name, where it is no pattern.
    private let name: TaskName?

    /// A plain name is cut to what the kernel keeps of it (15 bytes).
    public init(_ text: String) {
        description = text
        glob = Glob(text)
        name = Self.isPattern(text) ? nil : TaskName(text.utf8)
    }

    /// Whether a text is more than a name.
    public static func isPattern(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

    /// Whether a name is like that. Allocates nothing.
    public func matches(_ other: TaskName) -> Bool {
        if let name { return name == other }
        return glob.matches(count: other.count) { other[$0] }
    }
}
