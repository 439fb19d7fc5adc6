internal import LinuxSystem

// What the file says to those who follow it.
extension TraceDatWriter {
    /// Somebody reads the file while it grows.
    package var isFollowed: Bool { file.opened.file.hasOthers(.follower) }

    /// Says how far the recording has come. Where that cannot be written, who follows it waits for the next.
    /// - Parameters:
    ///   - horizon: every record of an earlier time was appended.
    ///   - hasEnded: nothing more is appended.
    package mutating func publish(horizon: UInt64, hasEnded: Bool = false) {
        put(hasEnded ? .ended : .recording, horizon)
        // The first in both places: neither is on the disk yet, which may be full later.
        if progress == 1 { put(hasEnded ? .ended : .recording, horizon) }
    }

    /// Says that the data are no longer where the journal has them, before that is so.
    mutating func publishMoving() {
        if progress > 0 { put(.moving, .max) }
    }

    private mutating func put(_ phase: Progress.Phase, _ horizon: UInt64) {
        progress += 1
        let record = Progress(
            sequence: progress, phase: phase, horizon: horizon, pages: streams.map { UInt64($0.pages) })
        let place = layout.progressAt + (progress.isMultiple(of: 2) ? 0 : UInt64(layout.progressSize))
        record.encoded.withUnsafeBytes { _ = file.opened.file.writeFully(at: place, from: $0) }
    }
}
