internal import LinuxSystem
internal import Synchronization
internal import SystemPackage
internal import TraceDat

/// A file to which nothing more is appended, on its way to be finished.
final class FullFile: Sendable {
    /// What completes it.
    struct Ending: Sendable {
        var commandLines: [TraceFile.CommandLine] = []
        var statistics: [String] = []
        var notes: [UInt8] = []
    }

    let path: FilePath
    private let ending: Ending
    private let writer: Mutex<TraceDatWriter?>

    init(_ writer: consuming sending TraceDatWriter, path: FilePath, _ ending: Ending) {
        self.path = path
        self.ending = ending
        self.writer = Mutex(writer)
    }

    /// Completes and compresses it; nil where that was done already.
    fileprivate func finish(
        _ compression: Compression, while goesOn: () -> Bool
    ) throws(TraceDatError) -> TraceDatWriter.Summary? {
        let writer = writer.withLock { $0.take() }
        return try writer?.finish(
            cmdlines: ending.commandLines, cpuStats: ending.statistics, extension: ending.notes,
            compressing: compression, while: goesOn)
    }
}

/// Finishes files in a thread of its own while the next one is recorded to: that takes as long as copying a file does, and
/// the kernel's buffers would be full by then.
final class FileFinisher: Sendable {
    /// What came of the files.
    struct Outcome: Sendable {
        /// The first that went wrong.
        var trouble: TracingError?
        var remarks: [String] = []
    }

    private struct State {
        var waiting: [FullFile] = []
        var current: FullFile?
        /// The current one was removed meanwhile.
        var isUnwanted = false
        var isHurried = false
        var hasThread = false
        var outcome = Outcome()
    }

    private let state = Mutex(State())
    private let compression: Compression

    init(_ compression: Compression) {
        self.compression = compression
    }

    /// Takes a file over. Where no thread can be made it is finished here and now.
    func add(_ file: FullFile) {
        let needsThread = state.withLock { state in
            state.waiting.append(file)
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if needsThread, !HelperThread.start({ self.finishWaiting() }) { finishWaiting() }
    }

    /// Gives up a file that is about to be removed: what becomes of it says nothing of the recording.
    func drop(_ path: FilePath) {
        state.withLock { state in
            state.waiting.removeAll { $0.path == path }
            if state.current?.path == path { state.isUnwanted = true }
        }
    }

    /// Waits until all files are finished.
    /// - Parameter goesOn: asked now and then; once it says false the files are left uncompressed.
    func finish(while goesOn: () -> Bool) -> Outcome {
        while state.withLock({ $0.hasThread }) {
            if !goesOn() { state.withLock { $0.isHurried = true } }
            Clock.monotonic.sleep(until: Clock.monotonic.now + Self.pause)
        }
        return state.withLock { $0.outcome }
    }

    /// Between two looks whether the thread is done, nanoseconds.
    private static let pause: UInt64 = 5_000_000

    private func finishWaiting() {
        while let file = next() { finish(file) }
    }

    private func next() -> FullFile? {
        state.withLock { state in
            state.current = state.waiting.isEmpty ? nil : state.waiting.removeFirst()
            state.isUnwanted = false
            if state.current == nil { state.hasThread = false }
            return state.current
        }
    }

    private var goesOn: Bool { state.withLock { !$0.isHurried && !$0.isUnwanted } }

    private func finish(_ file: FullFile) {
        var made = Outcome()
        do throws(TraceDatError) {
            let summary = try file.finish(compression) { goesOn }
            if let summary { made.remarks = Recording.remarks(summary, file.path) }
        } catch {
            made.trouble = .traceDat(error)
        }
        state.withLock { state in
            // Whoever removed it meanwhile did so on purpose.
            guard !state.isUnwanted else { return }
            state.outcome.trouble = state.outcome.trouble ?? made.trouble
            state.outcome.remarks += made.remarks
        }
    }
}
