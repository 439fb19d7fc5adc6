/// While recording, the CPUs' data stand in the file in extents of one size, in the order in which they were needed.
/// The journal says which extent is whose, so that the file of a recorder that died is readable.
struct Journal {
    enum State: UInt32 {
        /// The table holds.
        case recording = 1
        /// The ordinary tables of trace.dat hold.
        case finished = 2
    }

    /// `{u32 state, u32 extent size, u64 first extent, u32 table slots, u32 flags}`, then the table.
    static let headSize = 24
    static let compressedFlag: UInt32 = 1
    /// Behind the table there is room for how far the recording has come: `Progress`.
    static let progressFlag: UInt32 = 2
    /// A slot is `{u32 CPU + 1, u32 place among that CPU's extents}`; a CPU of 0 is a free extent.
    static let slotSize = 8

    var state: State
    var extentSize: UInt64
    var start: UInt64
    var isCompressed: Bool
    /// Where the table's slots stand, and how many there are.
    var slotsAt: UInt64
    var slotCount: UInt32
    var hasProgress: Bool
    /// The extents of each CPU, by place.
    var extents: [Int: [Int: UInt64]] = [:]
}
