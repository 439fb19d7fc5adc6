internal import EventOutput
internal import EventStatistics
internal import SocketEvents

/// Filters the events of batches and counts them.
struct EventCounting: ~Copyable {
    var summary: EventSummary
    let filter: EventFilter
    private let passesAll: Bool

    init(_ options: SummaryOptions, _ filter: EventFilter) {
        summary = EventSummary(options: options)
        self.filter = filter
        passesAll = filter.isEmpty
    }

    mutating func add(_ batch: borrowing TraceBatch) {
        if passesAll {
            summary.add(batch)
        } else {
            batch.visit {
                add($0)
            } lost: { _ in
            }
        }
    }

    mutating func add(_ event: borrowing SocketEvent) {
        guard filter.accepts(event) else { return }
        summary.add(event)
    }
}
