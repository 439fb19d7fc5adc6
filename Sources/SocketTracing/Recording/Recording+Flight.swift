internal import LinuxSystem
internal import RingBuffer
internal import SocketEvents
internal import TraceFS

/// What a flight recorder keeps: the kernel's rings take the newest records in place of the oldest, and nobody reads them
/// before the end.
package enum FlightWindow: Sendable, Equatable {
    /// So many bytes of ring, of all CPUs together.
    case bytes(UInt64)
    /// What was recorded in the last so many nanoseconds, as far as the rings reach back.
    case nanoseconds(UInt64)
}

extension Recording {
    /// Gives each CPU its share of the bytes that are wanted.
    static func sizeBuffers(_ options: inout TraceOptions, for flight: FlightWindow) {
        guard case .bytes(let bytes) = flight else { return }
        let share = bytes / 1024 / UInt64(max(1, SystemInfo.current().onlineCPUs ?? 1))
        options.bufferKilobytes = max(leastKilobytes, Int(clamping: share))
    }

    /// KiB per CPU: two sub-buffers are the least that the kernel takes, and hold next to nothing.
    private static var leastKilobytes: Int { 64 }

    func letRingsOverwrite() throws(TracingError) {
        do {
            // An instance has it as the top buffer has at the moment.
            try session.buffer.setOption("overwrite", true)
        } catch {
            throw .traceFS(error)
        }
    }

    /// Writes what the rings hold. The switch is off.
    /// - Parameter end: when that was thrown.
    mutating func writeRings(until end: UInt64) throws(TracingError) {
        let begin = beginOfRings(try session.kernelCounts(), end)
        if begin != notes.begin { noteBegin(begin) }
        for stream in 0..<session.streamCount { try writeRing(stream, since: begin) }
    }

    /// From when on no CPU's ring lacks a record, and what is wanted begins.
    private func beginOfRings(_ counts: KernelCounts, _ end: UInt64) -> UInt64 {
        // The kernel says it in microseconds.
        let complete = counts.cpus.filter { $0.overrun > 0 }.map { $0.oldest + 1_000 }.max() ?? 0
        var wanted: UInt64 = 0
        if case .nanoseconds(let window)? = flight { wanted = end > window ? end - window : 0 }
        return max(complete, wanted, notes.begin)
    }

    /// Looks after what the file needs besides records: once a second, and more often where the rings hold no more than
    /// some seconds. What comes and goes between two looks stays unknown.
    /// - Returns: whether a second was over.
    mutating func attendRings() -> Bool {
        let isSecondOver = session.lookAround(listsAfterLoss: false)
        let now = Clock.monotonic.now
        guard isSecondOver || now >= nextLook ?? .max else { return false }
        seen?.look(session)
        guard let counts = try? session.kernelCounts() else { return isSecondOver }
        seen?.forget(before: Self.oldestRecord(counts))
        session.listSocketsForRing(counts.cpus)
        nextLook = now + Self.lookInterval(counts)
        return isSecondOver
    }

    /// An eighth of the time that the fastest of the full rings reaches back; between a tenth of a second and one.
    private static func lookInterval(_ counts: KernelCounts) -> UInt64 {
        let spans = counts.cpus.lazy.filter { $0.overrun > 0 && $0.now > $0.oldest }.map { $0.now - $0.oldest }
        return min(max((spans.min() ?? .max) / 8, 100_000_000), 1_000_000_000)
    }

    /// Before this time no CPU has a record; 0 where a ring is not full yet.
    private static func oldestRecord(_ counts: KernelCounts) -> UInt64 {
        counts.cpus.map { $0.overrun > 0 ? $0.oldest : 0 }.min() ?? 0
    }

    /// What was known at the start of the recording may be so no longer where the file begins.
    private mutating func noteBegin(_ begin: UInt64) {
        seen?.look(session)
        noteTasks(at: begin)
    }

    /// Writes a CPU's sub-buffers but those that hold only what is older than a time.
    private mutating func writeRing(_ stream: Int, since begin: UInt64) throws(TracingError) {
        let size = session.layout.size
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 65 * size, alignment: 4096)
        defer { room.deallocate() }
        // A sub-buffer waits at the front until its successor says when it ended.
        var kept = 0
        var isFirst = true
        while true {
            let count = try session.read(stream, into: UnsafeMutableRawBufferPointer(rebasing: room[kept...]))
            guard count > 0 else { break }
            if isFirst { Self.forgetLoss(in: room, session.layout) }
            isFirst = false
            let last = kept + count - size
            var start = 0
            while start < last, room.loadUnaligned(fromByteOffset: start + size, as: UInt64.self) <= begin {
                start += size
            }
            if start < last { try append(stream, UnsafeRawBufferPointer(rebasing: room[start..<last])) }
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: room[last..<(last + size)]))
            kept = size
        }
        if kept > 0 { try append(stream, UnsafeRawBufferPointer(rebasing: room[..<kept])) }
    }

    /// The records that the kernel says are missing before its oldest sub-buffer are those that the ring let go.
    private static func forgetLoss(in page: UnsafeMutableRawBufferPointer, _ layout: SubBufferLayout) {
        // RB_MISSED_EVENTS and RB_MISSED_STORED of kernel/trace/ring_buffer.c.
        let flags: UInt32 = 0b11 << 30
        if layout.commitWidth == 8 {
            let word = page.loadUnaligned(fromByteOffset: layout.commitOffset, as: UInt64.self)
            page.storeBytes(of: word & ~UInt64(flags), toByteOffset: layout.commitOffset, as: UInt64.self)
        } else {
            let word = page.loadUnaligned(fromByteOffset: layout.commitOffset, as: UInt32.self)
            page.storeBytes(of: word & ~flags, toByteOffset: layout.commitOffset, as: UInt32.self)
        }
    }

    /// Records that a ring let go to have room for newer ones are no loss of a flight recorder.
    mutating func leaveOutOverwritten(_ report: inout TraceReport) {
        guard var counts = report.kernel else { return }
        let overwritten = counts.cpus.reduce(0) { $0 &+ $1.overrun }
        for index in counts.cpus.indices { counts.cpus[index].overrun = 0 }
        report.kernel = counts
        guard overwritten > 0 else { return }
        report.fileRemarks.append(
            "the rings had dropped \(overwritten) older records; a larger --flight-recorder or --buffer-kb keeps more")
    }
}
