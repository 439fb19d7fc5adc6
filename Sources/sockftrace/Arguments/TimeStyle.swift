internal import ArgumentParser
internal import EventOutput
internal import Glibc
internal import LinuxSystem

/// What the column TIME of text shows.
enum TimeStyle: String, CaseIterable, WordArgument {
    case trace
    case relative
    case wall

    /// For a trace that begins now.
    /// - Parameter wallClock: nanoseconds from the trace clock to the time since 1970.
    func column(wallClock: Int64) -> TimeColumn {
        let now = Clock.monotonic.now
        return switch self {
        case .trace: .clock
        case .relative: .relative(to: now)
        case .wall: .wall(offset: wallClock, zone: LocalTime.zone(at: now &+ UInt64(bitPattern: wallClock)))
        }
    }
}

/// The clocks on the wall where this runs.
enum LocalTime {
    /// By how many seconds they are ahead of UTC at a time, given in nanoseconds since 1970.
    static func zone(at time: UInt64) -> Int {
        var seconds = time_t(truncatingIfNeeded: time / 1_000_000_000)
        var parts = tm()
        return localtime_r(&seconds, &parts) == nil ? 0 : parts.tm_gmtoff
    }

    /// `18:04:59`, at a time given in nanoseconds since 1970.
    static func timeOfDay(at time: UInt64) -> String {
        let second = (Int(time / 1_000_000_000) + zone(at: time)) % 86_400
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
    }
}
