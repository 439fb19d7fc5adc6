package import SocketEvents

/// Where the bytes go that a consumer of events makes.
package protocol ByteSink: ~Copyable {
    /// Writes all bytes, or as many as it can until it has ended.
    mutating func write(_ bytes: borrowing OutputBuffer)

    /// Nothing more can be written.
    var hasEnded: Bool { get }
}

/// A consumer of events that writes to a sink.
package protocol WritingConsumer: EventConsumer, ~Copyable {
    associatedtype Sink: ByteSink, ~Copyable

    var sink: Sink { get set }
    /// What it made of events, of each source.
    var tallies: [Tally] { get }
    /// It writes while events come, so that the end of its sink is worth noticing.
    var isContinuous: Bool { get }
    /// When `flush` is wanted though nothing came, on the monotonic clock; nil for never.
    var nextFlush: UInt64? { get }
    /// What is read besides events, such as keys; -1 for nothing.
    var input: Int32 { get }
}

extension WritingConsumer where Self: ~Copyable {
    package var nextFlush: UInt64? { nil }
    package var input: Int32 { -1 }
}
