package import SocketEvents

/// Counts events, and writes nothing.
package struct SummaryCounter: ~Copyable, EventConsumer {
    /// What was counted so far.
    package private(set) var summary: EventSummary
    /// Messages counted, of each source.
    package private(set) var shown: [UInt64]

    /// Nothing was counted yet.
    /// - Parameter sources: how many there are.
    package init(_ options: SummaryOptions, sources: Int) {
        summary = EventSummary(options: options)
        shown = Array(repeating: 0, count: sources)
    }

    package var isOver: Bool { false }

    package mutating func begin() {}

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        let before = summary.messageCount
        summary.add(batch, events, of: source)
        shown[source] += summary.messageCount - before
    }

    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {}

    package mutating func flush() {}

    package mutating func end() {}

    /// What was counted.
    package consuming func finish() -> EventSummary { summary }
}
