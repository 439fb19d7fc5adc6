/// A name or number given by a user that stands for nothing known.
public struct UnknownNameError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the text was taken for, for example `address family`.
    public let kind: String
    /// The text as given.
    public let text: String
    /// Everything that would have been understood, as it is printed in help.
    public let valid: [String]

    /// For a text that was taken for something of a kind.
    package init(kind: String, text: String, valid: [String]) {
        self.kind = kind
        self.text = text
        self.valid = valid
    }

    /// One line for the user: what was not understood, and what would be.
    public var description: String {
        "unknown \(kind) '\(text)'; known: \(valid.joined(separator: ", "))"
    }
}
