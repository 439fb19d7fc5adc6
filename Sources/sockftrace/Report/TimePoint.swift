internal import EventOutput

/// A point in time as users write it.
enum TimePoint: Equatable {
    /// Nanoseconds of the trace clock: `12.5`, as text prints it.
    case clock(UInt64)
    /// Nanoseconds after the beginning: `+1.5`.
    case sinceBeginning(UInt64)
    /// A date, or the day on which the recording began, and nanoseconds of that day: `2026-11-21 06:22:10.5`, `06:22`.
    case wall(day: CivilDate?, nanoseconds: UInt64)

    /// Nil where it is none.
    init?(_ text: String) {
        if text.hasPrefix("+") {
            guard let nanoseconds = Self.nanoseconds(text.dropFirst()) else { return nil }
            self = .sinceBeginning(nanoseconds)
        } else if text.contains(":") {
            let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == " " || $0 == "T" }
            guard let last = parts.last, let time = Self.timeOfDay(last) else { return nil }
            let day = parts.count == 2 ? Self.day(parts[0]) : nil
            if parts.count == 2, day == nil { return nil }
            self = .wall(day: day, nanoseconds: time)
        } else {
            guard let nanoseconds = Self.nanoseconds(text[...]) else { return nil }
            self = .clock(nanoseconds)
        }
    }

    /// Decimal seconds, exactly.
    private static func nanoseconds(_ text: Substring) -> UInt64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let seconds = parts.first.flatMap({ number($0, digits: 1...10) }) else { return nil }
        guard parts.count == 2 else { return seconds * 1_000_000_000 }
        guard let fraction = number(parts[1], digits: 1...9) else { return nil }
        let scale = (parts[1].utf8.count..<9).reduce(UInt64(1)) { scale, _ in scale * 10 }
        return seconds * 1_000_000_000 + fraction * scale
    }

    /// `06:22`, `06:22:10` or `06:22:10.5`.
    private static func timeOfDay(_ text: Substring) -> UInt64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, let hour = number(parts[0], digits: 1...2), hour < 24,
            let minute = number(parts[1], digits: 2...2), minute < 60
        else { return nil }
        let second = parts.count == 3 ? nanoseconds(parts[2]) : 0
        guard let second, second < 60_000_000_000 else { return nil }
        return (hour * 60 + minute) * 60_000_000_000 + second
    }

    /// `2026-11-21`. Later than 2261, 64 bits of nanoseconds do not go.
    private static func day(_ text: Substring) -> CivilDate? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = number(parts[0], digits: 4...4), (1970...2261).contains(year),
            let month = number(parts[1], digits: 1...2), (1...12).contains(month),
            let day = number(parts[2], digits: 1...2)
        else { return nil }
        let date = CivilDate(year: Int64(year), month: Int64(month), day: Int64(day))
        return CivilDate(daysSince1970: date.daysSince1970) == date ? date : nil
    }

    private static func number(_ text: Substring, digits: ClosedRange<Int>) -> UInt64? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(text)
    }
}
