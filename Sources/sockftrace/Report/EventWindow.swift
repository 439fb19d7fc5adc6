internal import SocketEvents

/// The part of a recording that is wanted: from one time to another, both included, and of some CPUs.
///
/// What lies outside is decoded all the same: an operation that began before the window and ended in it is told in full.
struct EventWindow {
    /// Nanoseconds of the recording's trace clock.
    var since: UInt64 = 0
    var until: UInt64 = .max
    /// Nil for all.
    var cpus: CPUList?

    private var hasBegun = false
    private var isOver = false
    /// Losses before the first event of the window: some of what is missing may belong to it.
    private var pending: [TraceItem] = []

    /// Losses in a row, without an event between them, that are told at the beginning of the window; of more, the last.
    private static let pendingLimit = 256

    var isEverything: Bool { since == 0 && until == .max && cpus == nil }

    /// The items of a batch that lie within.
    mutating func part(of batch: ContiguousArray<TraceItem>) -> ContiguousArray<TraceItem> {
        if isEverything { return batch }
        var part: ContiguousArray<TraceItem> = []
        for item in batch {
            switch item {
            case .lost(let cpu, _): takeLoss(item, cpu, into: &part)
            case .event(let event): take(item, event.time, event.cpu, into: &part)
            }
        }
        return part
    }

    private mutating func take(
        _ item: TraceItem, _ time: UInt64, _ cpu: UInt32, into part: inout ContiguousArray<TraceItem>
    ) {
        if time < since {
            pending.removeAll()
            return
        }
        // An entry may be told after later events, so there is no end after which nothing would come.
        isOver = time > until
        guard !isOver else { return }
        hasBegun = true
        part += pending
        pending.removeAll()
        if cpus?.contains(cpu) != false { part.append(item) }
    }

    private mutating func takeLoss(_ item: TraceItem, _ cpu: UInt32, into part: inout ContiguousArray<TraceItem>) {
        guard !isOver, cpus?.contains(cpu) != false else { return }
        if hasBegun || since == 0 { return part.append(item) }
        if pending.count == Self.pendingLimit { pending.removeFirst() }
        pending.append(item)
    }
}

/// Numbers of CPUs, as in `0,2-5`.
struct CPUList: Equatable {
    private var ranges: [ClosedRange<UInt32>] = []

    /// Nil where the text is no such list.
    init?(_ text: String) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { UInt32($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else { return nil }
            ranges.append(first...last)
        }
    }

    func contains(_ cpu: UInt32) -> Bool {
        ranges.contains { $0.contains(cpu) }
    }
}
