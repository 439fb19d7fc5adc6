internal import LinuxSystem
internal import SystemPackage

/// Reads a recording's stream, as `StreamFormat` has it, while it comes. Memory does not grow with it: a frame is as long
/// as a sub-buffer.
package struct TraceStreamReader: ~Copyable, Sendable {
    /// What came next.
    package enum Frame: Sendable, Equatable {
        /// So many bytes of a sub-buffer of a CPU are in the room; the rest of it is zeros.
        case subBuffer(cpu: Int, count: Int)
        /// Every record of an earlier time has come.
        case horizon(UInt64)
        /// The recording has ended; what its recorder noted then.
        case end([UInt8])
        /// The stream has ended, and the recording had not.
        case cutShort
    }

    /// CPUs that may come: numbers below this.
    package let cpuCount: Int
    /// Bytes of a sub-buffer.
    package let pageSize: Int
    private var input: StreamInput

    /// Takes a stream over whose magic was read.
    /// - Parameter head: a file of all but the records.
    private init(_ input: consuming StreamInput, cpuCount: Int, pageSize: Int) {
        self.input = input
        self.cpuCount = cpuCount
        self.pageSize = pageSize
    }

    /// Reads the head of a stream behind its magic.
    static func open(_ stream: consuming StreamInput) throws(TraceDatError) -> TraceInput {
        var input = stream
        guard let (kind, count, size) = try input.readFrameHead(), kind == StreamFormat.Kind.head.rawValue else {
            throw input.corrupt("the stream does not begin with a head")
        }
        guard size <= StreamFormat.headLimit else { throw input.corrupt("a head of \(size) bytes") }
        guard (1...UInt32(StreamFormat.cpuLimit)).contains(count) else { throw input.corrupt("\(count) CPUs") }
        let image = try Spool.keep(Int(size), of: &input)
        let file = try TraceFile(FileReader(owning: image, name: input.name))
        let pageSize = file.header.pageSize
        guard Int(count) * pageSize <= StreamFormat.roundLimit else {
            throw input.corrupt("\(count) CPUs with sub-buffers of \(pageSize) bytes")
        }
        return .stream(head: file, TraceStreamReader(input, cpuCount: Int(count), pageSize: pageSize))
    }

    /// Reads the next frame; waits for it.
    /// - Parameter room: for a sub-buffer.
    package mutating func next(into room: UnsafeMutableRawBufferPointer) throws(TraceDatError) -> Frame {
        guard let (number, cpu, size) = try input.readFrameHead() else { return .cutShort }
        guard let kind = StreamFormat.Kind(rawValue: number) else { throw input.corrupt("a frame of kind \(number)") }
        switch kind {
        case .head: throw input.corrupt("a second head")
        case .subBuffer:
            guard Int(cpu) < cpuCount else { throw input.corrupt("a sub-buffer of CPU \(cpu), of \(cpuCount) CPUs") }
            guard size <= UInt64(pageSize), room.count >= pageSize else {
                throw input.corrupt("a sub-buffer of \(size) bytes")
            }
            let used = UnsafeMutableRawBufferPointer(rebasing: room[..<Int(size)])
            guard try input.fill(used) == used.count else { return .cutShort }
            return .subBuffer(cpu: Int(cpu), count: used.count)
        case .horizon:
            guard size == 8 else { throw input.corrupt("a horizon of \(size) bytes") }
            guard let bytes = try input.bytes(8) else { return .cutShort }
            return .horizon(bytes.enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) })
        case .end:
            guard size <= StreamFormat.endLimit else { throw input.corrupt("an end of \(size) bytes") }
            guard let bytes = try input.bytes(Int(size)) else { return .cutShort }
            return .end(bytes)
        }
    }
}

/// The bytes of a stream in their order, from a pipe or a file.
struct StreamInput: ~Copyable, Sendable {
    let name: String
    private let descriptor: Descriptor
    /// Where the next bytes stand; a file is read from its start, whatever position it is opened at.
    private(set) var position: UInt64
    private let isFile: Bool
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var filled = 0..<0

    /// - Parameter position: of the first byte, behind those that were read.
    init(_ descriptor: consuming Descriptor, name: String, position: UInt64, isFile: Bool) {
        self.descriptor = descriptor
        self.name = name
        self.position = position
        self.isFile = isFile
    }

    func corrupt(_ problem: String) -> TraceDatError {
        TraceDatError(.corrupt, path: name, offset: position, problem, remedy: "was the stream changed on its way?")
    }

    /// Kind, CPU and bytes; nil at the end of the stream.
    mutating func readFrameHead() throws(TraceDatError) -> (kind: UInt32, cpu: UInt32, count: UInt64)? {
        guard let bytes = try bytes(StreamFormat.frameHeadSize) else { return nil }
        func number(_ range: Range<Int>) -> UInt64 { range.reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) } }
        return (UInt32(number(0..<4)), UInt32(number(4..<8)), number(8..<16))
    }

    /// So many bytes; nil where the stream ends before.
    mutating func bytes(_ count: Int) throws(TraceDatError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: TraceDatError?
        let got = bytes.withUnsafeMutableBytes { room in
            do throws(TraceDatError) { return try fill(room) } catch { failure = error }
            return 0
        }
        if let failure { throw failure }
        return got == count ? bytes : nil
    }

    /// Fills the room; the bytes that it got, fewer only at the end of the stream.
    mutating func fill(_ room: UnsafeMutableRawBufferPointer) throws(TraceDatError) -> Int {
        var done = 0
        while done < room.count {
            if filled.isEmpty, try !refill() { break }
            let count = min(filled.count, room.count - done)
            room[done..<(done + count)].copyBytes(from: buffer[filled.lowerBound..<(filled.lowerBound + count)])
            filled = (filled.lowerBound + count)..<filled.upperBound
            done += count
            position += UInt64(count)
        }
        return done
    }

    /// Reads what there is, and waits where there is nothing; false at the end.
    private mutating func refill() throws(TraceDatError) -> Bool {
        var failure: Errno?
        let count = buffer.withUnsafeMutableBytes { room in
            do throws(Errno) {
                return isFile ? try descriptor.readFully(at: position, into: room) : try descriptor.read(into: room)
            } catch { failure = error }
            return 0
        }
        if let failure { throw TraceDatError(.system(failure), path: name, offset: position, "cannot read the stream") }
        filled = 0..<count
        return count > 0
    }
}
