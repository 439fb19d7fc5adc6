internal import CLinux

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A thread that takes work off the one that begins it.
package enum HelperThread {
    /// Runs a closure in a new thread, where no signal interrupts it: signals are for the threads that wait for them.
    ///
    /// - Returns: false where no thread can be made, by RLIMIT_NPROC, pids.max or for want of memory (pthread_create(3)),
    ///   or where RLIMIT_AS leaves it no room. The closure is not run then: the caller does the work itself.
    package static func start(_ work: @escaping @Sendable () -> Void) -> Bool {
        guard hasAddressSpace else { return false }
        let argument = Unmanaged.passRetained(Work(work))
        let made = try? SystemCall.make(.createThread) {
            linux_start_thread(stackSize, run, argument.toOpaque())
        }
        if made == nil { argument.release() }
        return made != nil
    }

    /// Bytes: plenty for what helpers do.
    private static let stackSize: UInt = 1 << 20

    /// malloc(3) reserves up to 128 MiB of addresses for each thread. Where it may not, every allocation of the thread tries
    /// anew, and what the thread's stack takes is missing elsewhere.
    private static var hasAddressSpace: Bool {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) != 0 || limit.rlim_cur >= 1 << 30
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static let run: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { argument in
        Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
        return nil
    }
}
