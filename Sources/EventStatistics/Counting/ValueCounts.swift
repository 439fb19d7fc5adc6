internal import BasicContainers
internal import Histogram

/// How often which values occurred, in the buckets of an HdrHistogram of two significant digits.
///
/// Counting is by hand: `Histogram.record` does the same in three calls and two checks for other owners, which are a
/// third of what a summary takes. Percentiles are the library's.
struct ValueCounts: ~Copyable, Sendable {
    private var counts: UniqueArray<UInt32>
    private var largest: UInt64 = 0

    /// Half of what 64 bits hold is the most that a histogram tracks.
    private static let limit: UInt64 = 1 << 62

    /// With room up to 2^16 from the start: growing step by step would leave a trail of smaller arrays.
    init() { counts = UniqueArray(repeating: 0, count: Self.bucket(of: 1 << 16)) }

    @inline(__always)
    mutating func record(_ value: UInt64) {
        if value > largest { largest = value }
        let bucket = Self.bucket(of: value)
        // So the array's own check is the same, and is left out.
        guard UInt(bitPattern: bucket) < UInt(bitPattern: counts.count) else { return recordBeyond(bucket) }
        // It stays at the most it can hold.
        if counts[bucket] != .max { counts[bucket] &+= 1 }
    }

    @inline(never)
    private mutating func recordBeyond(_ bucket: Int) {
        grow(to: bucket)
        counts[bucket] = 1
    }

    private mutating func grow(to bucket: Int) {
        // Whole powers of two.
        let count = (bucket | 127) + 1
        while counts.count < count { counts.append(0) }
    }

    /// Whether nothing was recorded.
    var isEmpty: Bool { !counts.indices.contains { counts[$0] != 0 } }

    /// Records all that another one did.
    mutating func add(_ other: borrowing ValueCounts) {
        largest = max(largest, other.largest)
        if other.counts.count > counts.count { grow(to: other.counts.count - 1) }
        for bucket in other.counts.indices {
            let sum = counts[bucket].addingReportingOverflow(other.counts[bucket])
            counts[bucket] = sum.overflow ? .max : sum.partialValue
        }
    }

    /// Calls with the values, ascending, and how often each occurred.
    func visit(_ body: (UInt64, UInt64) -> Void) {
        for bucket in counts.indices where counts[bucket] != 0 { body(Self.value(of: bucket), UInt64(counts[bucket])) }
    }

    /// The same in the encoding of HdrHistogram's logs.
    var encoded: [UInt8]? { HistogramEncoding.text(of: counts.span, largest: min(largest, Self.limit)) }

    /// The library's histogram of the same.
    var histogram: Histogram<UInt32> {
        let largest = min(largest, Self.limit)
        var histogram = Histogram<UInt32>(
            highestTrackableValue: max(largest, 2), numberOfSignificantValueDigits: .two)
        for bucket in counts.indices where counts[bucket] != 0 {
            histogram.record(min(Self.value(of: bucket), largest), count: counts[bucket])
        }
        // The largest is kept exactly.
        if largest > 0 { histogram.record(largest, count: 0) }
        return histogram
    }

    /// Values up to 255 have a bucket each, from then on 128 share each power of two.
    @inline(__always)
    private static func bucket(of value: UInt64) -> Int {
        let exponent = 56 - (value | 255).leadingZeroBitCount
        return exponent << 7 + Int(truncatingIfNeeded: value >> UInt64(exponent))
    }

    /// The smallest value of a bucket.
    private static func value(of bucket: Int) -> UInt64 {
        let exponent = max(bucket >> 7 - 1, 0)
        return UInt64(bucket - exponent << 7) << UInt64(exponent)
    }
}
