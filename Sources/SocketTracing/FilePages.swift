internal import RingBuffer
internal import Synchronization
internal import TraceDat

/// The sub-buffers of a trace.dat, which one thread reads while another asks how far it has come.
final class FilePages: Sendable {
    /// One CPU of one buffer.
    struct Stream: Sendable {
        /// Index among the file's buffers.
        var buffer: Int
        /// Index among that buffer's CPUs.
        var cpu: Int
        /// The next sub-buffer.
        var page = 0
    }

    private struct State: ~Copyable, Sendable {
        var file: TraceFile
        var streams: [Stream]
    }

    private let state: Mutex<State>

    init(_ file: consuming TraceFile, streams: [Stream]) {
        state = Mutex(State(file: file, streams: streams))
    }

    var progress: (done: UInt64, total: UInt64) { state.withLock { $0.file.progress } }
    var damage: [String] { state.withLock { $0.file.damage.map(\.description) } }

    /// The time of a stream's first sub-buffer, and the CPU that it is of; nil where it has none.
    func firstTime(
        of stream: Int, room: UnsafeMutableRawBufferPointer
    ) throws(TracingError) -> (time: UInt64, cpu: Int)? {
        nonisolated(unsafe) let room = room
        return try state.withLock { state throws(TracingError) -> (time: UInt64, cpu: Int)? in
            let (buffer, cpu) = (state.streams[stream].buffer, state.streams[stream].cpu)
            let page = UnsafeMutableRawBufferPointer(rebasing: room[..<state.file.buffers[buffer].pageSize])
            do throws(TraceDatError) {
                guard try state.file.read(buffer: buffer, cpu: cpu, at: 0, into: page) > 0 else { return nil }
            } catch {
                throw .traceDat(error)
            }
            let raw = page.loadUnaligned(as: UInt64.self)
            let time = state.file.header.byteOrder == .little ? UInt64(littleEndian: raw) : UInt64(bigEndian: raw)
            return (time, state.file.buffers[buffer].cpus[cpu].cpu)
        }
    }

    /// Fills memory with a stream's next sub-buffers.
    /// - Returns: bytes; 0 at the end.
    func fill(stream: Int, room: UnsafeMutableRawBufferPointer) throws(TracingError) -> Int {
        nonisolated(unsafe) let room = room
        return try state.withLock { state throws(TracingError) -> Int in
            let place = state.streams[stream]
            do throws(TraceDatError) {
                let count = try state.file.read(buffer: place.buffer, cpu: place.cpu, at: place.page, into: room)
                state.streams[stream].page += count
                return count * state.file.buffers[place.buffer].pageSize
            } catch {
                throw .traceDat(error)
            }
        }
    }
}

/// Sub-buffers of a file for decoding: read when they are asked for, or ahead in a thread of their own.
struct FileSource: ~Copyable, PageSource {
    let pages: FilePages
    let streamCount: Int
    private var readsAhead: Bool
    private var ahead: ReadAhead?

    init(_ pages: FilePages, streamCount: Int, readsAhead: Bool) {
        self.pages = pages
        self.streamCount = streamCount
        self.readsAhead = readsAhead
    }

    deinit {
        ahead?.end()
    }

    mutating func fill(stream: Int, of store: borrowing PageStore) throws(TracingError) -> Range<Int> {
        if readsAhead, ahead == nil {
            ahead = ReadAhead(pages, store.memory, slots: (0..<streamCount).map { store.slot(of: $0) })
            readsAhead = ahead != nil
        }
        guard let ahead else {
            let slot = store.slot(of: stream)
            return store.memory.region(slot, count: try pages.fill(stream: stream, room: store.memory.room(slot)))
        }
        let (slot, count) = try ahead.next(of: stream)
        return store.memory.region(slot, count: count)
    }
}
