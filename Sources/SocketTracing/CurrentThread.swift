internal import Glibc

/// The calling thread.
enum CurrentThread {
    /// As records have it in `common_pid`: /proc/thread-self is a link to `PID/task/TID`.
    static var id: Int32 {
        let target = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { room in
            let count = room.baseAddress.map { readlink("/proc/thread-self", $0, room.count) } ?? 0
            return String(
                decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<max(0, count)]),
                as: UTF8.self)
        }
        return target.split(separator: "/").last.flatMap { Int32($0) } ?? getpid()
    }
}
