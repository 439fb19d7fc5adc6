import Foundation
import Testing

extension KernelTests {
    /// What Tests/Kills/run does with 200 rounds: how many here, and of which commands.
    private static let kills: (rounds: Int, commands: [String]) = {
        let rounds = ProcessInfo.processInfo.environment["SOCKFTRACE_KILLS"].flatMap { Int($0) }
        let all = [
            "trace", "record", "flight-recorder", "summary", "connections", "top", "doctor", "probes", "list", "clean",
        ]
        return Guest.triesFaults ? (rounds ?? 3, all) : (1, ["trace"])
    }()

    @Test("Whatever moment a command is killed at, clean leaves the kernel as it was", arguments: Guest.kernels)
    func killedAtRandom(kernel: String) async throws {
        let (rounds, commands) = Self.kills
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Kills/kill-rounds.sh")
        let outcome = try await Guest(
            kernel: kernel, cpus: 1, files: [script.standardized.path], timeout: 300 + 100 * rounds * commands.count
        ).run("sh kill-rounds.sh \(rounds) \(commands.joined(separator: " "))")
        #expect(outcome.status == 0, "\(outcome.log)")
        for command in commands {
            let line = outcome.log.split(separator: "\n").first { $0.hasPrefix("\(command): \(rounds) rounds ") }
            #expect(line?.hasSuffix(" 0 dirty") == true, "\(outcome.log)")
        }
    }
}
