import Foundation
import Testing

/// A kernel booted in QEMU by `scripts/guest`, with the static executable and the workload on board.
///
/// `scripts/test` builds both and says where they are; without them these tests cannot run and are skipped.
struct Guest: Sendable {
    /// As `scripts/guest --kernel` takes it.
    var kernel: String
    var cpus = 2
    var memory = 768
    /// Programs of the host to bring along.
    var programs: [String] = []
    /// More files to bring along, HOST or HOST:GUEST.
    var files: [String] = []
    var options: [String] = []
    /// Seconds.
    var timeout = 300

    /// Those of the kernels' processor, where it is another than this machine's.
    private static let foreignBinary = ProcessInfo.processInfo.environment["SOCKFTRACE_GUEST_BINARY"]
    private static let foreignWorkload = ProcessInfo.processInfo.environment["SOCKFTRACE_GUEST_WORKLOAD"]
    static var isForeign: Bool { foreignBinary != nil }

    static let binary = foreignBinary ?? ProcessInfo.processInfo.environment["SOCKFTRACE_BINARY"]
    static let workload = foreignWorkload ?? ProcessInfo.processInfo.environment["SOCKFTRACE_WORKLOAD"]

    /// The kernels that a run of the tests is about.
    static let kernels = names("SOCKFTRACE_KERNELS") ?? ["6.1"]

    /// The kernels that the ledger is held against; more than the other tests need.
    static let ledgerKernels = names("SOCKFTRACE_LEDGER_KERNELS") ?? kernels

    private static func names(_ variable: String) -> [String]? {
        ProcessInfo.processInfo.environment[variable]?.split(separator: " ").map(String.init)
    }

    static var isAvailable: Bool { binary != nil && workload != nil }

    static let whyNot: Comment =
        "needs the static executable and the workload: run scripts/test, which builds both and boots the guests"

    /// Whether faults are provoked on the kernels, too: kills, floods, containers, switches thrown in the midst.
    static let triesFaults = ProcessInfo.processInfo.environment["SOCKFTRACE_FAULTS"] != nil

    static let whyNoFaults: Comment = "provokes faults on the kernel, for minutes: run scripts/test --faults"

    /// Whether the executable knows an alias, as its own list says; one for another processor is made of these sources.
    static func lists(_ alias: String) -> Bool {
        isForeign || aliases.contains(Substring(alias))
    }

    static func lacks(_ alias: String) -> Comment {
        isAvailable ? "`sockftrace list` does not name \(alias): this executable cannot trace it" : whyNot
    }

    private static let aliases: [Substring] = {
        guard let binary else { return [] }
        let process = Process()
        process.executableURL = URL(filePath: binary)
        process.arguments = ["list"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return [] }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n")
    }()

    /// What a run in the guest left.
    struct Outcome: Sendable {
        var status: Int32
        /// Standard output of the script; then its standard error, and what the harness said.
        var log: String
        let results: Results
        /// The files that the script left in /out; there as long as the outcome is.
        var directory: URL { results.url }

        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: directory.appending(path: name)), as: UTF8.self)
        }

        func has(_ name: String) -> Bool {
            FileManager.default.fileExists(atPath: directory.appending(path: name).path)
        }

        /// Whether the kernel that ran is older than a version.
        func isOlder(than version: (Int, Int)) throws -> Bool {
            let release = try text("release").split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
            return (release[0], release[1]) < version
        }

        func lines(_ name: String) throws -> [Substring] {
            try text(name).split(separator: "\n")
        }
    }

    /// What a guest left, 80 MB for a ledger: removed at the end, unless SOCKFTRACE_KEEP is set for somebody to look.
    final class Results: Sendable {
        let url: URL

        init() throws {
            url = FileManager.default.temporaryDirectory.appending(path: "sockftrace-test-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }

        deinit {
            guard ProcessInfo.processInfo.environment["SOCKFTRACE_KEEP"] == nil else { return }
            try? FileManager.default.removeItem(at: url)
        }
    }

    /// Runs a shell script as root in the guest, once it is its turn. `sockftrace` and `workload` are in its path.
    ///
    /// A run in which the emulator failed says nothing, and is made again.
    func run(_ script: String) async throws -> Outcome {
        let binary = try #require(Self.binary)
        let workload = try #require(Self.workload)
        await GuestSlots.shared.take(timeout: timeout)
        let outcome = await result {
            var outcome = try runOnce(script, binary: binary, workload: workload)
            for _ in 0..<2 where outcome.status == Self.emulatorFailed {
                outcome = try runOnce(script, binary: binary, workload: workload)
            }
            return outcome
        }
        await GuestSlots.shared.give()
        return try outcome.get()
    }

    /// What a function that waits comes to, in a thread of its own: tests share few.
    private func result(_ body: @escaping @Sendable () throws -> Outcome) async -> Result<Outcome, any Error> {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Result { try body() }) }
        }
    }

    /// As `scripts/guest --help` says.
    private static let emulatorFailed: Int32 = 125

    private func runOnce(_ script: String, binary: String, workload: String) throws -> Outcome {
        let results = try Results()
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let process = Process()
        process.executableURL = root.appending(path: "scripts/guest")
        process.arguments =
            ["--kernel", kernel, "--cpus", String(cpus), "--memory", String(memory), "--timeout", String(timeout)]
            + [
                "--out", results.url.path, "--file", binary + ":/test/sockftrace", "--file",
                workload + ":/test/workload",
            ]
            + programs.flatMap { ["--with-program", $0] } + files.flatMap { ["--file", $0] } + options
            + ["--", Self.prelude + script]
        // Apart, or a line of one would come into the midst of a line of the other.
        let log = ["output", "errors"].map { results.url.appending(path: ".log-" + $0) }
        for file in log { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: log[0])
        process.standardError = try FileHandle(forWritingTo: log[1])
        try process.run()
        process.waitUntilExit()
        let text = try log.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }.joined()
        return Outcome(status: process.terminationStatus, log: text, results: results)
    }

    /// `traces` prints what of a tracer is in the kernel: nothing before and after a trace.
    private static let prelude = """
        tracing=/sys/kernel/tracing
        traces() { cat $tracing/dynamic_events; ls $tracing/instances; }
        uname -r > /out/release
        # Until a condition holds; a minute is far more than any takes.
        await() {
            local deadline=$(($(cut -d . -f 1 /proc/uptime) + 60))
            until "$@" >/dev/null 2>&1; do
                if [ $(cut -d . -f 1 /proc/uptime) -ge $deadline ]; then
                    echo "waited in vain: $*"; tail -n 20 /out/*.messages; ps
                    return 1
                fi
                usleep 20000
            done
        }

        """
}
