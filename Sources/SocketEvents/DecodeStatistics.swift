/// What a decoder has seen, and what it could not make sense of. Nothing here is an error: traces have losses.
public struct DecodeStatistics: Sendable, Equatable {
    /// Records of events that socket tracing knows.
    public var records: UInt64 = 0
    /// Events emitted.
    public var events: UInt64 = 0
    /// Records that the kernel says it dropped; `uncountedLosses` come on top.
    public var lostRecords: UInt64 = 0
    /// Places where records are missing and the kernel does not say how many.
    public var uncountedLosses: UInt64 = 0
    /// Sub-buffers or records that contradict the format.
    public var malformed: UInt64 = 0
    /// Of these, records that are shorter than their format, and the CPU and time of the first.
    package var shortRecords: UInt64 = 0
    package var firstShortRecord: RecordStamp?
    /// Operations that had begun before the trace did: they ended in it, with nothing known of them.
    public var begunBeforeTrace: UInt64 = 0
    /// Operations still open when the trace ended.
    public var unfinished: UInt64 = 0
    /// Operations whose return was never seen although the task went on: a return probe was missed.
    public var missedReturns: UInt64 = 0
    /// Returns whose entry was lost with other records.
    public var unpairedReturns: UInt64 = 0
    /// Conclusions emitted with their arguments unknown, because the entry at hand may be an older one.
    public var uncertainPairs: UInt64 = 0

    /// Nothing was seen yet.
    package init() {}
}
