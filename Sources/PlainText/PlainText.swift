// A plain search, byte for byte. The standard library's own is part of its regular expressions, which would be a megabyte of
// the executable.
extension StringProtocol {
    /// Whether the text occurs in this one.
    package func holds(_ part: String) -> Bool {
        if part.isEmpty { return true }
        let here = Array(utf8)
        let there = Array(part.utf8)
        guard here.count >= there.count else { return false }
        return (0...(here.count - there.count)).contains { here[$0..<($0 + there.count)].elementsEqual(there) }
    }

    /// What stands between the occurrences of a text in this one, empty pieces too.
    package func pieces(between separator: String) -> [SubSequence] {
        let wanted = Array(separator.utf8)
        guard let first = wanted.first else { return [self[...]] }
        var pieces: [SubSequence] = []
        var (start, here) = (startIndex, startIndex)
        while here < endIndex {
            // The first byte alone rules out nearly every position.
            if utf8[here] == first, utf8[here...].starts(with: wanted) {
                pieces.append(self[start..<here])
                here = utf8.index(here, offsetBy: wanted.count)
                start = here
            } else {
                here = utf8.index(after: here)
            }
        }
        return pieces + [self[start...]]
    }

    /// This text with another in place of each occurrence of a character.
    package func substituting(_ character: Unicode.Scalar, with replacement: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar == character {
                out.append(contentsOf: replacement.unicodeScalars)
            } else {
                out.append(scalar)
            }
        }
        return String(out)
    }
}
