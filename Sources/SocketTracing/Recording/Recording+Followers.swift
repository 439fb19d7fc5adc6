internal import LinuxSystem
internal import RingBuffer
internal import TraceDat

// A file that somebody reads while it is written: it gets what was recorded, full sub-buffers or not, and says up to when no
// record is missing.
extension Recording {
    /// Looks whether anybody follows the file.
    mutating func attendFollowers() {
        guard writer.isFollowed != isFollowed else { return }
        isFollowed.toggle()
        watermark.isTrusted = session.wake(atPercent: isFollowed ? 0 : Watermark.percent) && !isFollowed
    }

    /// Moves all that was recorded.
    /// - Returns: whether there is more to do soon, of which no buffer tells.
    mutating func moveAll() throws(TracingError) -> Bool {
        for _ in 0..<Self.rounds {
            let round = try moveRound()
            if hasReachedSize {
                guard parts != nil else { return false }
                try goOnInNextFile()
                return true
            }
            if round.isDrained { return round.hasMoved }
        }
        return true
    }

    private mutating func moveRound() throws(TracingError) -> (isDrained: Bool, hasMoved: Bool) {
        // Taken before any buffer is read: whatever led to a record before this moment has been committed by now.
        var reached = Clock.monotonic.now - ProbeSession.commitTime
        session.lookForRecords()
        let size = session.layout.size
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * size, alignment: 4096)
        defer { room.deallocate() }
        let before = writer.byteCount
        var isDrained = true
        for stream in 0..<session.streamCount where session.hasRecords(stream) {
            guard let time = try moveTurn(stream, room) else { continue }
            // What is left of this CPU is later than what was moved.
            isDrained = false
            reached = min(reached, time)
        }
        let hasMoved = writer.byteCount != before
        // What was moved last is later than the horizon that was published: the next look publishes a later one.
        if hasMoved || isHorizonDue {
            horizon = max(horizon, reached)
            writer.publish(horizon: horizon)
        }
        isHorizonDue = hasMoved
        return (isDrained, hasMoved)
    }

    /// Moves a CPU's sub-buffers, up to a turn.
    /// - Returns: when the last of them begins, where there may be more.
    private mutating func moveTurn(
        _ stream: Int, _ room: UnsafeMutableRawBufferPointer
    ) throws(TracingError) -> UInt64? {
        let size = session.layout.size
        var left = Self.turn * size
        while left > 0 {
            let count = try session.read(stream, into: room)
            guard count > 0 else { return nil }
            try append(stream, UnsafeRawBufferPointer(rebasing: room[..<count]))
            left -= count
            // What comes meanwhile belongs to the next round.
            if count < room.count { return nil }
            if left <= 0 { return room.loadUnaligned(fromByteOffset: count - size, as: UInt64.self) }
        }
        return nil
    }

    /// Says that nothing more is appended, and what there is to know at the end: while the file is compressed, or when it has
    /// lost its name to the compressed one, who follows it reads on.
    static func tellEnd(_ notes: RecordingMetadata, in writer: inout TraceDatWriter) {
        try? note(notes, in: &writer)
        writer.publish(horizon: .max, hasEnded: true)
    }
}
