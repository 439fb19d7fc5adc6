/// How far a recording has come, for who follows it. Behind the journal's table there is room for two of them, which are
/// written in turns, so that one is whole at any time.
///
/// `{u64 sequence, u32 phase, u32 CPUs, u64 horizon}`, then a u64 a CPU: its sub-buffers that are in the file as a whole;
/// then a u64 by which one that is half written is known.
struct Progress: Equatable, Sendable {
    enum Phase: UInt32 {
        /// There will be more.
        case recording = 1
        /// Nothing more comes; the data are where they were.
        case ended = 2
        /// The data are being put together, or were: the journal's table no longer tells where they are.
        case moving = 3
    }

    /// One more than that of the one before; those of an even one stand first.
    var sequence: UInt64
    var phase: Phase
    /// Every record of an earlier time is in the file.
    var horizon: UInt64
    /// Of each CPU.
    var pages: [UInt64]

    static let headSize = 24
    /// Where in one the number of CPUs stands, which never changes.
    static let cpuCountOffset = 12

    static func size(cpuCount: Int) -> Int { headSize + 8 * cpuCount + 8 }

    var encoded: [UInt8] {
        var out = ByteWriter()
        out.put(sequence)
        out.put(phase.rawValue)
        out.put(UInt32(pages.count))
        out.put(horizon)
        for count in pages { out.put(count) }
        out.put(Self.check(out.bytes[...]))
        return out.bytes
    }

    init(sequence: UInt64, phase: Phase, horizon: UInt64, pages: [UInt64]) {
        self.sequence = sequence
        self.phase = phase
        self.horizon = horizon
        self.pages = pages
    }

    /// Nil where the bytes are not whole, or were never written.
    init?(decoding bytes: ArraySlice<UInt8>) {
        guard bytes.count > Self.headSize, bytes.count.isMultiple(of: 8) else { return nil }
        let words = bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 8).map { bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self) }
        }
        let halves = bytes.withUnsafeBytes { bytes in
            (
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self),
                bytes.loadUnaligned(fromByteOffset: Self.cpuCountOffset, as: UInt32.self)
            )
        }
        guard words[0] > 0, words[words.count - 1] == Self.check(bytes.dropLast(8)),
            let phase = Phase(rawValue: halves.0), Int(halves.1) == words.count - 4
        else { return nil }
        self.init(sequence: words[0], phase: phase, horizon: words[2], pages: Array(words[3..<(words.count - 1)]))
    }

    /// FNV-1a.
    private static func check(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
