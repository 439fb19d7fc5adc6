/// How times of several recordings come onto one clock.
struct CommonClock: Sendable {
    /// The source whose clock it is.
    let base: Int
    /// Nanoseconds from each source's clock to that one; none is negative, so that no time is.
    let offsets: [UInt64]

    /// Recordings of one boot have one clock; others are put together by the time of day, where all of them have it.
    init(_ sources: [ExportSource]) {
        let days = sources.compactMap(\.wallClock)
        let isOneBoot = sources.allSatisfy { $0.boot != nil && $0.boot == sources[0].boot }
        guard sources.count > 1, !isOneBoot, days.count == sources.count, let earliest = days.min() else {
            (base, offsets) = (0, sources.map { _ in 0 })
            return
        }
        base = days.firstIndex(of: earliest) ?? 0
        offsets = days.map { UInt64(bitPattern: $0 &- earliest) }
    }
}
