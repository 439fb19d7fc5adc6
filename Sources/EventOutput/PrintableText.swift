/// Texts for messages, which may hold names and paths that somebody else chose.
public enum PrintableText {
    /// The text with every character that must not reach a terminal as it is, line ends excepted, as the `\xNN` of its
    /// bytes.
    public static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isUnsafe($0) }) else { return text }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) {
                for byte in String(scalar).utf8 { out.append(contentsOf: hex(byte).unicodeScalars) }
            } else {
                out.append(scalar)
            }
        }
        return String(out)
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "\n" && NameBytes.mustEscape(scalar.value)
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
}
