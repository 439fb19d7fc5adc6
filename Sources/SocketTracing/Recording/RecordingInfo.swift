internal import ProbePlanning
internal import RingBuffer
internal import TraceDat

/// What a trace.dat says of itself: who recorded it, where, when, with what, and how much it holds.
///
/// Texts are as the file has them: escape them before they reach a terminal.
package struct RecordingInfo: Sendable, Equatable {
    /// One ring buffer: the top one or an instance.
    package struct Buffer: Sendable, Equatable {
        /// The instance's name; "" for the top buffer.
        package var name: String
        /// The trace clock, such as "mono".
        package var clock: String
        /// Bytes in one of its sub-buffers.
        package var pageSize: Int
        /// The CPUs' numbers, and the bytes that each takes in the file.
        package var cpus: [(cpu: Int, bytes: UInt64)]

        /// All is the same.
        package static func == (left: Buffer, right: Buffer) -> Bool {
            left.name == right.name && left.clock == right.clock && left.pageSize == right.pageSize
                && left.cpus.elementsEqual(right.cpus) { $0 == $1 }
        }
    }

    /// The version of the file format: 6 or 7; 0 of an archive of the shell recorder.
    package var formatVersion: Int
    /// "none", "zstd" or "zlib".
    package var compression: String
    /// Whether numbers of the recorded machine begin with their highest byte.
    package var isBigEndian: Bool
    /// Bits in a word of the recorder.
    package var wordSize: Int
    /// System, host name, kernel release, kernel version and machine as uname(1) prints them; nil where it is not told.
    package var uname: String?
    /// Name and version of the recorder; nil where it is not told.
    package var recorder: String?
    /// The buffers, the top one first.
    package var buffers: [Buffer]
    /// Nanoseconds of the trace clock when the recording began; nil where nobody noted it.
    package var beginning: UInt64?
    /// Nanoseconds to add to an event's time for the time since 1970; nil where the file does not tell.
    package var wallClock: Int64?
    /// Which boot of the machine it was. Times of recordings of one boot and one clock can be compared.
    package var bootID: String?
    /// The text of each CPU's `stats` at the end.
    package var cpuStatistics: [String]
    /// Why the recording ended before it was to; nil where it did not, or nobody noted it.
    package var earlyEnd: String?
    /// Whether times are nanoseconds: else they are ticks of an unknown length, and durations are unknown.
    package var countsNanoseconds: Bool
    /// What the recorder noted for people: the functions probed, the source of field offsets, the result of the self-test.
    package var remarks: [String]
    /// The definitions of the probes as the kernel took them.
    package var probes: [String]
    /// What the recorder was asked to show.
    package var filters: [String]
    /// Of which events messages were left out that the filters do not pass; nil where all was recorded.
    package var discarding: [String]?
    /// Records that were left out for that; nil where nobody noted how many.
    package var discardedRecords: UInt64?
    /// The paths of control groups by their numbers, where its events tell those.
    package var groupPaths: [UInt64: String]
    /// It was made of some processes or a command alone, or shows some events alone.
    package var isLimited: Bool

    /// The clock of the top buffer.
    package var clock: String { buffers.first?.clock ?? "local" }

    private static func remarks(_ notes: RecordingMetadata) -> [String] {
        notes.remarks + notes.choices.map { "\($0.callPath): \($0.functions.joined(separator: ", "))" }
            + [notes.selfTest?.remark ?? notes.selfTestRemark, notes.origin].compactMap { $0 }
    }

    init(_ file: borrowing TraceFile, _ notes: RecordingMetadata?) {
        formatVersion = file.header.version
        compression = file.header.compression.rawValue
        isBigEndian = file.header.byteOrder == .big
        wordSize = file.header.longSize * 8
        uname = file.uname
        recorder = notes?.recorder ?? file.version
        buffers = file.buffers.map { buffer in
            Buffer(
                name: buffer.name, clock: buffer.clock, pageSize: buffer.pageSize,
                cpus: buffer.cpus.map { ($0.cpu, $0.size) })
        }
        let adjustment = file.timeAdjustment
        beginning = notes.flatMap { $0.begin == 0 ? nil : adjustment.nanoseconds($0.begin, cpu: 0) }
        countsNanoseconds = adjustment.countsNanoseconds(clock: file.clock)
        earlyEnd = notes?.earlyEnd
        // What `record` notes is of the raw clock; it never shifts it itself.
        wallClock =
            !countsNanoseconds ? nil : adjustment.isWallClock ? 0 : adjustment.isIdentity ? notes?.wallClock : nil
        bootID = notes?.bootID
        cpuStatistics = file.cpuStats
        remarks = notes.map(Self.remarks) ?? []
        probes = notes?.probes ?? []
        filters = notes?.filters ?? []
        discarding = notes?.discarding
        let counts = notes?.discarded ?? [:]
        discardedRecords = counts.isEmpty ? nil : counts.values.reduce(0, &+)
        groupPaths = notes?.groupPaths ?? [:]
        isLimited = notes.map { !$0.filters.isEmpty || $0.processes != nil || $0.command != nil } ?? false
    }
}
