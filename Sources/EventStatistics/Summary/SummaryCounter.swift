package import EventOutput
package import SocketEvents

/// Counts events, and writes nothing.
package struct SummaryCounter: ~Copyable, EventConsumer {
    /// What was counted so far.
    package private(set) var summary: EventSummary
    /// What was counted, of each source.
    package private(set) var tallies: [Tally]

    /// Nothing was counted yet.
    /// - Parameter sources: how many there are.
    package init(_ options: SummaryOptions, sources: Int) {
        summary = EventSummary(options: options)
        tallies = Array(repeating: Tally(.message, .failedCall), count: sources)
    }

    package var isOver: Bool { false }

    package mutating func begin() {}

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        let (messages, failedCalls) = (summary.messageCount, summary.failedCallCount)
        summary.add(batch, events, of: source)
        tallies[source].add(summary.messageCount - messages, .message)
        tallies[source].add(summary.failedCallCount - failedCalls, .failedCall)
    }

    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {}

    package mutating func flush() {}

    package mutating func end() {}

    /// Gives control groups names, by their numbers.
    package mutating func name(groups: [UInt64: String]) { summary.groupPaths = groups }

    /// What was counted.
    package consuming func finish() -> EventSummary { summary }
}
