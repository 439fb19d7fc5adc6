/// How the timestamps of a file become nanoseconds, with the options that trace-cmd applies and in its order:
/// TIME_SHIFT (a guest's clock to its host's), TSC2NSEC (ticks to nanoseconds), then DATE and OFFSET added.
///
/// Source: `timestamp_calc` and `handle_options` of trace-cmd's `lib/trace-cmd/trace-input.c`.
package struct TimeAdjustment: Sendable, Equatable {
    /// Ticks to nanoseconds: `(ticks * multiplier) >> shift`. The offset is recorded; trace-cmd does not apply it.
    package struct TicksToNanoseconds: Sendable, Equatable {
        /// The factor; 0 never occurs.
        package var multiplier: UInt32
        /// Bits to shift right, below 64.
        package var shift: UInt32
        /// Nanoseconds that the clock had at tick 0, as the kernel reported it.
        package var offset: UInt64
    }

    /// Nanoseconds added to every timestamp, the sum of the DATE and OFFSET options.
    package internal(set) var offset: Int64 = 0
    /// Ticks to nanoseconds, for files recorded with the clock x86-tsc.
    package internal(set) var ticks: TicksToNanoseconds?
    /// The guest-to-host correction of each CPU.
    package internal(set) var guest: GuestShift?
    /// Whether the nanoseconds are those since 1970, as `trace-cmd record --date` makes them.
    package internal(set) var isWallClock = false

    /// The trace clocks that count nanoseconds (`trace_clocks` in kernel/trace/trace.c), and trace-cmd's own name for one
    /// that it converted. The others are counter (records), uptime (jiffies), x86-tsc and ppc-tb (a processor's ticks).
    private static let clocksOfNanoseconds: Set<String> = [
        "local", "global", "perf", "mono", "mono_raw", "boot", "tai", "tsc2nsec",
    ]

    /// Whether times come out as nanoseconds: so they do where the clock counts them, or the file tells how to convert its
    /// ticks. Of a clock that is not known they are not known to.
    package func countsNanoseconds(clock: String) -> Bool {
        ticks != nil || Self.clocksOfNanoseconds.contains(clock)
    }

    /// True when every timestamp stays as it is.
    package var isIdentity: Bool { offset == 0 && ticks == nil && guest == nil }

    /// Nanoseconds for a timestamp of the ring buffer. Arithmetic wraps as trace-cmd's does.
    package func nanoseconds(_ raw: UInt64, cpu: Int) -> UInt64 {
        var time = raw
        if let guest { time = guest.host(time, cpu: cpu) }
        if let ticks {
            let product = time.multipliedFullWidth(by: UInt64(ticks.multiplier))
            let shift = UInt64(ticks.shift)
            time = shift == 0 ? product.low : (product.low >> shift) | (product.high << (64 - shift))
        }
        return time &+ UInt64(bitPattern: offset)
    }
}

/// A guest's timestamps brought to its host's clock, from samples taken during the recording.
package struct GuestShift: Sendable, Equatable {
    /// One measurement of the difference.
    package struct Sample: Sendable, Equatable {
        /// The guest's time of the measurement, nanoseconds.
        package var time: Int64
        /// What to add, nanoseconds.
        package var offset: Int64
        /// Factor of the guest's time, before `fraction` is shifted out.
        package var scaling: Int64
        /// Bits to shift right after scaling.
        package var fraction: Int64
    }

    /// The trace id of the host's file.
    package internal(set) var peerTraceID: UInt64
    /// Bit 0: interpolate between samples.
    package internal(set) var flags: UInt32
    /// The samples of each guest CPU, by time, no two of the same time.
    package internal(set) var samples: [[Sample]]

    func host(_ time: UInt64, cpu: Int) -> UInt64 {
        guard samples.indices.contains(cpu), let first = samples[cpu].first, let last = samples[cpu].last else {
            return time
        }
        let list = samples[cpu]
        if list.count == 1 { return time &+ UInt64(bitPattern: first.offset) }
        var index = 0
        if time >= UInt64(bitPattern: last.time) {
            index = list.count - 2
        } else if time > UInt64(bitPattern: first.time) {
            var low = 0
            var high = list.count - 1
            while low < high {
                let middle = (low + high + 1) / 2
                if UInt64(bitPattern: list[middle].time) <= time { low = middle } else { high = middle - 1 }
            }
            index = low
        }
        return corrected(time, between: list[index], and: list[index + 1])
    }

    private func corrected(_ time: UInt64, between left: Sample, and right: Sample) -> UInt64 {
        var correction = left.offset
        let distance = right.time &- left.time
        if flags & 1 != 0, distance != 0, distance != -1 {
            let part = (Int64(bitPattern: time) &- left.time) &* (right.offset &- left.offset)
            correction = left.offset &+ (part &+ distance / 2) / distance
        }
        let shift = UInt64(bitPattern: left.fraction) & 63
        return ((time &* UInt64(bitPattern: left.scaling)) >> shift) &+ UInt64(bitPattern: correction)
    }
}

/// A number as C's `strtoll` with base 0 reads it: sign, `0x`, leading 0 for octal; stops at the first other byte.
func leadingInteger(_ text: [UInt8]) -> Int64 {
    var rest = text.drop { $0 == 0x20 || ($0 >= 9 && $0 <= 13) }[...]
    var isNegative = false
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        isNegative = sign == UInt8(ascii: "-")
        rest = rest.dropFirst()
    }
    var base: Int64 = 10
    if rest.first == UInt8(ascii: "0") {
        let second = rest.dropFirst().first
        if second == UInt8(ascii: "x") || second == UInt8(ascii: "X") {
            base = 16
            rest = rest.dropFirst(2)
        } else {
            base = 8
        }
    }
    var value: Int64 = 0
    for byte in rest {
        let digit: Int64
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = Int64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = Int64(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = Int64(byte - UInt8(ascii: "A")) + 10
        default: digit = 99
        }
        if digit >= base { break }
        let (product, overflow) = value.multipliedReportingOverflow(by: base)
        let (sum, overflow2) = product.subtractingReportingOverflow(digit)
        if overflow || overflow2 { return isNegative ? .min : .max }
        value = sum
    }
    if isNegative { return value }
    return value == .min ? .max : -value
}
