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
    /// Events that it took, of each source.
    var shown: [UInt64] { get }
    /// It writes while events come, so that the end of its sink is worth noticing.
    var isContinuous: Bool { get }
}
