/// A pattern in which `*` stands for any bytes, `?` for one, and `[a-z]` or `[!a-z]` for one of some, as in glob(7).
struct Glob: Sendable, Equatable {
    private let pattern: [UInt8]

    init(_ text: String) { pattern = Array(text.utf8) }

    /// Whether so many bytes are like that. Allocates nothing.
    func matches(count: Int, _ byte: (Int) -> UInt8) -> Bool {
        var (place, index) = (0, 0)
        // Where to go on after the last star when what follows it does not fit: one byte later.
        var retry: (place: Int, index: Int)?
        while index < count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                retry = (place + 1, index)
                place += 1
            } else if let end = end(ofPartAt: place, matching: byte(index)) {
                (place, index) = (end, index + 1)
            } else if let last = retry {
                retry = (last.place, last.index + 1)
                (place, index) = (last.place, last.index + 1)
            } else {
                return false
            }
        }
        while place < pattern.count, pattern[place] == UInt8(ascii: "*") { place += 1 }
        return place == pattern.count
    }

    /// Where the part of the pattern that stands for one byte ends; nil where the byte is another.
    private func end(ofPartAt place: Int, matching byte: UInt8) -> Int? {
        guard place < pattern.count else { return nil }
        if pattern[place] == UInt8(ascii: "?") { return place + 1 }
        if pattern[place] == UInt8(ascii: "["), let close = close(ofSetAt: place) {
            return isInSet(byte, place + 1..<close) ? close + 1 : nil
        }
        return pattern[place] == byte ? place + 1 : nil
    }

    /// Where the bracket is that ends a set; nil for one that is just a bracket. One that comes first is a member.
    private func close(ofSetAt place: Int) -> Int? {
        var first = place + 1
        if first < pattern.count, pattern[first] == UInt8(ascii: "!") { first += 1 }
        guard first < pattern.count else { return nil }
        return pattern[(first + 1)...].firstIndex(of: UInt8(ascii: "]"))
    }

    private func isInSet(_ byte: UInt8, _ set: Range<Int>) -> Bool {
        let isNegated = pattern[set.lowerBound] == UInt8(ascii: "!")
        var (index, isFound) = (set.lowerBound + (isNegated ? 1 : 0), false)
        while index < set.upperBound {
            if index + 2 < set.upperBound, pattern[index + 1] == UInt8(ascii: "-") {
                if pattern[index] <= byte, byte <= pattern[index + 2] { isFound = true }
                index += 3
            } else {
                if pattern[index] == byte { isFound = true }
                index += 1
            }
        }
        return isFound != isNegated
    }
}
