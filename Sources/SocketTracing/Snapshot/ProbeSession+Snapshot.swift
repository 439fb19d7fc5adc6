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
}
