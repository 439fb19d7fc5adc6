#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The kernel's clocks, in nanoseconds.
package enum Clock: Sendable {
    /// CLOCK_MONOTONIC: the trace clock `mono`, the same on all CPUs. Stands still while the machine sleeps.
    case monotonic
    /// CLOCK_REALTIME: since 1970, and set by people.
    case wall
    /// CLOCK_PROCESS_CPUTIME_ID: what this process has used of all CPUs.
    case processTime

    package var now: UInt64 {
        let clock =
            switch self {
            case .monotonic: CLOCK_MONOTONIC
            case .wall: CLOCK_REALTIME
            case .processTime: CLOCK_PROCESS_CPUTIME_ID
            }
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Sleeps until the clock reaches a time. Not for `processTime`, which does not advance during sleep.
    package func sleep(until moment: UInt64) {
        // One look at the clock a round: between two the moment may pass, and nothing is left to wait for.
        while case let now = now, now < moment {
            let left = moment - now
            var pause = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
            nanosleep(&pause, nil)
        }
    }
}
