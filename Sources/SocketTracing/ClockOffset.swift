internal import Glibc
internal import SystemPackage

/// When, in which boot of which kernel: what a recording must note of its machine to be understood years later.
enum ClockOffset {
    /// Nanoseconds to add to the trace clock (CLOCK_MONOTONIC) for the time since 1970.
    static func wallClock() -> Int64 {
        // Whoever is interrupted between two readings measures a larger distance: the shortest of a few is the best.
        var best: (distance: Int64, offset: Int64)?
        for _ in 0..<5 {
            let before = nanoseconds(CLOCK_MONOTONIC)
            let wall = nanoseconds(CLOCK_REALTIME)
            let after = nanoseconds(CLOCK_MONOTONIC)
            let distance = after - before
            if distance < best?.distance ?? .max { best = (distance, wall - (before + distance / 2)) }
        }
        return best?.offset ?? 0
    }

    /// The id that the kernel drew when it booted; nil where /proc does not tell.
    static func bootID() -> String? {
        guard let file = try? FileDescriptor.open("/proc/sys/kernel/random/boot_id", .readOnly) else { return nil }
        defer { try? file.close() }
        let text = withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { bytes in
            guard let count = try? file.read(into: bytes) else { return "" }
            return String(decoding: bytes.prefix(count).prefix { $0 > 0x20 }, as: UTF8.self)
        }
        return text.isEmpty ? nil : text
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
