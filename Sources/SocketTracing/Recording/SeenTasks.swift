internal import LinuxSystem
internal import SocketEvents
internal import TraceFS

/// The tasks that were seen to live during a recording whose files do not begin with it: the records of their births are in
/// no file, or in another.
struct SeenTasks {
    private struct Sight {
        var task: KnownTask
        /// Since when the number is known to be of this process, since when it has its name, and by when it had ended, on the
        /// monotonic clock; the last is nil of one that lived at the last look.
        var first: UInt64
        var named: UInt64
        var ended: UInt64?
        /// The kernel was told to leave the thread out.
        var isLeftOut: Bool
    }

    private var sights: [Int32: Sight] = [:]
    private var lastBorn: Substring?
    /// Until when it looks: what was born a moment ago gets its name by execve(2), a moment later.
    private var lookingUntil: UInt64 = 0
    private static let birthTime: UInt64 = 1_500_000_000

    /// Those that live when the recording begins.
    init(_ tasks: [KnownTask], at time: UInt64) {
        add(tasks, at: time)
    }

    /// Looks at the living, where somebody was born since the last time.
    mutating func look(_ session: borrowing ProbeSession) {
        // The last word is the number that was given last (fs/proc/loadavg.c): one short file in place of all of /proc.
        let born = (try? Files.text(of: "/proc/loadavg"))?.split(separator: " ").last
        let now = Clock.monotonic.now
        if born != lastBorn { (lastBorn, lookingUntil) = (born, now + Self.birthTime) }
        guard now <= lookingUntil else { return }
        let leftOut = session.othersAreLeftOut ? (try? session.buffer.excludedThreads()) ?? [] : []
        add(session.livingTasks(), leftOut: leftOut, at: Clock.monotonic.now)
    }

    /// - Parameter tasks: all that live.
    mutating func add(_ tasks: [KnownTask], leftOut: Set<Int32> = [], at time: UInt64) {
        let living = Set(tasks.lazy.map(\.tid))
        for tid in sights.keys where !living.contains(tid) && sights[tid]?.ended == nil { sights[tid]?.ended = time }
        for task in tasks {
            var sight = Sight(task: task, first: time, named: time, isLeftOut: leftOut.contains(task.tid))
            if let known = sights[task.tid], known.task.tgid == task.tgid {
                sight.first = known.first
                if known.task.name == task.name { sight.named = known.named }
            }
            sights[task.tid] = sight
        }
    }

    /// Forgets those that had ended before a time.
    mutating func forget(before time: UInt64) {
        sights = sights.filter { $0.value.ended.map { $0 >= time } ?? true }
    }

    /// Who the tasks were at a time. What was seen later only is left out: the number or the name may have been another
    /// before, and the birth or the new name has a record.
    func known(at time: UInt64) -> [KnownTask] {
        sights.values.filter { $0.first <= time }.map { sight in
            var task = sight.task
            if sight.named > time { task.name = nil }
            return task
        }
    }

    /// The processes that the kernel was not told to leave out.
    func processes(at time: UInt64) -> Set<Int32> {
        Set(sights.values.lazy.filter { $0.first <= time && !$0.isLeftOut && $0.task.tgid != 0 }.map(\.task.tgid))
    }
}
