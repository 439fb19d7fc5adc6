/// A number as people read it: three digits and a unit. Text has all its durations and sums of bytes in this form.
package struct ReadableNumber: Sendable, Equatable {
    /// Three digits at most, without the point.
    let digits: UInt64
    /// How many of them stand behind the point.
    let decimals: Int
    /// By how many powers of 1000 the number was divided.
    let power: Int

    /// Rounded to three digits; whole where it is below 1000.
    package init(_ value: UInt64) {
        var (rest, power) = (value, 0)
        while rest >= 1_000_000 {
            rest /= 1000
            power += 1
        }
        guard rest >= 1000 else {
            (digits, decimals, self.power) = (rest, 0, power)
            return
        }
        switch rest {
        case ..<9_995: (digits, decimals) = ((rest + 5) / 10, 2)
        case ..<99_950: (digits, decimals) = ((rest + 50) / 100, 1)
        case ..<999_500: (digits, decimals) = ((rest + 500) / 1000, 0)
        default:
            (digits, decimals, self.power) = (100, 2, power + 2)
            return
        }
        self.power = power + 1
    }
}

extension ReadableNumber {
    /// A number that is some thousands, as the number of them: 20000 is 20, by one power of 1000.
    package static func whole(_ value: UInt64) -> (number: UInt64, power: Int) {
        var (number, power) = (value, 0)
        while number >= 1000, number % 1000 == 0 {
            number /= 1000
            power += 1
        }
        return (number, power)
    }
}

extension OutputBuffer {
    /// Appends nanoseconds, as in `812 ns`, `3.32 us`, `29.5 ms`, `1.20 s`; from 1000 seconds on whole seconds.
    package mutating func append(duration nanoseconds: UInt64) {
        guard nanoseconds < 999_500_000_000 else {
            append(decimal: nanoseconds / 1_000_000_000)
            return append(" s")
        }
        let number = ReadableNumber(nanoseconds)
        append(number)
        switch number.power {
        case 0: append(" ns")
        case 1: append(" us")
        case 2: append(" ms")
        default: append(" s")
        }
    }

    /// Appends bytes, as in `839 B`, `1.45 MB`: thousands, as disks and networks are counted in.
    package mutating func append(bytes: UInt64) {
        let number = ReadableNumber(bytes)
        append(number)
        append(UInt8(ascii: " "))
        appendPrefix(number.power)
        append(UInt8(ascii: "B"))
    }

    /// Appends a count, as in `839`, `1.45 M`.
    package mutating func append(amount: UInt64) {
        guard amount >= 100_000 else { return append(decimal: amount) }
        let number = ReadableNumber(amount)
        append(number)
        append(UInt8(ascii: " "))
        appendPrefix(number.power)
    }

    private mutating func append(_ number: ReadableNumber) {
        guard number.decimals > 0 else { return append(decimal: number.digits) }
        let divisor: UInt64 = number.decimals == 1 ? 10 : 100
        append(decimal: number.digits / divisor)
        append(UInt8(ascii: "."))
        append(decimal: number.digits % divisor, digits: number.decimals)
    }

    private mutating func appendPrefix(_ power: Int) {
        switch power {
        case 0: return
        case 1: append(UInt8(ascii: "k"))
        case 2: append(UInt8(ascii: "M"))
        case 3: append(UInt8(ascii: "G"))
        case 4: append(UInt8(ascii: "T"))
        case 5: append(UInt8(ascii: "P"))
        default: append(UInt8(ascii: "E"))
        }
    }
}
