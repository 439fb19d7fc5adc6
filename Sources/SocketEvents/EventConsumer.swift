/// What takes the events of a trace or of recordings: text, JSON, CSV, a summary, an export, a view.
///
/// A consumer sees events in time order and only those that were asked for. It does not know where they come from; of
/// several recordings each has a number, from 0 on, its source.
package protocol EventConsumer: ~Copyable {
    /// Called once, before all else.
    mutating func begin()

    /// Takes some events of a batch, between which no records are missing.
    mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int)

    /// Records are missing here.
    mutating func lost(_ loss: TraceBatch.Loss, of source: Int)

    /// What was taken is all there is for now: somebody may be waiting for it.
    mutating func flush()

    /// Called once, when no more will come.
    mutating func end()

    /// Nothing more is wanted.
    var isOver: Bool { get }
}

extension EventConsumer where Self: ~Copyable {
    /// Takes a part of a batch, events and losses in their order.
    package mutating func take(_ batch: borrowing TraceBatch, _ part: TraceBatch.Part, of source: Int = 0) {
        var next = part.events.lowerBound
        for index in part.losses {
            let loss = batch.loss(at: index)
            if next < loss.position { consume(batch, next..<loss.position, of: source) }
            next = loss.position
            lost(loss, of: source)
        }
        if next < part.events.upperBound { consume(batch, next..<part.events.upperBound, of: source) }
    }

    /// Takes a whole batch.
    package mutating func take(_ batch: borrowing TraceBatch, of source: Int = 0) {
        take(batch, batch.whole, of: source)
    }
}
