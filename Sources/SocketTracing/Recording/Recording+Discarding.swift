internal import LinuxSystem
internal import RingBuffer
internal import SocketEvents
internal import TraceDat

// A recording that leaves out what its filters do not pass.
extension Recording {
    /// The decoder sees what a live trace would, and what the reader of the file will.
    static func discarder(
        _ session: borrowing ProbeSession, _ options: TraceOptions, _ aliases: AliasSet
    ) -> RecordDiscarder {
        var scope = options.selection.scope
        scope.processes = session.processes
        scope.tracer = session.numbers.process
        var decoder = SocketDecoder(
            plans: EventPlanTable(formats: session.formats), cpus: session.cpus, byteOrder: .host, aliases: aliases,
            scope: scope, begin: session.begin)
        decoder.know(session.tasks)
        return RecordDiscarder(
            decoder, layouts: Array(repeating: session.layout, count: session.streamCount),
            filter: options.selection.filter ?? EventFilter())
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
            if hasReachedSize { return false }
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

    /// Notes how many records were left out.
    mutating func noteDiscarded(in report: inout TraceReport) {
        guard let counts = discarder?.counts else { return }
        for (cpu, count) in zip(session.cpus, counts) where count.dropped > 0 {
            notes.discarded[Int(cpu)] = count.dropped
        }
        let dropped = counts.reduce(0) { $0 &+ $1.dropped }
        let all = counts.reduce(dropped) { $0 &+ $1.kept }
        report.fileRemarks.append("\(dropped) of \(all) records were discarded: messages that do not pass the filters")
    }
}
