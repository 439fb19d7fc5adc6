import Foundation
import LedgerSupport
import Testing

/// The kernel that runs the tests, where it takes no kprobe events but has tracepoints for messages, as the kernels of
/// many cloud machines do.
private enum OwnKernel {
    static let tracing = "/sys/kernel/tracing"

    static var isTraceable: Bool {
        let files = FileManager.default
        return Guest.isAvailable && getuid() == 0 && !files.fileExists(atPath: tracing + "/kprobe_events")
            && files.fileExists(atPath: tracing + "/events/sock/sock_send_length/id")
    }

    static let whyNot: Comment =
        """
        needs scripts/test, root, and a running kernel without kprobe events and with the tracepoint sock_send_length \
        (6.3 and later)
        """

    /// Starts something with no signal blocked: threads of the test runner block nearly all, a child takes that over, and
    /// the workload lets signals interrupt it.
    private static func withSignals(_ start: () throws -> Void) throws {
        var none = sigset_t()
        var usual = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &usual)
        defer { pthread_sigmask(SIG_SETMASK, &usual, nil) }
        try start()
    }

    struct Run {
        var status: Int32
        var events: String
        var messages: String
        var ledger: String
    }

    /// Traces a run of the workload's ledger.
    /// - Parameter command: of sockftrace, as the shell takes it.
    static func traceLedger(_ command: String = "trace -v --format json -o \"$2\"") throws -> Run {
        try trace(command, "\"$1\" ledger \"$3\"")
    }

    /// Traces a command of the workload.
    /// - Parameters:
    ///   - command: Of sockftrace, as the shell takes it: `$2` is the file for events.
    ///   - work: `$1` is the workload, `$3` the file for its ledger.
    static func trace(_ command: String, _ work: String) throws -> Run {
        let binary = try #require(Guest.binary)
        let workload = try #require(Guest.workload)
        let directory = FileManager.default.temporaryDirectory.appending(path: "sockftrace-own-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        func path(_ name: String) -> String { directory.appending(path: name).path }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", "exec \"$0\" \(command) -- \(work) 2> \"$4\" >> \"$2\"", binary, workload,
            path("events"), path("ledger"), path("messages"),
        ]
        try withSignals { try process.run() }
        process.waitUntilExit()
        func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
        return Run(
            status: process.terminationStatus, events: try text("events"), messages: try text("messages"),
            ledger: try text("ledger"))
    }
}

@Suite("On a kernel without kprobe events", .serialized, .enabled(if: OwnKernel.isTraceable, OwnKernel.whyNot))
struct OwnKernelTests {
    /// What sock_send_length, sock_recv_length and the tracepoints of socket(2) do not pass.
    private func isShown(_ line: LedgerLine) -> Bool {
        switch line.operation {
        // sock_read_iter is left before any tracepoint where nothing was asked for.
        case "receive" where line.went("aio_read"): line.number("asked") != 0
        // Streams hand their buffers to the pipe themselves.
        case "receive" where line.went("splice"): line.number("type") != 1
        case "create": line.text("call") == "socket"
        // Only ends of TCP connections are shown, which are not the closings of sockets; they are compared apart.
        case "close": false
        default: true
        }
    }

