internal import PlainText

/// Texts for messages, which may hold names and paths that somebody else chose.
package enum PrintableText {
    /// The text with every character that must not reach a terminal as it is, line ends excepted, as the `\xNN` of its
    /// bytes.
    package static func escaped(_ text: String) -> String {
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

    /// The same for a text that must stay on its line.
    package static func line(_ text: String) -> String {
        escaped(text).substituting("\n", with: "\\x0a")
    }

    /// The same as a field of CSV, which no spreadsheet takes for a formula, quoted where it must be.
    package static func csv(_ text: String) -> String {
        var line = line(text)
        if let first = line.utf8.first, beginsFormula(first) { line = hex(first) + line.dropFirst() }
        return line.contains { $0 == "," || $0 == "\"" } ? "\"\(line.substituting("\"", with: "\"\""))\"" : line
    }

    /// The text as the inside of a JSON string: such characters, and line ends, become `\uXXXX`.
    package static func json(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            if scalar == "\"" || scalar == "\\" { return "\\\(scalar)" }
            guard NameBytes.mustEscape(scalar.value) else { return String(scalar) }
            return NameBytes.units(of: scalar.value).map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }.joined()
    }

    /// Whether a spreadsheet takes a field that begins so for a formula.
    static func beginsFormula(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"): true
        default: false
        }
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "\n" && NameBytes.mustEscape(scalar.value)
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
}
