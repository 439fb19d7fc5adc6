public import SocketEvents

/// What one group of messages comes to. What the summary does not go by, or is not known, is nil.
public struct SummaryRow: Sendable, Equatable {
    /// Sent, not received.
    public var isSend = false
    /// The process, where rows are told apart by it; so with all that follows.
    public var pid: Int32?
    /// The name of the thread.
    public var comm: TaskName?
    /// The address family.
    public var family: Int32?
    /// The protocol, meaningful with its family.
    public var `protocol`: Int32?
    /// The socket's type.
    public var type: Int32?
    /// The address of the `struct socket`.
    public var socket: UInt64?
    /// In a summary by error: the positive error number; 0 where there was none.
    public var error: Int32?

    /// Messages, failed ones included.
    public var messages: UInt64 = 0
    /// Failed messages.
    public var failed: UInt64 = 0
    /// Bytes moved; nil where no message told.
    public var bytes: UInt64?
    /// How often which error occurred, the most frequent first. Failures whose error is unknown are not here.
    public var errors: [ErrorCount] = []
    /// Nanoseconds from entry to return, of all messages whose duration is known.
    public var latency: Quantiles?
    /// Bytes, of all messages that moved some or none.
    public var size: Quantiles?

    /// A count of one error.
    public struct ErrorCount: Sendable, Equatable {
        /// The positive error number.
        public var number: Int32
        /// How often it occurred.
        public var count: UInt64

        /// An error and how often it occurred.
        public init(number: Int32, count: UInt64) {
            self.number = number
            self.count = count
        }
    }

    /// Values that so many per cent of all do not exceed, to two significant digits.
    public struct Quantiles: Sendable, Equatable {
        /// Not exceeded by half of them; so with the other percentiles.
        public var p50: UInt64
        /// Nine tenths.
        public var p90: UInt64
        /// All but one in a hundred.
        public var p99: UInt64
        /// Exact.
        public var max: UInt64
    }
}