    @Test("Every message of the ledger is shown with its size, family and protocol by the kernel's own tracepoints")
    func everyMessage() throws {
        let run = try OwnKernel.traceLedger()
        #expect(run.status == 0, "\(run.messages)")
        #expect(run.messages.contains("fields from the kernel's tracepoints"), "\(run.messages)")
        #expect(run.messages.contains("self-test of"), "\(run.messages)")
        let lines = run.ledger.split(separator: "\n").map { LedgerLine($0) }
        #expect(lines.count > 10_000 && lines.count { !isShown($0) && $0.operation == "receive" } < 1000)

        let events = try events(run.events.split(separator: "\n"))
        let messages = events.filter { $0.name == "socket.send" || $0.name == "socket.receive" }
        #expect(messages.allSatisfy { $0.number("size") != nil && $0.number("success") != nil })
        #expect(messages.allSatisfy { $0.number("family") != nil && $0.number("protocol") != nil })

        // What is null is unknown, and not held against the ledger.
        let known = try run.events.split(separator: "\n").map { line in
            try EventLine(Substring(line.replacing(/,"[a-z_]+":null/, with: "")))
        }
        // Connections are told, too, and are not of this ledger: where to, and what became of them.
        let connected = known.filter { $0.name == "socket.connected" }
        #expect(connected.allSatisfy { $0.number("remote_port") != nil && $0.number("success") != nil })
        // Either end of a TCP connection ends once.
        func ends(_ event: EventLine) -> [String] {
            ["local", "remote"].map { "\(event.text($0 + "_address") ?? "?") \(event.number($0 + "_port") ?? 0)" }
        }
        let made = connected.filter { $0.number("success") == 1 }.map(ends)
        let closed = known.filter { $0.name == "socket.close" }.map(ends)
        #expect(made.count > 2 && Set(closed).isSuperset(of: made), "\(made) \(closed)")
        #expect(Set(closed).count == closed.count && Set(closed).isSubset(of: made + made.map { $0.reversed() }))
        let comparison = LedgerComparison(
            ledger: lines.filter(isShown),
            events: known.filter { $0.name != "socket.connected" && $0.name != "socket.close" },
            aliases: AliasNames.standard)
        let differences = comparison.differences()
        #expect(differences.isEmpty, "\(differences.count)\n\(differences.prefix(10).joined(separator: "\n"))")
    }

    @Test("The snapshots of a top add up to the ledger")
    func top() throws {
        let run = try OwnKernel.traceLedger("top --format json --interval 200ms")
        #expect(run.status == 0, "\(run.messages)")
        let snapshots = try run.events.split(separator: "\n").map {
            try JSONDecoder().decode(TopSnapshot.self, from: Data($0.utf8))
        }
        #expect(snapshots.count > 2)
        let lines = run.ledger.split(separator: "\n").map { LedgerLine($0) }.filter(isShown)
        for (operation, way) in [("send", \TopSnapshot.Numbers.sent), ("receive", \.received)] {
            let own = lines.filter { $0.operation == operation }
            let results = own.compactMap { $0.number("result") }
            #expect(snapshots.map { $0.all[keyPath: way].messages }.reduce(0, +) == own.count)
            #expect(
                snapshots.map { $0.all[keyPath: way].bytes ?? 0 }.reduce(0, +) == results.filter { $0 > 0 }.reduce(0, +)
            )
            #expect(snapshots.map { $0.all[keyPath: way].failed }.reduce(0, +) == results.count { $0 < 0 })
        }
        let last = try #require(snapshots.last)
        #expect(last.lost == 0)
        #expect(last.all.total.messages == lines.count { ["send", "receive"].contains($0.operation) })
        #expect(last.groups.map(\.total.messages).reduce(0, +) == last.all.total.messages)
    }

    /// What a trace held of `count` processes that each sent one message, in KiB at their end.
    private func memory(_ count: Int) throws -> Int {
        let run = try OwnKernel.trace(
            "trace --probe socket.send --format json -o \"$2\"",
            """
            sh -c '"$0" brief \(count) "$1" && grep VmRSS /proc/$PPID/status >&2' "$1" "$3"
            """)
        #expect(run.status == 0, "\(run.messages)")
        // Process IDs are given again and again: a process's name and scope must not be its predecessor's.
        let senders = try events(run.events.split(separator: "\n")).map { $0.number("pid") }
        let processes = run.ledger.split(separator: "\n").map { Int($0) }
        #expect(processes.count == count && senders == processes, "\(run.messages)")
        let words = run.messages.split { $0.isWhitespace }
        let label = try #require(words.firstIndex(of: "VmRSS:"), "\(run.messages)")
        return try #require(Int(words[label + 1]))
    }

    @Test("A trace is as large after two hundred thousand processes as after two thousand")
    func manyProcesses() throws {
        let few = try memory(2000), many = try memory(200_000)
        #expect(many < few + 1024, "KiB: \(few) after two thousand, \(many) after two hundred thousand")
    }
}

/// A line of `top --format json`, as far as the test looks at it.
private struct TopSnapshot: Decodable {
    struct Way: Decodable {
        var messages: Int
        var bytes: Int?
        var failed: Int
    }
    struct Total: Decodable {
        var messages: Int
    }
    struct Numbers: Decodable {
        var sent: Way
        var received: Way
        var total: Total
    }
    var lost: Int?
    var all: Numbers
    var groups: [Numbers]
}
