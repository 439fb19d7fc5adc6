internal import BasicContainers
internal import Histogram

/// How often which values occurred, to two significant digits.
///
/// Counts take 512 bytes for each doubling of the largest value: 7 KiB for latencies up to a millisecond. Most groups of
/// a summary by socket see but a few messages, so the first values are kept as they are, in 104 bytes, and are counted
/// when there are more.
struct Distribution: Sendable {
    private var few = InlineArray<12, UInt64>(repeating: 0)
    private var fewCount: Int32 = 0
    /// Where the counts are in the pool; -1 as long as there are none.
    private var place: Int32 = -1

    /// The counts of all groups.
    typealias Pool = UniqueArray<ValueCounts>

    @inline(__always)
    mutating func record(_ value: UInt64, _ pool: inout Pool) {
        if place >= 0 {
            pool[Int(place)].record(value)
        } else {
            recordEarly(value, &pool)
        }
    }

    @inline(never)
    private mutating func recordEarly(_ value: UInt64, _ pool: inout Pool) {
        if Int(fewCount) < few.count {
            few[Int(fewCount)] = value
            fewCount += 1
            return
        }
        place = Int32(truncatingIfNeeded: pool.count)
        pool.append(ValueCounts())
        for index in few.indices { pool[Int(place)].record(few[index]) }
        pool[Int(place)].record(value)
    }

    /// Adds its values to others.
    func add(to counts: inout ValueCounts, _ pool: borrowing Pool) {
        if place >= 0 {
            counts.add(pool[Int(place)])
        } else {
            for index in 0..<Int(fewCount) { counts.record(few[index]) }
        }
    }

    /// The values below which so many per cent of all lie, and the largest; nil where there is none.
    func quantiles(_ pool: borrowing Pool) -> SummaryRow.Quantiles? {
        if place >= 0 { return pool[Int(place)].quantiles }
        guard fewCount > 0 else { return nil }
        let values = (0..<Int(fewCount)).map { few[$0] }.sorted()
        // The nearest rank, as the histogram has it.
        func rank(_ percent: Int) -> UInt64 { values[(values.count * percent + 99) / 100 - 1] }
        return SummaryRow.Quantiles(p50: rank(50), p90: rank(90), p99: rank(99), max: rank(100))
    }
}

extension ValueCounts {
    /// The same of all its values.
    var quantiles: SummaryRow.Quantiles? {
        guard !isEmpty else { return nil }
        let histogram = histogram
        return SummaryRow.Quantiles(
            p50: histogram.valueAtPercentile(50), p90: histogram.valueAtPercentile(90),
            p99: histogram.valueAtPercentile(99), max: histogram.valueAtPercentile(100))
    }
}
