/// What of the machine's tasks a buffer records: the kernel passes over the others before it fetches anything. A call
/// that is passed over costs a quarter of one that is recorded (668 of 2,768 instructions on 6.1, x86-64).
extension BufferDirectory {
    /// Records what some tasks do, and those that they will start; it may record more, but never less.
    ///
    /// `set_event_pid` would be the plain way. But workers of io_uring are made past the tracepoint by which `event-fork`
    /// learns of children (create_io_thread in kernel/fork.c calls no trace_sched_process_fork), so they would be missed.
    /// Therefore the living others are left out, by `set_event_notrace_pid` (5.7), and who is in no list is recorded.
    /// After an error all is recorded: a list that was cut short would hide what is wanted.
    /// - Parameter isWanted: asked of each task that lives now.
    package func recordOnly(
        proc: String = "/proc", where isWanted: (TaskList.Task) -> Bool
    ) throws(TraceFSError) {
        try setOption("event-fork", true)
        let canExclude = has(Self.excludedPids)
        do throws(TraceFSError) {
            if canExclude {
                try leaveOutOthers(proc: proc, than: isWanted)
            } else {
                // io_uring's workers were no children of their process yet (before 5.12).
                try recordOnlyListed(proc: proc, where: isWanted)
            }
        } catch {
            try? writePids([], to: canExclude ? Self.excludedPids : Self.wantedPids)
            throw error
        }
    }

    /// The threads that are left out.
    package func excludedThreads() throws(TraceFSError) -> Set<Int32> { Set(try pids(in: Self.excludedPids)) }

    private func leaveOutOthers(
        proc: String, than isWanted: (TaskList.Task) -> Bool
    ) throws(TraceFSError) {
        var others = try Self.threads(proc: proc) { !isWanted($0) }
        for _ in 0..<Self.attempts {
            try setExcludedPids(others.sorted())
            let listed = Set(try pids(in: Self.excludedPids))
            others = listed.intersection(try Self.threads(proc: proc) { !isWanted($0) })
            // A task that had ended when it was listed is never struck off, and its number may be given to one that is
            // wanted.
            if others == listed { return }
        }
        try setExcludedPids([])
    }

    private func recordOnlyListed(
        proc: String, where isWanted: (TaskList.Task) -> Bool
    ) throws(TraceFSError) {
        var known: Set<Int32> = []
        while true {
            let found = try Self.threads(proc: proc, where: isWanted)
            // Threads of those that are listed list themselves.
            if found.isSubset(of: known) { return }
            known.formUnion(found)
            try setEventPids(known.sorted())
        }
    }

    /// How often the list is made again, on a machine where tasks end all the time.
    private static let attempts = 16

    private static func threads(
        proc: String, where isMeant: (TaskList.Task) -> Bool
    ) throws(TraceFSError) -> Set<Int32> {
        Set(try TaskList.current(proc: proc).tasks.filter(isMeant).map(\.thread))
    }

    private func pids(in file: String) throws(TraceFSError) -> [Int32] {
        try text(file).split { $0 == " " || $0 == "\n" }.compactMap { Int32($0) }
    }

    private static let excludedPids = "set_event_notrace_pid"
    private static let wantedPids = "set_event_pid"

    /// Records only the threads named, and with the option `event-fork` also those that they start. None: all threads.
    package func setEventPids(_ threads: [Int32]) throws(TraceFSError) {
        try writePids(threads, to: Self.wantedPids)
    }

    /// Does not record the threads named, nor with the option `event-fork` those that they start. None: leaves nobody out.
    package func setExcludedPids(_ threads: [Int32]) throws(TraceFSError) {
        try writePids(threads, to: Self.excludedPids)
    }

    /// The first write empties the list, as the file is truncated on opening, and each further one adds to it.
    private func writePids(_ threads: [Int32], to file: String) throws(TraceFSError) {
        // A write is parsed in pieces of a page; far below that none can split a number.
        let piece = 256
        try set(file, to: threads.prefix(piece).map(String.init).joined(separator: " "))
        var rest = threads.dropFirst(piece)
        while !rest.isEmpty {
            let text = rest.prefix(piece).map(String.init).joined(separator: " ")
            try ControlFile.write(text, to: "\(path)/\(file)", .append, "set \(file)")
            rest = rest.dropFirst(piece)
        }
    }
}
