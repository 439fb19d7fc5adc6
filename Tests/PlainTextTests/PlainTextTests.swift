import PlainText
import Testing

/// The plain search finds what the standard library's finds.
struct PlainTextTests {
    private static let texts = [
        "", ":", "::", ":::", "::::", "::1", "1::", "fe80::1:2", "a::b::c", "10.0.0.1", "söck:päth", "日::本",
        "line\nend\n",
        "\"quoted\"", "a\\b\\", "x::y\u{301}::z",
    ]

    @Test("Pieces between a separator", arguments: texts, ["::", ":", "b", "日", "nowhere"])
    func pieces(text: String, separator: String) {
        #expect(text.pieces(between: separator) == text.split(separator: separator, omittingEmptySubsequences: false))
        let part = text.dropFirst()
        #expect(part.pieces(between: separator) == part.split(separator: separator, omittingEmptySubsequences: false))
    }

    @Test("Whether a text holds another", arguments: texts, texts)
    func holds(text: String, part: String) {
        #expect(text.holds(part) == text.contains(part))
        #expect(text.dropFirst().holds(part) == text.dropFirst().contains(part))
    }

    @Test("A character replaced", arguments: texts, ["\n", "\"", ":", "\\"] as [Unicode.Scalar])
    func substituting(text: String, character: Unicode.Scalar) {
        #expect(text.substituting(character, with: "<>") == text.replacing(String(character), with: "<>"))
    }
}
