internal import CLinux

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// This process, as the kernel and its environment name it.
package enum CurrentProcess {
    /// Its number in its own pid namespace.
    package static var id: Int32 { getpid() }

    /// The user whose rights it has.
    package static var effectiveUser: UInt32 { geteuid() }

    /// The calling thread's number, as /proc has it where /proc is mounted: that of the pid namespace /proc belongs to.
    package static var threadID: Int32 {
        // A link to `PID/task/TID`.
        let target = Files.linkTarget("/proc/thread-self")
        return target?.split(separator: "/").last.flatMap { Int32($0) } ?? Int32(clamping: linux_thread_id())
    }

    /// A variable of the environment; nil where it is not set.
    package static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
