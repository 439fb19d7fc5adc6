/// What the TIME column of text shows. JSON and CSV always have the trace clock.
package enum TimeColumn: Sendable, Equatable {
    /// Seconds of the trace clock.
    case clock
    /// The bare number, of a clock whose ticks are no nanoseconds.
    case ticks
    /// Seconds since this time of the trace clock.
    case relative(to: UInt64)
    /// Date and time of day.
    /// - offset: nanoseconds from the trace clock to the time since 1970.
    /// - zone: seconds by which the clocks on the wall are ahead of UTC.
    case wall(offset: Int64, zone: Int)

    /// Columns that it takes.
    /// - Parameter isPrecise: with nanoseconds, and a day where it is of the day; else with microseconds.
    package func width(isPrecise: Bool) -> Int {
        switch self {
        case .wall: isPrecise ? 29 : 15
        case .ticks: 20
        case .clock, .relative: isPrecise ? 16 : 13
        }
    }
}

extension OutputBuffer {
    /// Appends a time.
    package mutating func append(time: UInt64, as column: TimeColumn, isPrecise: Bool) {
        switch column {
        case .clock: append(seconds: time, isPrecise)
        case .ticks: append(decimal: time)
        case .relative(let begin):
            // A time before the beginning has a minus sign: a damaged file can hold one.
            if time < begin { append(UInt8(ascii: "-")) }
            append(seconds: time < begin ? begin - time : time - begin, isPrecise)
        case .wall(let offset, let zone):
            let local = time &+ UInt64(bitPattern: offset) &+ UInt64(bitPattern: Int64(zone) &* 1_000_000_000)
            if isPrecise { appendDate(local) }
            appendTimeOfDay(local, isPrecise)
        }
    }

    private mutating func append(seconds time: UInt64, _ isPrecise: Bool) {
        append(decimal: time / 1_000_000_000)
        appendFraction(time, isPrecise)
    }

    private mutating func appendFraction(_ time: UInt64, _ isPrecise: Bool) {
        let nanoseconds = time % 1_000_000_000
        append(UInt8(ascii: "."))
        if isPrecise { append(decimal: nanoseconds, digits: 9) } else { append(decimal: nanoseconds / 1000, digits: 6) }
    }

    /// `2026-11-21 `, of nanoseconds since 1970 where the date is wanted.
    private mutating func appendDate(_ time: UInt64) {
        let date = CivilDate(daysSince1970: Int64(time / 86_400_000_000_000))
        append(decimal: UInt64(date.year), digits: 4)
        append(UInt8(ascii: "-"))
        append(decimal: UInt64(date.month), digits: 2)
        append(UInt8(ascii: "-"))
        append(decimal: UInt64(date.day), digits: 2)
        append(UInt8(ascii: " "))
    }

    /// `06:22:10.122064430`.
    private mutating func appendTimeOfDay(_ time: UInt64, _ isPrecise: Bool) {
        let second = time / 1_000_000_000 % 86_400
        append(decimal: second / 3600, digits: 2)
        append(UInt8(ascii: ":"))
        append(decimal: second / 60 % 60, digits: 2)
        append(UInt8(ascii: ":"))
        append(decimal: second % 60, digits: 2)
        appendFraction(time, isPrecise)
    }
}

/// A day of the Gregorian calendar, counted without time zones.
package struct CivilDate: Sendable, Equatable {
    /// From 1970 on.
    package var year: Int64
    /// 1…12.
    package var month: Int64
    /// 1…31.
    package var day: Int64

    /// A day by its number; 0 is 1 January 1970. Days are counted in years that begin in March, so that the odd day comes
    /// last, in eras of 400 years.
    package init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// A day as it is written; whether there is such a day shows when it is made again of `daysSince1970`.
    package init(year: Int64, month: Int64, day: Int64) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The day's number; 0 is 1 January 1970.
    package var daysSince1970: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shiftedYear.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
