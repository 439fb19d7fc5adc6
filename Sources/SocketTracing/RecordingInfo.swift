internal import ProbePlanning
internal import RingBuffer
internal import TraceDat

/// What a trace.dat says of itself: who recorded it, where, when, with what, and how much it holds.
///
/// Texts are as the file has them: escape them before they reach a terminal.
public struct RecordingInfo: Sendable, Equatable {
    /// One ring buffer: the top one or an instance.
    public struct Buffer: Sendable, Equatable {
        /// The instance's name; "" for the top buffer.
        public var name: String
        /// The trace clock, such as "mono".
        public var clock: String
        /// Bytes in one of its sub-buffers.
        public var pageSize: Int
        /// The CPUs' numbers, and the bytes that each takes in the file.
        public var cpus: [(cpu: Int, bytes: UInt64)]

        /// All is the same.
        public static func == (left: Buffer, right: Buffer) -> Bool {
            left.name == right.name && left.clock == right.clock && left.pageSize == right.pageSize
                && left.cpus.elementsEqual(right.cpus) { $0 == $1 }
        }
    }

    /// The version of the file format: 6 or 7.
    public var formatVersion: Int
    /// "none", "zstd" or "zlib".
    public var compression: String
    /// Whether numbers of the recorded machine begin with their highest byte.
    public var isBigEndian: Bool
    /// Bits in a word of the recorder.
    public var wordSize: Int
    /// System, host name, kernel release, kernel version and machine as uname(1) prints them; nil where it is not told.
    public var uname: String?
    /// Name and version of the recorder; nil where it is not told.
    public var recorder: String?
    /// The buffers, the top one first.
    public var buffers: [Buffer]
    /// Nanoseconds of the trace clock when the recording began; nil where nobody noted it.
    public var beginning: UInt64?
    /// Nanoseconds to add to an event's time for the time since 1970; nil where the file does not tell.
    public var wallClock: Int64?
    /// Which boot of the machine it was. Times of recordings of one boot and one clock can be compared.
    public var bootID: String?
    /// The text of each CPU's `stats` at the end.
    public var cpuStatistics: [String]
    /// Why the recording ended before it was to; nil where it did not, or nobody noted it.
    public var earlyEnd: String?
    /// Whether times are nanoseconds: else they are ticks of an unknown length, and durations are unknown.
    public var countsNanoseconds: Bool
    /// What the recorder noted for people: the functions probed, the source of field offsets, the result of the self-test.
    public var remarks: [String]
    /// The definitions of the probes as the kernel took them.
    public var probes: [String]
    /// What the recorder was asked to show.
    public var filters: [String]

    /// The clock of the top buffer.
    public var clock: String { buffers.first?.clock ?? "local" }

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
        recorder = file.version
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
    }
}
