internal import LinuxSystem

/// When, in which boot of which kernel: what a recording must note of its machine to be understood years later.
enum ClockOffset {
    /// Nanoseconds to add to the trace clock (CLOCK_MONOTONIC) for the time since 1970.
    static func wallClock() -> Int64 {
        // Whoever is interrupted between two readings measures a larger distance: the shortest of a few is the best.
        var best: (distance: Int64, offset: Int64)?
        for _ in 0..<5 {
            let before = Int64(Clock.monotonic.now)
            let wall = Int64(Clock.wall.now)
            let after = Int64(Clock.monotonic.now)
            let distance = after - before
            if distance < best?.distance ?? .max { best = (distance, wall - (before + distance / 2)) }
        }
        return best?.offset ?? 0
    }

    /// The id that the kernel drew when it booted; nil where /proc does not tell.
    static func bootID() -> String? {
        let text = try? Files.text(of: "/proc/sys/kernel/random/boot_id")
        return text?.split(separator: "\n").first.map(String.init)
    }
}
