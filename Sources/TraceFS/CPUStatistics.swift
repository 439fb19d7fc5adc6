/// What one CPU's buffer has taken and lost: `per_cpu/cpuN/stats` (`tracing_stats_read`, kernel/trace/trace.c).
package struct CPUStatistics: Sendable, Equatable {
    /// Records in the buffer, not yet read.
    package var entries: UInt64 = 0
    /// Records overwritten before anybody read them: losses.
    package var overrun: UInt64 = 0
    /// Records lost as one interrupted the writing of another for too long.
    package var commitOverrun: UInt64 = 0
    /// Bytes in the buffer.
    package var bytes: UInt64 = 0
    /// Time of the oldest record in the buffer: nanoseconds, or ticks for a clock that counts no nanoseconds.
    package var oldest: UInt64 = 0
    /// The buffer's clock when this was read.
    package var now: UInt64 = 0
    /// Records lost as the buffer was full, with the option `overwrite` off.
    package var dropped: UInt64 = 0
    /// Records read so far.
    package var readEvents: UInt64 = 0
    /// The text it was read from, for a trace.dat.
    package var text: String

    /// All losses together.
    package var lost: UInt64 { overrun &+ commitOverrun &+ dropped }

    /// Reads lines of `NAME: NUMBER`; a line that this kernel lacks leaves its number at 0.
    package init(_ text: String) {
        self.text = text
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch line[..<colon] {
            case "entries": entries = UInt64(value) ?? 0
            case "overrun": overrun = UInt64(value) ?? 0
            case "commit overrun": commitOverrun = UInt64(value) ?? 0
            case "bytes": bytes = UInt64(value) ?? 0
            case "oldest event ts": oldest = Self.time(value)
            case "now ts": now = Self.time(value)
            case "dropped events": dropped = UInt64(value) ?? 0
            case "read events": readEvents = UInt64(value) ?? 0
            default: break
            }
        }
    }

    /// Seconds with six decimals, to nanoseconds, or a bare number of ticks.
    private static func time(_ text: Substring) -> UInt64 {
        let parts = text.split(separator: ".")
        guard let whole = parts.first.flatMap({ UInt64($0) }) else { return 0 }
        guard parts.count == 2, let fraction = UInt64(parts[1]), parts[1].utf8.count <= 9 else { return whole }
        let scale = (parts[1].utf8.count..<9).reduce(UInt64(1)) { scale, _ in scale * 10 }
        return whole &* 1_000_000_000 &+ fraction * scale
    }
}
