internal import BasicContainers
package import SocketEvents

/// The messages that took the longest, of all that were seen.
package struct SlowestMessages: Sendable {
    /// How many are kept.
    package let limit: Int
    /// The slowest first; of two that took the same time, the earlier one.
    package private(set) var messages: [Message] = []

    /// A message and the recording that it is of.
    package struct Message: Sendable {
        package let item: TraceItem
        package let duration: UInt64
        package let source: Int
    }

    init(count: Int) { limit = count }

    /// Looks at events of a batch, of which few are ever slow enough.
    mutating func add(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        var least = messages.count < limit ? 0 : messages.last?.duration ?? 0
        var isFull = messages.count == limit
        for index in events {
            guard let duration = batch.events[index].duration, duration > least || !isFull else { continue }
            let alias = batch.events[index].alias
            guard alias == .send || alias == .receive else { continue }
            insert(
                Message(
                    item: .event(TracedEvent(batch[index], batch.details(of: index))), duration: duration,
                    source: source))
            least = messages.last?.duration ?? 0
            isFull = messages.count == limit
        }
    }

    private mutating func insert(_ message: Message) {
        let place = messages.firstIndex { $0.duration < message.duration } ?? messages.count
        messages.insert(message, at: place)
        if messages.count > limit { messages.removeLast() }
    }
}
