/// From what a user types to a number, by a table of names; shared by families, protocols, states and types.
enum NameLookup {
    /// The text in upper case, without one of the prefixes that C headers give such names.
    static func canonical(_ text: String, dropping prefixes: [String]) -> String {
        let upper = text.uppercased()
        for prefix in prefixes where upper.hasPrefix(prefix) && upper.count > prefix.count {
            return String(upper.dropFirst(prefix.count))
        }
        return upper
    }

    /// The first number of a range whose name is the text.
    static func number(
        named text: String, in range: ClosedRange<Int32>, by name: (Int32) -> StaticString?
    ) -> Int32? {
        range.first { name($0).map { $0.description } == text }
    }

    /// A decimal or 0x number that fits a range.
    static func number(written text: String, in range: ClosedRange<Int32>) -> Int32? {
        let isHex = text.hasPrefix("0x") || text.hasPrefix("0X")
        guard let number = isHex ? Int32(text.dropFirst(2), radix: 16) : Int32(text) else { return nil }
        return range.contains(number) ? number : nil
    }

    /// The names of a range, in the order of their numbers.
    static func names(in range: ClosedRange<Int32>, by name: (Int32) -> StaticString?) -> [String] {
        range.compactMap { name($0)?.description }
    }
}
