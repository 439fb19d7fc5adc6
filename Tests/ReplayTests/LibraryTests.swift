import Foundation
import SocketTracing
import Synchronization
import SystemPackage
import Testing

@Suite("As a library")
struct LibraryTests {
    /// What the README shows, as it stands there.
    private func example(print: (Any...) -> Void) async throws {
        for try await item in TraceSequence.replay("trace.dat") {
            if case .event(let event) = item, event.success == false {
                print(event.alias.name, event.pid ?? -1, event.errorNumber ?? 0)
            }
        }
    }

    @Test("The README's example is the one above, and says what it lacks where there is no such file")
    func readme() async throws {
        func words(_ text: some StringProtocol) -> [Substring] { text.split { $0.isWhitespace }.map { Substring($0) } }
        let readme = try String(contentsOf: Fixture.root.appending(path: "../README.md"), encoding: .utf8)
        let block = try #require(readme.split(separator: "```swift\n").last?.split(separator: "```").first)
        let shown = try #require(block.split(separator: "import SocketTracing\n").first)
        let own = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
        #expect(words(own).joined(separator: " ").contains(words(shown).joined(separator: " ")))
        do throws {
            try await example { _ in Issue.record("there is a trace.dat in \(FileManager.default.currentDirectoryPath)")
            }
            Issue.record("nothing was missed")
        } catch let error as TracingError {
            #expect(error.description.contains("trace.dat"))
        }
    }

    @Test("The sequence of a recording is what its batches hold", arguments: Fixture.own)
    func recording(_ fixture: Fixture) async throws {
        var items: [TraceItem] = []
        for try await item in TraceSequence.replay(FilePath(fixture.path)) { items.append(item) }
        #expect(try items == Report(fixture.path, aliases: .standard).items)
    }

    @Test("A sequence that is left, and one whose task was cancelled before, give no more")
    func endings() async throws {
        let fixture = try #require(Fixture.own.first)
        let sequence = TraceSequence.replay(FilePath(fixture.path))
        var count = 0
        for try await _ in sequence {
            count += 1
            if count == 3 { break }
        }
        #expect(count == 3)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            for try await _ in sequence { return true }
            return false
        }
        let end = await task.result
        #expect(throws: CancellationError.self) { try end.get() }
    }

    @Test("However a sequence ends, what it came to is handed over, once")
    func closingReports() async throws {
        let fixture = try #require(Fixture.own.first)
        let reports = Mutex<[UInt64]>([])
        let sequence = TraceSequence.replay(FilePath(fixture.path)) { report in
            reports.withLock { $0.append(report.statistics.events) }
        }
        for try await _ in sequence {}
        for try await _ in sequence { break }
        let task = Task {
            for try await _ in sequence { withUnsafeCurrentTask { $0?.cancel() } }
        }
        let end = await task.result
        #expect(throws: CancellationError.self) { try end.get() }
        let counts = reports.withLock { $0 }
        try #require(counts.count == 3)
        #expect(counts[0] > counts[1] && counts[1] > 0 && counts[2] > 0, "\(counts)")
    }
}

/// The kernel that runs the tests.
private enum OwnKernel {
    static let tracing = "/sys/kernel/tracing"

    static var isTraceable: Bool {
        let files = FileManager.default
        return getuid() == 0
            && ["kprobe_events", "events/sock/sock_send_length/id"].contains {
                files.fileExists(atPath: "\(tracing)/\($0)")
            }
    }

    /// Instances of this process's traces.
    static var instances: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: tracing + "/instances")) ?? []
        return names.filter { $0.contains("sockftrace_\(getpid())") }
    }

    /// Sends a datagram of so many bytes, from a process of its own.
    static func send(_ size: Int) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", "printf '%*s' \(size) '' > /dev/udp/127.0.0.1/9 2> /dev/null"]
        try process.run()
        process.waitUntilExit()
    }
}

@Suite(
    "As a library, live", .serialized,
    .enabled(if: OwnKernel.isTraceable, "needs root, tracefs, and kprobe events or the tracepoint sock_send_length"))
struct LiveLibraryTests {
    /// The sizes of what was seen to be sent.
    private final class Seen: Sendable {
        private let sizes = Mutex<[Int64]>([])

        func add(_ size: Int64) { sizes.withLock { $0.append(size) } }
        func count(of size: Int) -> Int { sizes.withLock { $0.count { $0 == Int64(size) } } }
    }

    /// Sends until a datagram of this size was seen: before that nobody says that the trace has begun.
    private func sendUntilSeen(_ seen: Seen, _ size: Int) throws {
        let end = ContinuousClock.now + .seconds(120)
        while seen.count(of: size) == 0 {
            try #require(ContinuousClock.now < end, "nothing was seen")
            try OwnKernel.send(size)
        }
    }

    /// In a thread of its own: those that tasks share may all be waiting for guests.
    private func watch(_ seen: Seen, until last: Int64? = nil) -> Task<Void, any Error> {
        Task(executorPreference: OwnThread()) {
            for try await item in TraceSequence.live() {
                guard case .event(let event) = item, event.alias == .send, let size = event.size else { continue }
                seen.add(size)
                if size == last { break }
            }
        }
    }

    @Test("Events come while the loop runs; leaving it takes everything out of the kernel")
    func leaving() async throws {
        let seen = Seen()
        let task = watch(seen, until: 711)
        defer { task.cancel() }
        try sendUntilSeen(seen, 711)
        try await task.value
        #expect(OwnKernel.instances.isEmpty)
    }

    @Test("Cancelled, it still hands out what was recorded, each message once, and takes everything out of the kernel")
    func cancelling() async throws {
        let seen = Seen()
        let task = watch(seen)
        defer { task.cancel() }
        try sendUntilSeen(seen, 712)
        for size in 501...510 { try OwnKernel.send(size) }
        task.cancel()
        try await task.value
        #expect((501...510).map { seen.count(of: $0) } == Array(repeating: 1, count: 10))
        #expect(OwnKernel.instances.isEmpty)
    }

    @Test("A recording that is given up leaves no file, begun or not", arguments: [false, true])
    func givenUp(hasBegun: Bool) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "given-up-\(UUID().uuidString).dat").path
        var recording = try Recording(to: FilePath(file))
        #expect(FileManager.default.fileExists(atPath: file))
        if hasBegun { try recording.start() }
        #expect(recording.abandon() == [])
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(OwnKernel.instances.isEmpty)
    }
}

/// Runs tasks one at a time.
private final class OwnThread: TaskExecutor {
    private let queue = DispatchQueue(label: "live trace")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
