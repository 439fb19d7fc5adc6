package import SocketEvents

/// How a thread's name is printed so that it is valid where it stands, and so that no escape sequence in it reaches a
/// terminal.
///
/// Escaped are: control characters of ASCII and of Latin-1 (U+0080–U+009F, which some terminals obey), the line and
/// paragraph separators, the characters that turn the direction of writing or take no room (with which a name can look
/// like another), and what is not UTF-8.
extension OutputBuffer {
    /// Appends a name as the inside of a JSON string: characters as above become `\uXXXX`, bytes that are not UTF-8
    /// become U+FFFD.
    @inline(__always)
    package mutating func append(json name: TaskName) {
        let (low, high) = name.words
        let count = name.count
        if NameBytes.arePlain(low: low, high: high, count: count) {
            append(low: low, high: high, size: count)
        } else {
            appendEscaped(json: name, count: count)
        }
    }

    /// Appends a name as text: bytes of characters as above, bytes that are not UTF-8, and backslashes become `\xNN`.
    /// Returns how many columns of a terminal it takes.
    @inline(__always)
    @discardableResult
    package mutating func append(text name: TaskName) -> Int {
        let (low, high) = name.words
        let count = name.count
        if NameBytes.arePlain(low: low, high: high, count: count) {
            append(low: low, high: high, size: count)
            return count
        }
        return appendEscaped(text: name, count: count)
    }

    @inline(never)
    private mutating func appendEscaped(json name: TaskName, count: Int) {
        var index = 0
        while index < count {
            guard let (scalar, length) = NameBytes.scalar(of: name, at: index, count: count) else {
                append("\u{FFFD}")
                index += 1
                continue
            }
            switch scalar {
            case 0x22: append("\\\"")
            case 0x5c: append("\\\\")
            case _ where NameBytes.mustEscape(scalar):
                for unit in NameBytes.units(of: scalar) {
                    append("\\u")
                    append(hex: UInt64(unit), digits: 4)
                }
            default: append(name, from: index, length: length)
            }
            index += length
        }
    }

    /// The same for a name that is not plain, or that stands in a quoted CSV field, where its quotes are doubled.
    @inline(never)
    @discardableResult
    mutating func appendEscaped(text name: TaskName, count: Int, doublingQuotes: Bool = false) -> Int {
        var (index, columns) = (0, 0)
        while index < count {
            let decoded = NameBytes.scalar(of: name, at: index, count: count)
            let length = decoded?.length ?? 1
            if let scalar = decoded?.scalar, scalar != 0x5c, !NameBytes.mustEscape(scalar) {
                if doublingQuotes, scalar == 0x22 { append(UInt8(ascii: "\"")) }
                append(name, from: index, length: length)
                columns += NameBytes.columns(of: scalar)
            } else {
                for byte in index..<index + length {
                    append("\\x")
                    append(hex: UInt64(name[byte]), digits: 2)
                }
                columns += 4 * length
            }
            index += length
        }
        return columns
    }

    private mutating func append(_ name: TaskName, from start: Int, length: Int) {
        for index in start..<start + length { append(name[index]) }
    }
}

extension OutputBuffer {
    /// Drops as much of the text appended since `start` as takes more columns of a terminal than there are, and puts a plus
    /// sign in its place.
    /// - Returns: how many columns the text takes now.
    package mutating func cut(from start: Int, toColumns limit: Int) -> Int {
        var (end, columns, index) = (start, 0, start)
        while index < count {
            let (scalar, length) = scalar(at: index)
            columns += NameBytes.columns(of: scalar)
            if columns >= limit { break }
            index += length
            end = index
        }
        let kept = columns >= limit ? columns - NameBytes.columns(of: scalar(at: index).scalar) : columns
        removeAll(from: end)
        append(UInt8(ascii: "+"))
        return kept + 1
    }

    /// Cuts the text appended since `start`, should it take more columns of a terminal than there are.
    package mutating func shorten(from start: Int, toColumns limit: Int) {
        var (columns, index) = (0, start)
        while index < count {
            let (scalar, length) = scalar(at: index)
            columns += NameBytes.columns(of: scalar)
            index += length
        }
        if columns > limit { _ = cut(from: start, toColumns: limit) }
    }

