internal import LinuxSystem
internal import TraceFS

extension ProbeSession {
    /// Records every socket that the kernel lists: it calls a function for each line of /proc/PID/net/tcp and its like, and
    /// that is probed while we read them.
    ///
    /// The probes go with the others, at the end: taking one away empties the buffers.
    mutating func takeSnapshot() throws(TraceFSError) {
        let events = snapshotEvents
        guard !events.isEmpty else { return }
        for event in events {
            // Others read these files, too.
            try buffer.setFilter("common_pid == \(numbers.current)", on: event)
            try enable(event)
        }
        SocketLists.readAll()
        for event in events { try disable(event) }
    }

    /// Lists the sockets again after records were lost: whatever was known of them is forgotten by then. Not while more are
    /// being lost, which could take the list as well.
    mutating func listSocketsAfterLoss() {
        let lost = lostRecords
        if lost != lossesAtLook {
            (lossesAtLook, isListDue) = (lost, true)
        } else if isListDue {
            isListDue = false
            // Without the list their ends stay unknown, as they are.
            try? takeSnapshot()
        }
    }

    /// Lists the sockets again before the rings of a flight recorder let the last list go: once a quarter of what a CPU's
    /// ring holds is newer.
    mutating func listSocketsForRing(_ counts: [CPUStatistics]) {
        let written = counts.map { $0.entries &+ $0.overrun }
        defer { if writtenAtList.isEmpty { writtenAtList = written } }
        let isDue = zip(counts, zip(written, writtenAtList)).contains { counts, written in
            counts.overrun > 0 && written.0 &- written.1 > counts.entries / 4
        }
        guard isDue else { return }
        writtenAtList = written
        // Without the list the ends of older sockets stay unknown.
        try? takeSnapshot()
    }
}
