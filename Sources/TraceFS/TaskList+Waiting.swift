internal import LinuxSystem

extension TaskList {
    /// Numbers of the system calls that move messages (arch/x86/entry/syscalls/syscall_64.tbl,
    /// include/uapi/asm-generic/unistd.h).
    struct MessageCalls {
        /// send, recv and their kin: their descriptor is a socket, or they fail at once.
        var ofSockets: Set<Int>
        /// read, write and their kin: their descriptor may be a socket.
        var ofFiles: Set<Int>

        /// Nil for a machine whose numbers are not known here.
        init?(machine: String) {
            switch machine {
            case "x86_64":
                ofSockets = [44, 45, 46, 47, 299, 307]
                ofFiles = [0, 1, 19, 20, 327, 328]
            case "aarch64", "riscv64":
                ofSockets = [206, 207, 211, 212, 243, 269]
                ofFiles = [63, 64, 65, 66, 286, 287]
            default: return nil
            }
        }
    }

    /// How many threads sleep in a call that sends to or receives from a socket: what began before a trace and whose end
    /// no return probe will tell.
    /// - Parameters:
    ///   - machine: as uname(2) gives it.
    ///   - processes: only these, all if nil.
    /// - Returns: nil where that cannot be told: an unknown machine, or a kernel without /proc/PID/syscall.
    package func waitingOnSockets(machine: String, processes: Set<Int32>? = nil, proc: String = "/proc") -> UInt64? {
        guard let calls = MessageCalls(machine: machine), Files.exists("\(proc)/self/syscall") else { return nil }
        return tasks.reduce(0) { count, task in
            guard processes?.contains(task.process) ?? true, Self.waits(task, calls, proc) else { return count }
            return count + 1
        }
    }

    private static func waits(_ task: Task, _ calls: MessageCalls, _ proc: String) -> Bool {
        // `NUMBER ARGUMENT…`, the arguments hexadecimal; "running" for one that does not sleep.
        guard let text = ControlFile.optionalText(of: "\(proc)/\(task.process)/task/\(task.thread)/syscall") else {
            return false
        }
        let words = text.split(separator: " ", maxSplits: 2)
        guard words.count > 1, let number = Int(words[0]) else { return false }
        if calls.ofSockets.contains(number) { return true }
        guard calls.ofFiles.contains(number), let descriptor = UInt32(words[1].dropFirst(2), radix: 16) else {
            return false
        }
        return Files.linkTarget("\(proc)/\(task.process)/fd/\(descriptor)")?.hasPrefix("socket:") ?? false
    }
}
