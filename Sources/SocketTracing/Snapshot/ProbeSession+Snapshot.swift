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
}
