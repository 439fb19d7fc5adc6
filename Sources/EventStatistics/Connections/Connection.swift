package import SocketEvents

/// A connection of a stream socket, as one of its ends saw it: how it was made, what it carried, how it ended.
package struct Connection: Sendable {
    /// Who asked for it.
    package enum Direction: String, Sendable {
        /// This end, by connect(2).
        case outgoing = "out"
        /// The other end; this one accepted it.
        case incoming = "in"
    }

    /// What became of it.
    package enum End: String, Sendable {
        case closed
        case refused
        case timedOut = "timed out"
        case reset
        case givenUp = "given up"
        case failed
        /// The trace ended before it did.
        case open
        /// Records are missing.
        case unknown
    }

    /// What went one way.
    package struct Traffic: Sendable, Equatable {
        package var bytes: UInt64 = 0
        package var messages: UInt64 = 0
    }

    /// Of the thread that connected or accepted; of a connection older than the trace, of the first that used it.
    package var pid: Int32?
    package var comm: TaskName?
    package var family: Int32?
    package var `protocol`: Int32?
    /// Who the socket is and between whom it is, as of its latest event.
    package var details = EventDetails()
    /// Nil where it is older than the trace.
    package var direction: Direction?
    /// When it was asked for, or accepted; of an older one, when it was first seen.
    package var begin: UInt64
    /// From the call of connect(2) to the outcome.
    package var connectLatency: UInt64?
    /// From established to accepted.
    package var backlogWait: UInt64?
    package var sent = Traffic()
    package var received = Traffic()
    /// Why it ended, or why messages failed: a positive error number.
    package var errorNumber: Int32?
    package var end = End.open
    /// When it ended, or when the trace did.
    package var time: UInt64

    /// Nanoseconds from `made` to the end; nil where one of the two was not seen.
    package var lived: UInt64? {
        guard let made, end != .open, end != .unknown, time >= made else { return nil }
        return time - made
    }

    /// When it was established or accepted; nil where that was not seen, and where it never came about.
    package var made: UInt64?

    /// The end that an error number stands for.
    static func end(after error: Int32?) -> End? {
        switch error {
        case 111: .refused
        case 110: .timedOut
        case 104: .reset
        default: nil
        }
    }
}
