/// How many values lie between two bounds. Bounds are 0, 1, 2, 5, 10, 20, 50 and so on.
///
/// Values above 255 are known to two significant digits, so that those just below a bound may be counted with those
/// above, or the other way round.
package struct HistogramBucket: Sendable, Equatable {
    /// The smallest value.
    package var from: UInt64
    /// Above the largest value.
    package var to: UInt64
    package var count: UInt64

    /// The bucket of a value, empty.
    init(of value: UInt64) {
        (from, to, count) = (0, 1, 0)
        var scale: UInt64 = 1
        while value >= to {
            for factor: UInt64 in [1, 2, 5] where value >= to {
                from = to
                let next = scale.multipliedReportingOverflow(by: factor == 1 ? 2 : factor == 2 ? 5 : 10)
                to = next.overflow ? .max : next.partialValue
                if to == .max { return }
            }
            scale = scale.multipliedReportingOverflow(by: 10).partialValue
        }
    }

    /// The buckets of counted values, from the smallest to the largest, empty ones between them included.
    static func buckets(of counts: borrowing ValueCounts) -> [HistogramBucket] {
        var buckets: [HistogramBucket] = []
        counts.visit { value, count in
            while let last = buckets.last, last.to < .max, value >= last.to {
                buckets.append(HistogramBucket(of: last.to))
            }
            if buckets.isEmpty { buckets.append(HistogramBucket(of: value)) }
            buckets[buckets.count - 1].count &+= count
        }
        return buckets
    }
}
