package import SocketEvents

/// What happened to one socket, from its birth to its close, as far as the trace saw it.
package struct SocketStory: Sendable {
    /// How it came about.
    package enum Birth: String, Sendable {
        case created
        case accepted
        /// It was there before the trace.
        case older
        /// It was not seen: records before its first event are missing or were not looked at, or it is the rest of a story
        /// that was interrupted.
        case unknown
    }

    /// How the story ends.
    package enum End: String, Sendable {
        case closed
        /// The trace ended before it did.
        case open
        /// There never was a socket.
        case failed
        /// It was not seen: records are missing or were not looked at.
        case unknown
        /// It was quiet while too many others were open; its next event begins another story.
        case interrupted
    }

    /// One thing that it did.
    package struct Step: Sendable {
        package var alias: Alias
        /// When it ended.
        package var time: UInt64
        /// How long it took; nil where unknown.
        package var duration: UInt64?
        /// Bytes moved, a backlog, a manner of shutdown; nil where there is none.
        package var number: Int64?
        /// Nil where unknown.
        package var success: Bool?
        /// A positive error number.
        package var errorNumber: Int32?
        /// Who did it.
        package var pid: Int32?
        package var comm: TaskName?
    }

    /// Of its first event, and of the latest.
    package var pid: Int32?
    package var comm: TaskName?
    package var family: Int32?
    package var `protocol`: Int32?
    package var type: Int32?
    /// Who the socket is and between whom, as of the latest event that knew.
    package var details = EventDetails()
    package var birth: Birth
    /// Who asked for the connection; nil where there is none, or where that was not seen.
    package var direction: Connection.Direction?
    package var connectLatency: UInt64?
    package var backlogWait: UInt64?
    package var end = End.open
    /// Of its first and its last event; the end of the trace, where it was open then.
    package var begin: UInt64
    package var time: UInt64
    package var sent = Connection.Traffic()
    package var received = Connection.Traffic()
    /// Connections that were accepted from it.
    package var accepted: UInt64 = 0
    package var failed: UInt64 = 0
    package private(set) var errors: [Int32: UInt64] = [:]
    /// Steps that were seen.
    package private(set) var stepCount: UInt64 = 0
    /// The first steps, and the latest ones, of which the oldest is at `stepCount % limit`.
    private var first: ContiguousArray<Step> = []
    private var latest: ContiguousArray<Step> = []
    /// The other ends of steps for which that is not the socket's own, by number of the step.
    private var peers: [UInt64: SocketAddress] = [:]

    /// More kinds of errors than there are: the rest of what a damaged trace holds is only counted as failed.
    private static var mostErrors: Int { 256 }

    init(_ birth: Birth, begin: UInt64) { (self.birth, self.begin, time) = (birth, begin, begin) }

    /// Counts an error.
    mutating func count(error: Int32?) {
        failed &+= 1
        guard let error, errors[error] != nil || errors.count < Self.mostErrors else { return }
        errors[error, default: 0] &+= 1
    }

    /// Adds a step.
    /// - Parameters:
    ///   - peer: the other end, where that is not the socket's own.
    ///   - limit: so many steps are kept, half of them the first ones and half the latest; 2 at least.
    mutating func add(_ step: Step, peer: SocketAddress?, limit: Int) {
        let half = limit / 2
        if first.count < half {
            first.append(step)
        } else if latest.count < limit - half {
            latest.append(step)
        } else {
            let place = Int((stepCount - UInt64(half)) % UInt64(limit - half))
            peers[stepCount - UInt64(limit - half)] = nil
            latest[place] = step
        }
        if let peer { peers[stepCount] = peer }
        stepCount += 1
        time = max(time, step.time)
    }

    /// Steps that are not kept.
    package var leftOut: UInt64 { stepCount - UInt64(first.count + latest.count) }

    /// The first steps that are kept, and the latest ones, each with the other end where that is not the socket's own.
    package var steps: (first: [(step: Step, peer: SocketAddress?)], latest: [(step: Step, peer: SocketAddress?)]) {
        let half = UInt64(first.count)
        let start = stepCount - UInt64(latest.count)
        return (
            first.indices.map { (first[$0], peers[UInt64($0)]) },
            (start..<stepCount).map { (latest[Int(($0 - half) % UInt64(latest.count))], peers[$0]) }
        )
    }

    /// Errors and how often they came, the most frequent first.
    package var errorCounts: [SummaryRow.ErrorCount] { SummaryRow.ErrorCount.sorted(errors) }
}
