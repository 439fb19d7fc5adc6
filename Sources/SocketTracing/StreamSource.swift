internal import RingBuffer
internal import TraceDat

/// The sub-buffers of a recording that is read as it comes, in rounds: all that came before the recorder said that no
/// earlier record is missing.
struct StreamSource: ~Copyable {
    private var stream: TraceStreamReader
    /// Sub-buffers that came and were not decoded, of each CPU.
    private var waiting: [Waiting]
    private let page: UnsafeMutableRawBufferPointer
    private var waitingBytes = 0
    /// What the recorder noted at the end.
    private(set) var ending: RecordingMetadata?
    private(set) var isCutShort = false
    /// Every record of an earlier time has come.
    private(set) var horizon: UInt64 = 0
    private var isOver = false

    /// Sub-buffers of a CPU. Without the zeros at their ends, so that a few bytes of a stream cannot fill the memory.
    private struct Waiting {
        var bytes: [UInt8] = []
        /// Where each ends.
        var ends: [Int] = []
        /// How many of them were decoded.
        var taken = 0

        /// Moves the next one into a room, with its zeros.
        mutating func take(into room: UnsafeMutableRawBufferPointer) {
            let start = taken == 0 ? 0 : ends[taken - 1]
            let used = ends[taken] - start
            room.copyBytes(from: bytes[start..<ends[taken]])
            UnsafeMutableRawBufferPointer(rebasing: room[used...]).initializeMemory(as: UInt8.self, repeating: 0)
            taken += 1
        }
    }

    /// The most bytes of a round: all rings of a large machine at once.
    private static let limit = 1 << 29

    init(_ stream: consuming TraceStreamReader) {
        waiting = Array(repeating: Waiting(), count: stream.cpuCount)
        page = .allocate(byteCount: stream.pageSize, alignment: 16)
        self.stream = consume stream
    }

    deinit {
        page.deallocate()
    }

    /// Reads the next round, and waits for it.
    /// - Returns: the time up to which all records have come; nil where the last round was read.
    mutating func nextRound() throws(TracingError) -> UInt64? {
        guard !isOver else { return nil }
        while true {
            switch try next() {
            case .subBuffer(let cpu, let count):
                waiting[cpu].bytes.append(contentsOf: page[..<count])
                waiting[cpu].ends.append(waiting[cpu].bytes.count)
                waitingBytes += count + MemoryLayout<Int>.size
                guard waitingBytes <= Self.limit else { throw .endlessRound(bytes: waitingBytes) }
            case .horizon(let time):
                // A round is never to end before the one that was before it.
                horizon = max(horizon, time)
                return horizon
            case .end(let notes):
                ending = RecordingMetadata(decoding: notes)
                isOver = true
                return .max
            case .cutShort:
                isCutShort = true
                isOver = true
                return .max
            }
        }
    }

    private mutating func next() throws(TracingError) -> TraceStreamReader.Frame {
        do {
            return try stream.next(into: page)
        } catch {
            throw .traceDat(error)
        }
    }

    /// Fills memory with the sub-buffers that wait of a CPU.
    /// - Returns: bytes; 0 where there is none.
    mutating func fill(cpu: Int, room: UnsafeMutableRawBufferPointer) -> Int {
        var filled = 0
        while filled + page.count <= room.count, waiting[cpu].taken < waiting[cpu].ends.count {
            waiting[cpu].take(
                into: UnsafeMutableRawBufferPointer(rebasing: room[filled..<(filled + page.count)]))
            filled += page.count
        }
        if waiting[cpu].taken == waiting[cpu].ends.count {
            waitingBytes -= waiting[cpu].bytes.count + waiting[cpu].taken * MemoryLayout<Int>.size
            waiting[cpu].bytes.removeAll(keepingCapacity: waiting[cpu].bytes.count < 1 << 20)
            waiting[cpu].ends.removeAll(keepingCapacity: true)
            waiting[cpu].taken = 0
        }
        return filled
    }
}
