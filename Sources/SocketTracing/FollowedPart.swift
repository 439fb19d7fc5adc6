internal import RingBuffer
internal import TraceDat

/// The sub-buffers of one file of a recording that is followed, in rounds: all that its recorder had written when it last
/// said how far it has come.
struct FollowedPart: ~Copyable {
    /// Nil of a file that nobody wrote any more when it was opened.
    private var growing: FollowedFile?
    /// The file as it stays, where its data were moved or its recorder is gone: the rest is read of that. Its sub-buffers
    /// are the same, in the same order.
    private var rest: TraceFile?
    private var hasRest = false
    /// Where a CPU stands in that.
    private var places: [Int: Int] = [:]
    /// Bytes of a sub-buffer.
    let pageSize: Int
    /// Sub-buffers of each CPU that were read.
    private var taken: [Int]
    private let goesOn: () -> Bool
    /// What the recorder noted at the end.
    private(set) var ending: RecordingMetadata?
    /// Every record of an earlier time was handed over, or will be in this round.
    private var horizon: UInt64 = 0
    /// There is no further round.
    private var isOver = false

    /// - Parameter goesOn: waits a while, and says whether to go on.
    init(_ file: consuming FollowedFile, while goesOn: @escaping () -> Bool) {
        taken = Array(repeating: 0, count: file.cpuCount)
        pageSize = file.pageSize
        growing = consume file
        self.goesOn = goesOn
    }

    /// A file that nobody writes any more.
    /// - Parameter cpuCount: its CPUs have numbers below this.
    init(_ file: consuming TraceFile, cpuCount: Int) {
        taken = Array(repeating: 0, count: cpuCount)
        pageSize = file.header.pageSize
        goesOn = { true }
        hold(file)
    }

    /// CPUs that may come: numbers below this.
    var cpuCount: Int { taken.count }

    /// What is wrong with the file.
    var damage: [String] {
        switch rest {
        case .none: []
        case .some(let rest): rest.damage.map(\.description)
        }
    }

    /// Waits for the next round.
    /// - Returns: the time up to which all records can be read; nil where the last round was read, or nobody wants more.
    mutating func nextRound() throws(TracingError) -> UInt64? {
        if hasRest, !isOver { return lastRound() }
        while !isOver {
            switch try look() {
            case .upTo(let time):
                if time > horizon {
                    horizon = time
                    return time
                }
            case .ended:
                if noteEnding() { return lastRound() }
            case .moving: break
            case .over:
                try openRest()
                return lastRound()
            }
            isOver = !goesOn()
        }
        return nil
    }

    private mutating func lastRound() -> UInt64 {
        isOver = true
        return ending?.end ?? .max
    }

    private mutating func look() throws(TracingError) -> FollowedFile.Growth {
        do {
            return try growing?.look() ?? .over
        } catch {
            throw .traceDat(error)
        }
    }

    private func contents() throws(TraceDatError) -> TraceFile? {
        switch growing {
        case .none: nil
        case .some(let growing): try growing.contents()
        }
    }

    /// Reads what the recorder noted at the end; false where it moves that at the moment.
    private mutating func noteEnding() -> Bool {
        guard let notes = (try? contents())?.notes, (try? growing?.look()) == .ended
        else { return false }
        ending = notes
        return true
    }

    /// Opens the file as it stays.
    private mutating func openRest() throws(TracingError) {
        do {
            if let found = try contents() { hold(found) }
        } catch {
            throw .traceDat(error)
        }
    }

    private mutating func hold(_ file: consuming TraceFile) {
        ending = file.notes
        for (index, data) in (file.buffers.first?.cpus ?? []).enumerated() { places[data.cpu] = index }
        rest = consume file
        hasRest = true
    }

    /// Fills memory with the next sub-buffers of a CPU.
    /// - Returns: bytes; 0 where there is none.
    mutating func fill(cpu: Int, room: UnsafeMutableRawBufferPointer) throws(TracingError) -> Int {
        while true {
            guard let count = try read(cpu, into: room) else {
                guard try awaitRest() else { return 0 }
                continue
            }
            taken[cpu] += count
            return count * pageSize
        }
    }

    /// - Returns: sub-buffers; nil where the data are being moved.
    private mutating func read(_ cpu: Int, into room: UnsafeMutableRawBufferPointer) throws(TracingError) -> Int? {
        do throws(TraceDatError) {
            guard hasRest else { return try growing?.read(cpu: cpu, at: taken[cpu], into: room) }
            guard let index = places[cpu] else { return 0 }
            return try rest?.read(buffer: 0, cpu: index, at: taken[cpu], into: room) ?? 0
        } catch {
            throw .traceDat(error)
        }
    }

    /// Waits until the file is what it will be; false where nobody wants more.
    private mutating func awaitRest() throws(TracingError) -> Bool {
        while try look() != .over {
            guard goesOn() else {
                isOver = true
                return false
            }
        }
        try openRest()
        return true
    }
}
