internal import EventFormats
internal import LinuxSystem
internal import RingBuffer
internal import TraceFS

/// The kernel's own numbers of this process and of others, as records have them.
///
/// In a container with a pid namespace of its own, getpid(2) and /proc tell other numbers, and no system call translates
/// them. What the kernel calls this thread is learnt from a record that it writes itself; what it calls others, from the
/// event that it writes when their `oom_score_adj` is set to the value that it has (`__set_oom_adj`, fs/proc/base.c).
struct TaskNumbers: Sendable {
    /// The thread that made the instance.
    let thread: Int32
    /// Its process.
    private(set) var process: Int32
    /// Whether /proc tells the kernel's numbers.
    let areProcs: Bool
    /// By the numbers that /proc tells of threads: those of this process and of the ones that were looked up.
    private var translated: [Int32: Int32] = [:]

    /// What /proc tells: right but in a container.
    init() {
        (process, thread) = Self.namedByProc ?? (CurrentProcess.id, CurrentProcess.threadID)
        areProcs = true
    }

    /// Learns the numbers of this thread and its process; in a container also those of the process's other threads.
    init(learnedIn instance: inout TracerInstance) throws(TracingError) {
        let named = Self.namedByProc
        guard let thread = try Self.ownThread(in: &instance) else {
            // A kernel without markers; only outside of containers that is no loss.
            guard SystemInfo.hasKernelsTaskNumbers(), named != nil else {
                throw .taskNumbersUnknown(process: CurrentProcess.id)
            }
            self = TaskNumbers()
            return
        }
        self.thread = thread
        areProcs = named?.thread == thread && Self.isProcOfKernel
        process = named?.process ?? thread
        guard !areProcs else { return }
        guard named != nil else {
            // Without a /proc of its own, a process is known by its first thread alone.
            guard CurrentProcess.id == CurrentProcess.threadID else {
                throw .taskNumbersUnknown(process: CurrentProcess.id)
            }
            return
        }
        try translate(process, in: &instance)
        guard let own = translated[process] else { throw .taskNumbersUnknown(process: process) }
        process = own
    }

    /// The kernel's number of a thread, by the one that /proc tells; nil where it was not looked up.
    func kernels(_ thread: Int32) -> Int32? { areProcs ? thread : translated[thread] }

    /// The thread that asks.
    var current: Int32 { kernels(CurrentProcess.threadID) ?? thread }

    // MARK: This thread

    /// Writes a line into the instance's own buffer: the record's `common_pid` is who wrote it. Nil where the kernel takes
    /// no line.
    private static func ownThread(in instance: inout TracerInstance) throws(TracingError) -> Int32? {
        let token = "sockftrace \(UInt64.random(in: 0...UInt64.max))"
        let bytes = Array(token.utf8)
        var number: Int32?
        try instance.record { buffer in
            try? buffer.setOption("markers", true)
            try? buffer.set("trace_marker", to: token)
        } take: { _, payload in
            if payload.holds(bytes) { number = payload.loadUnaligned(fromByteOffset: commonPid, as: Int32.self) }
        }
        return number
    }

    /// Where every record has the thread that wrote it, on kernels since 2.6.31.
    private static let commonPid = 4

    /// This process and thread by the link /proc/thread-self, `PID/task/TID`: by the numbers of the namespace that /proc
    /// was mounted in. Where /proc is another container's there is no such link; nor has a kernel before 3.17 one.
    private static var namedByProc: (process: Int32, thread: Int32)? {
        let parts = Files.linkTarget("/proc/thread-self")?.split(separator: "/").map { Int32($0) } ?? []
        if parts.count == 3, let process = parts[0], let thread = parts[2] { return (process, thread) }
        guard let process = Files.linkTarget("/proc/self").flatMap({ Int32($0) }),
            CurrentProcess.id == CurrentProcess.threadID
        else { return nil }
        return (process, process)
    }

    /// Whether /proc is not that of the namespace that this process is in, or that one is the kernel's own: else equal
    /// numbers would be a coincidence.
    private static var isProcOfKernel: Bool {
        if SystemInfo.hasKernelsTaskNumbers() { return true }
        // As many numbers as there are namespaces from that of /proc down to that of the process.
        let status = (try? Files.text(of: "/proc/self/status")) ?? ""
        let numbers = status.split(separator: "\n").first { $0.hasPrefix("NSpid:") }?.split(separator: "\t") ?? []
        return numbers.count > 2
    }

    // MARK: Others

    /// Looks up the threads that a process has now.
    /// - Parameter process: by the number that /proc tells.
    mutating func translate(_ process: Int32, in instance: inout TracerInstance) throws(TracingError) {
        let event = EventName(group: "oom", event: "oom_score_adj_update")
        guard let description = try? instance.buffer.describe(event),
            let format = try? TracerInstance.formatParser.parseFormat(
                Array(description.format.utf8), system: event.group),
            let subject = format.field("pid")?.offset
        else { throw .taskNumbersUnknown(process: process) }
        let own = thread
        var asked: [Int32] = []
        var answers: [(time: UInt64, number: Int32)] = []
        try instance.record { buffer throws(TraceFSError) in
            try buffer.enable(event)
            for thread in TaskList.threads(of: process).map(\.thread) where Self.poke(thread, of: process) {
                asked.append(thread)
            }
            try buffer.enable(event, false)
        } take: { time, payload in
            guard payload.count >= subject + 4, payload.loadUnaligned(as: UInt16.self) == format.id,
                payload.loadUnaligned(fromByteOffset: Self.commonPid, as: Int32.self) == own
            else { return }
            answers.append((time, payload.loadUnaligned(fromByteOffset: subject, as: Int32.self)))
        }
        // One record for each, in the order of the questions, or nothing is known.
        guard asked.count == answers.count else { return }
        answers.sort { $0.time < $1.time }
        for (thread, answer) in zip(asked, answers) { translated[thread] = answer.number }
    }

    /// Sets a thread's `oom_score_adj` to what it is. False where the kernel refuses.
    private static func poke(_ thread: Int32, of process: Int32) -> Bool {
        let path = "/proc/\(process)/task/\(thread)/oom_score_adj"
        do {
            let value = try Files.bytes(of: path)
            let file = try Descriptor(opening: path, .writeOnly)
            return try file.write(value.span.bytes) == value.count
        } catch {
            return false
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func holds(_ bytes: [UInt8]) -> Bool {
        guard count >= bytes.count else { return false }
        return (0...count - bytes.count).contains { self[$0..<$0 + bytes.count].elementsEqual(bytes) }
    }
}
