internal import ProbePlanning
public import SocketEvents

/// What a trace came to.
public struct TraceReport: Sendable {
    /// What the decoder counted.
    public var statistics: DecodeStatistics
    /// Nil offline, where only the file can tell.
    package var kernel: KernelCounts?
    /// Probe hits that a recording's kernel counted as missed.
    package var recordedMisses: UInt64 = 0
    /// Records that a recording's kernel counted as lost; nil where nobody noted it.
    package var recordedLosses: UInt64?
    /// Records that the kernel counted for a recording and its file lacks, though nobody noted why.
    package var absentRecords: UInt64 = 0
    /// Why a recording ended before it was to; nil where it did not, or nobody noted it.
    package var earlyEnd: String?
    /// Threads that slept in a send or receive when the trace began: their ends are not seen.
    package var waitingAtStart: UInt64 = 0
    /// What went wrong on the way; the trace ended there.
    package var trouble: TracingError?
    /// Why a recording's file could not be completed.
    package var fileTrouble: TracingError?
    /// Where the values come from, in words; nil where nobody noted it.
    package var origin: String?
    /// Whether known calls, made before the trace began, were seen as they should; nil where that was not tried, or is known
    /// in words only.
    package var selfTest: SelfTestVerdict?
    /// What the recorder said of that in words, where it was one of earlier days.
    package var selfTestRemark: String?
    /// What a recording's file lacks, or is not as it was wanted.
    package var fileRemarks: [String] = []
    /// The files of a recording that has several.
    package var files: [String] = []
    /// What of the records contradicts their format.
    package var malformedRemarks: [String] = []
    /// What somebody else did to the trace while it ran.
    public var disturbances: [Disturbance] = []
    /// What could not be removed from the kernel.
    public var leftBehind: [String] = []

    /// A report of these counts, with nothing else known.
    package init(statistics: DecodeStatistics) {
        self.statistics = statistics
    }

    /// Records that are missing, as far as they were counted. The kernel's own count is the better one: it includes
    /// what was dropped after the last record that was read. What somebody else read is lost as well, and so is what
    /// never reached the file.
    public var lostRecords: UInt64 {
        let taken = disturbances.reduce(UInt64(0)) { sum, noticed in
            guard case .recordsTaken(_, let count) = noticed.kind else { return sum }
            return sum &+ count
        }
        return max(kernel?.lostRecords ?? recordedLosses ?? 0, statistics.lostRecords) &+ max(taken, absentRecords)
    }

    /// Operations that had begun before the trace: those that slept then, of some of which a return was seen.
    public var begunBeforeTrace: UInt64 { max(waitingAtStart, statistics.begunBeforeTrace) }

    /// Places where records are missing, and nobody counted how many.
    public var uncountedLosses: UInt64 {
        kernel == nil && recordedLosses == nil ? statistics.uncountedLosses : 0
    }

    /// Returns that were not seen although their entries were.
    public var missedReturns: UInt64 {
        max(statistics.missedReturns, kernel?.missedReturns ?? recordedMisses)
    }

    /// Known calls were seen as they should, where that was tried.
    private var isProven: Bool {
        guard let selfTest else { return true }
        return selfTest.standing == .passed
    }

    /// Nothing is missing.
    public var isComplete: Bool {
        lostRecords == 0 && uncountedLosses == 0 && missedReturns == 0 && (kernel?.missedCalls ?? 0) == 0
            && statistics.malformed == 0 && disturbances.isEmpty && earlyEnd == nil && isProven
    }
}
