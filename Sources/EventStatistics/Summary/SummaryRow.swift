package import SocketEvents

/// Which way messages went.
package enum SummaryDirection: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case send
    case receive
    /// Calls that failed and are no messages: to make a socket, to connect.
    case other
}

/// What the messages of a group have in common. What the summary does not go by, or is not known, is nil.
package struct SummaryKey: Sendable, Hashable {
    /// The process, where groups go by it; so with all that follows.
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
    /// How many sockets at that address were closed before.
    package var life: Int32 = 0
    /// In a summary by error: the positive error number; 0 where there was none.
    package var error: Int32?
    /// The other end, with its port or without, and the socket's own.
    package var remote: SocketAddress?
    package var local: SocketAddress?
    /// The lower port of both ends.
    package var port: UInt32?
    /// Of the socket, and of the one that listened.
    package var inode: UInt64?
    package var listener: UInt64?
    /// The socket's control group by number, and its path where that is known.
    package var cgroup: UInt64?
    package var cgroupPath: String?
    /// The number of the recording.
    package var file: Int?
    /// Whom the process belongs to, by number; who looks at a summary knows, not who makes it.
    package var user: UInt32?

    /// Nothing is in common.
    package init() {}
}

/// What the messages of one group that went one way come to.
@dynamicMemberLookup
package struct SummaryRow: Sendable, Equatable {
    /// What they have in common.
    package var key = SummaryKey()
    /// Which way they went.
    package var direction = SummaryDirection.send

    /// Messages, failed ones included.
    package var messages: UInt64 = 0
    /// Failed messages; of other calls those that failed.
    package var failed: UInt64 = 0
    /// Connections made or accepted, of other calls, as far as the options ask for them.
    package var connections: UInt64 = 0
    /// Bytes moved; nil where no message says.
    package var bytes: UInt64?
    /// How often which error occurred, the most frequent first. Failures whose error is unknown are not here.
    package var errors: [ErrorCount] = []
    /// Nanoseconds from entry to return, of all messages whose duration is known.
    package var latency: Quantiles?
    /// The sum of them, and of how many it is one.
    package var latencySum: UInt64 = 0
    package var latencyCount: UInt64 = 0
    /// Bytes, of all messages that moved some or none.
    package var size: Quantiles?
    /// How what the options ask for is spread; empty where they do not.
    package var histogram: [HistogramBucket] = []
    /// The same as HdrHistogram encodes it; nil where the options do not ask for it.
    package var encodedHistogram: [UInt8]?

    /// What they have in common.
    package subscript<Value>(dynamicMember member: WritableKeyPath<SummaryKey, Value>) -> Value {
        get { key[keyPath: member] }
        set { key[keyPath: member] = newValue }
    }

    /// Sent, not received.
    package var isSend: Bool { direction == .send }

    /// The mean latency, nanoseconds.
    package var latencyMean: UInt64? { latencyCount == 0 ? nil : latencySum / latencyCount }

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

/// What the messages of one group come to, sent and received side by side.
package struct SummaryLine: Sendable {
    /// What they have in common.
    package var key: SummaryKey
    package var sent = SummaryRow()
    package var received = SummaryRow()
    /// Other calls that failed.
    package var other = SummaryRow()
    /// Which of them it is about, where it is about one.
    var direction = SummaryDirection.send

    init(key: SummaryKey) { self.key = key }

    package var messages: UInt64 { sent.messages &+ received.messages }
    package var bytes: UInt64 { (sent.bytes ?? 0) &+ (received.bytes ?? 0) }
    package var failed: UInt64 { sent.failed &+ received.failed &+ other.failed }
    package var latencySum: UInt64 { sent.latencySum &+ received.latencySum }

    /// The errors of all calls, the most frequent first.
    package var errors: [SummaryRow.ErrorCount] {
        var counts: [Int32: UInt64] = [:]
        for error in sent.errors + received.errors + other.errors { counts[error.number, default: 0] &+= error.count }
        return SummaryRow.ErrorCount.sorted(counts)
    }

    /// Rows side by side that have everything in common but their direction, in the order of the first of them.
    package static func lines(of rows: [SummaryRow]) -> [SummaryLine] {
        var places: [SummaryKey: Int] = [:]
        var lines: [SummaryLine] = []
        for row in rows {
            let place = places[row.key] ?? lines.count
            if place == lines.count {
                places[row.key] = place
                lines.append(SummaryLine(key: row.key))
            }
            switch row.direction {
            case .send: lines[place].sent = row
            case .receive: lines[place].received = row
            case .other: lines[place].other = row
            }
        }
        return lines
    }
}

extension SummaryRow.ErrorCount {
    /// Counts by number, the most frequent first, then the smallest number.
    static func sorted(_ counts: [Int32: UInt64]) -> [SummaryRow.ErrorCount] {
        counts.map { SummaryRow.ErrorCount(number: $0, count: $1) }.sorted {
            ($0.count, $1.number) > ($1.count, $0.number)
        }
    }
}
