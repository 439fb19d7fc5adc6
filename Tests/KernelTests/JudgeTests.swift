import Foundation
import LedgerSupport
import Testing

extension KernelTests {
    @Test(
        "Messages of nginx, redis, iperf3, curl and Python have the results and ends that strace and ss show",
        .enabled(if: !Guest.isForeign, "brings programs of this machine"), arguments: Guest.kernels)
    func realPrograms(kernel: String) async throws {
        let judges = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Judges").standardized
        var guest = Guest(kernel: kernel)
        guest.programs = [
            "strace", "ss", "curl", "nginx", "redis-server", "redis-cli", "redis-benchmark", "iperf3",
            "/usr/bin/python3",
        ]
        let library = try Self.output(
            of: "/usr/bin/python3", "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))")
        guest.files = [library.text + ":" + library.text, judges.path + "/programs.sh"]
        guest.options = ["--with-diag"]
        let outcome = try await guest.run("sh /test/programs.sh")
        #expect(outcome.log.contains("traced 0"), "\(outcome.log.suffix(2000))")
        let verdict = try Self.output(of: judges.path + "/strace", outcome.directory.path)
        #expect(verdict.status == 0 && verdict.text.hasPrefix("0 differences"), "\(verdict.text)")
    }

    private static func output(of program: String, _ arguments: String...) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text.trimmingCharacters(in: .newlines))
    }

    /// Messages of one thread in one direction.
    private struct Flow: Hashable {
        var tid: Int
        var isSend: Bool
    }

    private struct Sum: Equatable {
        var count = 0
        /// Of what the calls returned: bytes, or negative errors.
        var results = 0
    }

    /// The kernel's own tracepoints, recorded by trace-cmd beside ours, count the same messages and the same bytes.
    ///
    /// They do not see a read of no bytes, which ends before them, nor splicing out of a stream, which goes past them.
    func expectSameAsTracepoints(_ outcome: Guest.Outcome) throws {
        guard let lines = try? outcome.lines("judge") else {
            #expect(try outcome.isOlder(than: (6, 3)) || !outcome.log.contains("judge"))
            return
        }
        let ledger = try outcome.lines("standard.ledger").map { LedgerLine($0) }
        let threads = Set(ledger.map(\.thread.tid))
        let judged = Self.sums(of: lines, threads)
        let ours = try sums(of: events(outcome.lines("standard")), ledger)
        #expect(judged.values.reduce(0) { $0 + $1.count } > 10_000)
        let differing = Set(judged.keys).union(ours.keys).filter { judged[$0] != ours[$0] }
        #expect(
            differing.isEmpty,
            "\(differing.prefix(10).map { "\($0): \(String(describing: judged[$0])), ours \(String(describing: ours[$0]))" })"
        )
    }

    /// Lines as `trace-cmd report -R` prints them: `workload-97 [001] 8.047: sock_send_length: … ret=11 …`.
    private static func sums(of lines: [Substring], _ threads: Set<Int>) -> [Flow: Sum] {
        var sums: [Flow: Sum] = [:]
        for line in lines {
            let isSend = line.contains(" sock_send_length: ")
            guard isSend || line.contains(" sock_recv_length: "), let cpu = line.range(of: " [0"),
                let dash = line[..<cpu.lowerBound].lastIndex(of: "-"),
                let tid = Int(line[line.index(after: dash)..<cpu.lowerBound].filter { $0 != " " }),
                threads.contains(tid),
                let result = line.split(separator: " ").first(where: { $0.hasPrefix("ret=") })
                    .flatMap({ number($0.dropFirst(4)) })
            else { continue }
            sums[Flow(tid: tid, isSend: isSend), default: Sum()].count += 1
            sums[Flow(tid: tid, isSend: isSend), default: Sum()].results += result
        }
        return sums
    }

    /// A raw field, an `int`: decimal, or its 32 bits in hexadecimal.
    private static func number(_ text: Substring) -> Int? {
        guard text.hasPrefix("0x") else { return Int(text) }
        return UInt64(text.dropFirst(2), radix: 16).map { Int(Int32(truncatingIfNeeded: $0)) }
    }

    private func sums(of events: [EventLine], _ ledger: [LedgerLine]) -> [Flow: Sum] {
        var sums: [Flow: Sum] = [:]
        for (alias, operation) in [("socket.send", "send"), ("socket.receive", "receive")] {
            let byThread = Dictionary(grouping: events.filter { $0.name == alias }, by: \.thread)
            for (thread, lines) in Dictionary(grouping: ledger.filter { $0.operation == operation }, by: \.thread) {
                for (line, event) in zip(lines, byThread[thread] ?? []) where !Self.escapesTracepoints(line) {
                    let flow = Flow(tid: thread.tid, isSend: operation == "send")
                    sums[flow, default: Sum()].count += 1
                    sums[flow, default: Sum()].results += event.number("size") ?? 0
                }
            }
        }
        return sums
    }

    private static func escapesTracepoints(_ line: LedgerLine) -> Bool {
        guard line.operation == "receive" else { return false }
        return (line.went("aio_read", "readv") && line.number("asked") == 0)
            || (line.went("splice") && line.number("type") == 1)
    }
}
