internal import RingBuffer
internal import SystemPackage
internal import TraceDat

/// The sub-buffers of a recording that is followed, in rounds: of one file, or of one after the other where each goes on
/// where the one before ends.
struct FollowSource: ~Copyable {
    private var part: FollowedPart
    private var path: FilePath
    private let formats: [TraceFile.EventFormatText]
    private let goesOn: () -> Bool
    /// What was counted of the files before.
    private var missedBefore: UInt64 = 0
    private var lostBefore: UInt64? = 0
    private var damageBefore: [String] = []
    /// Where the file that was begun last goes on from the one before.
    private var border: UInt64?

    /// - Parameters:
    ///   - formats: of the same file.
    ///   - goesOn: waits a while, and says whether to go on.
    init(
        _ part: consuming FollowedPart, of path: FilePath, _ formats: [TraceFile.EventFormatText],
        while goesOn: @escaping () -> Bool
    ) {
        self.part = part
        self.path = path
        self.formats = formats
        self.goesOn = goesOn
    }

    /// What the recorder noted at the end, of all files that were read.
    var ending: RecordingMetadata? {
        guard var ending = part.ending else { return nil }
        ending.missedHits &+= missedBefore
        ending.lostRecords = Self.sum(lostBefore, ending.lostRecords)
        return ending
    }

    /// What is wrong with the files.
    var damage: [String] { damageBefore + part.damage }

    private static func sum(_ one: UInt64?, _ other: UInt64?) -> UInt64? {
        guard let one, let other else { return nil }
        return one &+ other
    }

    /// Waits for the next round.
    /// - Returns: the time up to which all records can be read; nil where the last round was read, or nobody wants more.
    mutating func nextRound() throws(TracingError) -> UInt64? {
        while true {
            if let time = try part.nextRound() { return time }
            guard let border = part.ending?.end, let next = PartNames.successor(of: path),
                try begin(next, behind: border)
            else { return nil }
        }
    }

    /// The time up to which the sub-buffers that follow repeat what was read of the file before; nil where they do not.
    mutating func takeBorder() -> UInt64? { border.take() }

    /// Begins to read the next file.
    /// - Returns: false where nobody wants it.
    private mutating func begin(_ next: FilePath, behind border: UInt64) throws(TracingError) -> Bool {
        switch try Self.open(next, while: goesOn) {
        case .none: return false
        case .some(.still(let file)):
            try check(file, cpuCount: file.cpuCount, next, behind: border)
            goOn(in: next, FollowedPart(file, cpuCount: part.cpuCount), behind: border)
        case .some(.growing(let head, let growing)):
            try check(head, cpuCount: growing.cpuCount, next, behind: border)
            goOn(in: next, FollowedPart(growing, while: goesOn), behind: border)
        }
        return true
    }

    private static func open(
        _ path: FilePath, while goesOn: () -> Bool
    ) throws(TracingError) -> FollowedFile.Opened? {
        do {
            return try FollowedFile.open(path, while: goesOn)
        } catch {
            if error.kind == .system(.noSuchFileOrDirectory) { throw .nextFileRemoved(path: path.string) }
            throw .traceDat(error)
        }
    }

    private func check(
        _ file: borrowing TraceFile, cpuCount: Int?, _ next: FilePath, behind border: UInt64
    ) throws(TracingError) {
        guard file.notes?.continuesAt == border, file.formats == formats, file.header.byteOrder == .host,
            file.header.pageSize == part.pageSize, cpuCount == part.cpuCount
        else { throw .nextFileStrange(path: next.string, before: path.string) }
    }

    private mutating func goOn(in next: FilePath, _ successor: consuming FollowedPart, behind border: UInt64) {
        missedBefore &+= part.ending?.missedHits ?? 0
        lostBefore = Self.sum(lostBefore, part.ending?.lostRecords)
        damageBefore += part.damage.map { "\(path.string): \($0)" }
        part = successor
        path = next
        self.border = border
    }

    /// Fills memory with the next sub-buffers of a CPU.
    /// - Returns: bytes; 0 where there is none.
    mutating func fill(cpu: Int, room: UnsafeMutableRawBufferPointer) throws(TracingError) -> Int {
        try part.fill(cpu: cpu, room: room)
    }
}
