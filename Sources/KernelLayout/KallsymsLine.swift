/// One line of /proc/kallsyms, `address type name`, a tab and `[module]` after it for a module's.
struct KallsymsLine {
    /// Where the hexadecimal digits of the address lie.
    var address: Range<Int>
    /// As in nm(1): `t` and `T` are functions.
    var type: UInt8
    /// Where the name lies.
    var name: Range<Int>
    /// Where the module's name lies; nil for what is not in a module.
    var module: Range<Int>?

    var isFunction: Bool { type == UInt8(ascii: "t") || type == UInt8(ascii: "T") }
    /// Data of any kind, constant or not.
    var isData: Bool {
        switch UnicodeScalar(type) {
        case "d", "D", "r", "R", "b", "B": true
        default: false
        }
    }

    /// The name of what follows a symbol's, in brackets.
    private static func module(after name: Int, in text: Span<UInt8>) -> Range<Int>? {
        guard name + 1 < text.count, text[name] == UInt8(ascii: "\t"), text[name + 1] == UInt8(ascii: "[") else {
            return nil
        }
        var end = name + 2
        while end < text.count, text[end] != UInt8(ascii: "]"), text[end] != UInt8(ascii: "\n") { end += 1 }
        return name + 2..<end
    }

    /// The address; nil where the digits are none.
    func number(in text: Span<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for position in address {
            switch text[position] {
            case let digit where digit >= UInt8(ascii: "0") && digit <= UInt8(ascii: "9"):
                value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case let digit where digit >= UInt8(ascii: "a") && digit <= UInt8(ascii: "f"):
                value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }

    /// Goes through the lines; those of another form are passed over.
    static func forEach(in text: Span<UInt8>, _ take: (KallsymsLine) -> Void) {
        let (newline, space, tab) = (UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"))
        let end = text.count
        var start = 0
        while start < end {
            var position = start
            while position < end, text[position] != space, text[position] != newline { position += 1 }
            let nameStart = position + 3
            var lineEnd = position
            if nameStart < end, text[position] == space, text[position + 2] == space, text[position + 1] != newline {
                var nameEnd = nameStart
                while nameEnd < end, text[nameEnd] > space { nameEnd += 1 }
                if nameEnd > nameStart,
                    nameEnd == end || text[nameEnd] == space || text[nameEnd] == tab || text[nameEnd] == newline
                {
                    take(
                        KallsymsLine(
                            address: start..<position, type: text[position + 1], name: nameStart..<nameEnd,
                            module: module(after: nameEnd, in: text)))
                }
                lineEnd = nameEnd
            }
            while lineEnd < end, text[lineEnd] != newline { lineEnd += 1 }
            start = lineEnd + 1
        }
    }
}

/// A quick look whether a name may be one of a set: by its length and first two bytes.
struct NameFilter {
    private var known: [Bool] = Array(repeating: false, count: 1 << 16)

    init(_ names: Set<String>) {
        for name in names {
            var bytes = name.utf8.makeIterator()
            if let first = bytes.next() { known[Self.key(first, bytes.next() ?? 0, name.utf8.count)] = true }
        }
    }

    func mayHold(_ name: Range<Int>, in text: Span<UInt8>) -> Bool {
        let first = text[name.lowerBound]
        let second = name.count > 1 ? text[name.lowerBound + 1] : 0
        return known[Self.key(first, second, name.count)]
    }

    private static func key(_ first: UInt8, _ second: UInt8, _ count: Int) -> Int {
        ((Int(first) &* 31 &+ Int(second)) &* 67 &+ count) & 0xffff
    }
}