    /// The character that begins at a byte of the contents, which are UTF-8, and the number of its bytes.
    private func scalar(at index: Int) -> (scalar: UInt32, length: Int) {
        let lead = UInt32(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        let length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
        var scalar = length == 1 ? lead : lead & (0x7f >> UInt32(length))
        for offset in 1..<max(length, 1) where index + offset < count {
            scalar = scalar << 6 | UInt32(bytes.unsafeLoad(fromByteOffset: index + offset, as: UInt8.self) & 0x3f)
        }
        return (scalar, length)
    }
}

/// Questions about the bytes of a name.
enum NameBytes {
    /// Whether all bytes are printable ASCII but `"` and `\`, so that they can be copied as they are: the classic tests
    /// for bytes below and equal, eight at a time.
    @inline(__always)
    static func arePlain(low: UInt64, high: UInt64, count: Int) -> Bool {
        // What follows the name is made spaces, which are plain.
        let words = spaced(low: low, high: high, count: count)
        return (suspicious(words.low) | suspicious(words.high)) == 0
    }

    /// The bytes with spaces behind them.
    @inline(__always)
    static func spaced(low: UInt64, high: UInt64, count: Int) -> (low: UInt64, high: UInt64) {
        let spaces: UInt64 = 0x2020_2020_2020_2020
        return (
            count < 8 ? low | spaces << UInt64(8 * count) : low,
            count < 8 ? spaces : high | spaces << UInt64(8 * (count - 8))
        )
    }

    /// Nonzero where a byte is below space, above `~`, `"` or `\`; never zero where one is.
    @inline(__always)
    private static func suspicious(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5c)
        let delete = word ^ (ones &* 0x7f)
        let below = (word &- ones &* 0x20) & ~word
        let equal = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((delete &- ones) & ~delete)
        return (word | below | equal) & tops
    }

    /// The character that begins at a byte, strictly decoded (no overlong forms, surrogates or numbers above U+10FFFF),
    /// and the number of its bytes; nil where the bytes are no UTF-8.
    static func scalar(of name: TaskName, at index: Int, count: Int) -> (scalar: UInt32, length: Int)? {
        let lead = name[index]
        let (length, least): (Int, UInt32)
        switch lead {
        case 0x00...0x7f: return (UInt32(lead), 1)
        case 0xc2...0xdf: (length, least) = (2, 0x80)
        case 0xe0...0xef: (length, least) = (3, 0x800)
        case 0xf0...0xf4: (length, least) = (4, 0x10000)
        default: return nil
        }
        guard index + length <= count else { return nil }
        var scalar = UInt32(lead) & (0x7f >> UInt32(length))
        for offset in 1..<length {
            let byte = name[index + offset]
            guard byte & 0xc0 == 0x80 else { return nil }
            scalar = scalar << 6 | UInt32(byte & 0x3f)
        }
        guard scalar >= least, Unicode.Scalar(scalar) != nil else { return nil }
        return (scalar, length)
    }

    /// Whether a character must not reach a terminal as it is.
    static func mustEscape(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0...0x1f, 0x7f...0x9f, 0xad, 0x61c, 0x180e, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff,
            0xfff9...0xfffb, 0x1bca0...0x1bca3, 0x1d173...0x1d17a, 0xe0000...0xe0fff:
            true
        default: false
        }
    }

    /// A character as UTF-16, whose units JSON's escapes are.
    static func units(of scalar: UInt32) -> [UInt16] {
        Unicode.Scalar(scalar).map { Array(String($0).utf16) } ?? []
    }

    /// Columns that a terminal gives a character: two for the wide ones of East Asia and for pictures, else one.
    static func columns(of scalar: UInt32) -> Int {
        switch scalar {
        case 0x300...0x36f, 0xfe00...0xfe0f: 0
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
            0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1f9ff,
            0x20000...0x3fffd:
            2
        default: 1
        }
    }
}
