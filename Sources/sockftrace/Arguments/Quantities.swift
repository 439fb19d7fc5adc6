internal import ArgumentParser

/// A number of bytes as users write it: `4096`, `64k`, `200M`, `1.5G`; a thousand is 1024 here.
struct ByteCount: ExpressibleByArgument, Equatable {
    let bytes: UInt64

    init(_ bytes: UInt64) {
        self.bytes = bytes
    }

    init?(argument: String) {
        guard let (number, unit) = Quantity.split(argument),
            let bytes = Quantity.scaled(number, by: unit.isEmpty ? 1 : Self.scale(unit) ?? 0), bytes > 0
        else { return nil }
        self.bytes = bytes
    }

    /// Nil where it is no unit of bytes.
    static func scale(_ unit: String) -> UInt64? {
        switch unit {
        case "B": 1
        case "k", "K", "kB", "KB", "KiB": 1 << 10
        case "m", "M", "MB", "MiB": 1 << 20
        case "g", "G", "GB", "GiB": 1 << 30
        case "t", "T", "TB", "TiB": 1 << 40
        default: nil
        }
    }
}

/// A span of time as users write it: `10` and `10s`, `0.5`, `100ms`, `250us`, `5min`, `1h`.
struct TimeSpan: ExpressibleByArgument, Equatable {
    let nanoseconds: UInt64

    init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    init?(argument: String) {
        guard let (number, unit) = Quantity.split(argument),
            let nanoseconds = Quantity.scaled(number, by: unit.isEmpty ? 1_000_000_000 : Self.scale(unit) ?? 0),
            nanoseconds > 0, nanoseconds <= Self.longest
        else { return nil }
        self.nanoseconds = nanoseconds
    }

    /// As the help shows a default.
    var defaultValueDescription: String {
        let units: [(UInt64, String)] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")]
        let unit = units.first { nanoseconds % $0.0 == 0 } ?? (1, "ns")
        return "\(nanoseconds / unit.0)\(unit.1)"
    }

    /// A century, so that a moment and a span make a moment.
    private static let longest: UInt64 = 3_200_000_000_000_000_000

    /// Nil where it is no unit of time.
    static func scale(_ unit: String) -> UInt64? {
        switch unit {
        case "ns": 1
        case "us", "µs": 1_000
        case "ms": 1_000_000
        case "s", "sec": 1_000_000_000
        case "m", "min": 60_000_000_000
        case "h": 3_600_000_000_000
        case "d": 86_400_000_000_000
        default: nil
        }
    }
}

/// What units have in common.
enum Quantity {
    /// A decimal number and what follows it; nil where there is none.
    static func split(_ text: String) -> (number: Double, unit: String)? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), number.isFinite else { return nil }
        return (number, String(text.dropFirst(digits.count)))
    }

    /// Nil where it does not fit into 63 bits, or there is no unit.
    static func scaled(_ number: Double, by scale: UInt64) -> UInt64? {
        let value = (number * Double(scale)).rounded()
        guard scale > 0, value < 9e18 else { return nil }
        return UInt64(value)
    }
}
