/// What went over time, in steps of equal length. The steps double when there would be too many, so that it takes the same
/// room for a trace of any length.
struct TimeSeries: Sendable {
    struct Step: Sendable {
        var sends: UInt64 = 0
        var sentBytes: UInt64 = 0
        var receives: UInt64 = 0
        var receivedBytes: UInt64 = 0
        var failed: UInt64 = 0

        mutating func add(_ other: Step) {
            sends &+= other.sends
            sentBytes &+= other.sentBytes
            receives &+= other.receives
            receivedBytes &+= other.receivedBytes
            failed &+= other.failed
        }
    }

    /// The most steps there are.
    static let limit = 512

    private(set) var steps: [Step] = []
    /// The length of a step is this power of two, nanoseconds.
    private(set) var exponent: UInt64 = 12

    /// The step of a time, which there is from now on.
    @inline(__always)
    mutating func place(of time: UInt64) -> Int {
        while time >> exponent >= UInt64(Self.limit) { widen() }
        let place = Int(truncatingIfNeeded: time >> exponent)
        if place >= steps.count { steps.append(contentsOf: repeatElement(Step(), count: place + 1 - steps.count)) }
        return place
    }

    @inline(__always)
    mutating func add(at time: UInt64, _ change: (inout Step) -> Void) {
        let place = place(of: time)
        change(&steps[place])
    }

    private mutating func widen() {
        exponent += 1
        steps = stride(from: 0, to: steps.count, by: 2).map { index in
            var step = steps[index]
            if index + 1 < steps.count { step.add(steps[index + 1]) }
            return step
        }
    }
}

/// How long messages took, over time: counts by step and by latency.
struct HeatMap: Sendable {
    /// The most steps there are.
    static let limit = 128
    /// Bounds of latency: 0, 1, 2, 5, 10, 20, 50 and so on, nanoseconds; the last bin has no end.
    static let bounds: [UInt64] = {
        var bounds: [UInt64] = [0]
        var scale: UInt64 = 1
        while scale <= 1_000_000_000_000 {
            bounds += [scale, 2 * scale, 5 * scale]
            scale *= 10
        }
        return bounds
    }()

    /// By step, then by bin.
    private(set) var counts: [[UInt64]] = []
    private(set) var exponent: UInt64 = 12

    mutating func add(at time: UInt64, latency: UInt64) {
        while time >> exponent >= UInt64(Self.limit) { widen() }
        let place = Int(truncatingIfNeeded: time >> exponent)
        while place >= counts.count { counts.append(Array(repeating: 0, count: Self.bounds.count)) }
        counts[place][Self.bin(of: latency)] += 1
    }

    private static func bin(of latency: UInt64) -> Int {
        var (low, high) = (0, bounds.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if bounds[middle] <= latency { low = middle } else { high = middle }
        }
        return low
    }

    private mutating func widen() {
        exponent += 1
        counts = stride(from: 0, to: counts.count, by: 2).map { index in
            guard index + 1 < counts.count else { return counts[index] }
            return zip(counts[index], counts[index + 1]).map(+)
        }
    }
}
