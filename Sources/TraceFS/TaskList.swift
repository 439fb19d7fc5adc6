internal import LinuxSystem
internal import SystemPackage

/// The threads of the machine at one moment, from /proc: who a thread number is, before any record tells.
package struct TaskList: Sendable {
    /// One thread.
    package struct Task: Sendable, Hashable {
        /// The thread: `common_pid` of its records.
        package var thread: Int32
        /// Its process.
        package var process: Int32
        /// Its name, raw: any bytes but NUL, at most 15 for threads of programs.
        package var name: [UInt8]

        /// Names a thread.
        package init(thread: Int32, process: Int32, name: [UInt8]) {
            self.thread = thread
            self.process = process
            self.name = name
        }
    }

    /// The threads, in no particular order.
    package var tasks: [Task]

    /// Names the threads outright.
    package init(tasks: [Task]) {
        self.tasks = tasks
    }

    /// Lists every thread; those that end meanwhile are left out. O(threads), about 10 µs each.
    package static func current(proc: String = "/proc") throws(TraceFSError) -> TaskList {
        var tasks: [Task] = []
        for entry in try ControlFile.names(in: proc, "list the processes") {
            guard let process = Int32(entry) else { continue }
            tasks += threads(of: process, proc: proc)
        }
        return TaskList(tasks: tasks)
    }

    /// Whether a process is the kernel's own: PF_KTHREAD among its flags, the ninth word of its `stat` (include/linux/sched.h).
    package static func isKernelThread(_ process: Int32, proc: String = "/proc") -> Bool {
        guard let text = try? Files.bytes(of: "\(proc)/\(process)/stat"),
            let name = text.lastIndex(of: UInt8(ascii: ")"))
        else { return false }
        let words = text[text.index(after: name)...].split(separator: UInt8(ascii: " "))
        guard words.count > 6, let flags = UInt64(String(decoding: words[6], as: UTF8.self)) else { return false }
        return flags & 0x20_0000 != 0
    }

    /// The threads of one process; empty when there is no such process.
    package static func threads(of process: Int32, proc: String = "/proc") -> [Task] {
        let directory = "\(proc)/\(process)/task"
        guard let names = try? Files.names(in: directory) else { return [] }
        return names.compactMap { entry in
            guard let thread = Int32(entry), let name = name(at: "\(directory)/\(entry)/comm") else { return nil }
            return Task(thread: thread, process: process, name: name)
        }
    }

    /// The name in a `comm` file without its line end; nil when the task is gone.
    static func name(at path: String) -> [UInt8]? {
        guard let descriptor = try? Descriptor(opening: path, .readOnly) else { return nil }
        // Kernel workers have names of up to 63 bytes here (wq_worker_comm).
        return withUnsafeTemporaryAllocation(byteCount: 80, alignment: 1) { room in
            guard let count = try? descriptor.read(into: room), count > 0 else { return nil }
            let bytes = room[..<count]
            return [UInt8](bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes)
        }
    }
}
