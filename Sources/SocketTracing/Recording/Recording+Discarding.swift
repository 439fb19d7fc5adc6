internal import LinuxSystem
internal import RingBuffer
internal import SocketEvents
internal import TraceDat

// A recording that leaves out what its filters do not pass.
extension Recording {
    /// Begins to decode what the file gets, as its reader will: with what the notes say, and nothing else.
    /// - Parameter first: sub-buffers of each CPU that were read already.
    mutating func beginDiscarding(_ first: [[UInt8]] = []) {
        guard let discarding else { return }
        notes.discarded = [:]
        var decoder = SocketDecoder(
            plans: EventPlanTable(formats: session.formats), cpus: session.cpus, byteOrder: .host, aliases: discarding,
            scope: notes.scope, begin: notes.begin)
        decoder.know(notes.tasks)
        discarder = RecordDiscarder(
            decoder, layouts: Array(repeating: session.layout, count: session.streamCount),
            filter: options.selection.filter ?? EventFilter(), first: first)
    }

    /// Moves what was recorded, without what is not wanted.
    /// - Returns: whether there is more to do soon.
    mutating func moveWanted() throws(TracingError) -> Bool {
        // Taken before any buffer is read: whatever led to a record before this moment has been committed by now.
        let horizon = Clock.monotonic.now - ProbeSession.commitTime
        session.lookForRecords()
        var isOver = false
        for _ in 0..<Self.siftings where !isOver {
            isOver = try discarder?.sift(&session, until: horizon) ?? true
            try writeWanted()
            if hasReachedSize {
                guard parts != nil else { return false }
                try goOnInNextFile()
                return true
            }
        }
        if isOver, isFollowed { try publishWanted() }
        return !isOver || discarder?.holdsBack ?? false
    }

    /// Turns of decoding before `move` returns: about as many records as a second has under load.
    private static var siftings: Int { 64 }

    /// The switch is off: what is left is decoded to the end.
    mutating func siftRest() throws(TracingError) {
        // The first round may be one that was not over.
        for _ in 0..<2 {
            while try discarder?.sift(&session, until: .max) == false { try writeWanted() }
            try writeWanted()
        }
    }

    /// Writes what was recorded before a time, without what is not wanted, and what had not ended by then.
    /// - Returns: sub-buffers of each CPU that may have later records, too.
    mutating func finishPart(before border: UInt64) throws(TracingError) -> [[UInt8]] {
        discarder?.share()
        session.lookForRecords()
        // The first round may be one that was not over.
        for _ in 0..<2 {
            while try discarder?.sift(&session, until: border) == false { try writeWanted() }
        }
        discarder?.finish()
        try writeWanted()
        return discarder?.takeShared() ?? []
    }

    /// Writes what is undecided, and sub-buffers that are not full.
    /// - Parameter trouble: what ended the recording, or else what is wrong here.
    mutating func finishDiscarding(_ trouble: inout TracingError?) {
        // To a file that takes no more nothing is added.
        if case .traceDat? = trouble { return }
        do throws(TracingError) {
            discarder?.finish()
            try writeWanted()
        } catch {
            trouble = trouble ?? error
        }
    }

    private mutating func writeWanted() throws(TracingError) {
        // Out of `self`, which is written to meanwhile.
        guard var taken = discarder.take() else { return }
        var failure: TracingError?
        do throws(TracingError) {
            try taken.take { (stream, pages) throws(TracingError) in try append(stream, pages) }
        } catch {
            failure = error
        }
        discarder = consume taken
        if let failure { throw failure }
    }

    /// Writes what is decided for who follows the file, and says up to when that is all.
    private mutating func publishWanted() throws(TracingError) {
        guard let reached = discarder?.close() else { return }
        let before = writer.byteCount
        try writeWanted()
        guard writer.byteCount != before || isHorizonDue, reached > horizon else { return }
        isHorizonDue = writer.byteCount != before
        horizon = reached
        writer.publish(horizon: horizon)
    }

    /// Notes how many records were left out of the file.
    mutating func noteDiscarded() {
        guard let counts = discarder?.counts else { return }
        notes.discarded = [:]
        for (cpu, count) in zip(session.cpus, counts) {
            if count.dropped > 0 { notes.discarded[Int(cpu)] = count.dropped }
            discarded.dropped &+= count.dropped
            discarded.all &+= count.dropped &+ count.kept
        }
    }

    /// The same at the end of the recording.
    mutating func noteDiscarded(in report: inout TraceReport) {
        guard discarding != nil else { return }
        noteDiscarded()
        report.fileRemarks.append(
            "\(discarded.dropped) of \(discarded.all) records were discarded: messages that do not pass the filters")
    }
}
