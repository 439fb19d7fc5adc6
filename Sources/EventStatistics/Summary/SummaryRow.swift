package import SocketEvents

/// What one group of messages comes to. What the summary does not go by, or is not known, is nil.
package struct SummaryRow: Sendable, Equatable {
    /// Sent, not received.
    package var isSend = false
    /// The process, where rows are told apart by it; so with all that follows.
    package var pid: Int32?
    /// The name of the thread.
    package var comm: TaskName?
    /// The address family.
    package var family: Int32?
    /// The protocol, meaningful with its family.
    package var `protocol`: Int32?
    /// The socket's type.
    package var type: Int32?
    /// The address of the `struct socket`.
    package var socket: UInt64?
    /// In a summary by error: the positive error number; 0 where there was none.
    package var error: Int32?

    /// Messages, failed ones included.
    package var messages: UInt64 = 0
    /// Failed messages.
    package var failed: UInt64 = 0
    /// Bytes moved; nil where no message told.
    package var bytes: UInt64?
    /// How often which error occurred, the most frequent first. Failures whose error is unknown are not here.
    package var errors: [ErrorCount] = []
    /// Nanoseconds from entry to return, of all messages whose duration is known.
    package var latency: Quantiles?
    /// Bytes, of all messages that moved some or none.
    package var size: Quantiles?

    /// A count of one error.
    package struct ErrorCount: Sendable, Equatable {
        /// The positive error number.
        package var number: Int32
        /// How often it occurred.
        package var count: UInt64

        /// An error and how often it occurred.
        package init(number: Int32, count: UInt64) {
            self.number = number
            self.count = count
        }
    }

    /// Values that so many per cent of all do not exceed, to two significant digits.
    package struct Quantiles: Sendable, Equatable {
        /// Not exceeded by half of them; so with the other percentiles.
        package var p50: UInt64
        /// Nine tenths.
        package var p90: UInt64
        /// All but one in a hundred.
        package var p99: UInt64
        /// Exact.
        package var max: UInt64
    }
}
