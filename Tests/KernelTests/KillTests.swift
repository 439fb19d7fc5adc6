import Foundation
import Testing

extension KernelTests {
    /// The short form of Tests/Kills/run.
    @Test(
        "Whatever moment a command is killed at, clean leaves the kernel as it was",
        .enabled(if: Guest.triesFaults, Guest.whyNoFaults), arguments: Guest.kernels)
    func killedAtRandom(kernel: String) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Kills/kill-rounds.sh")
        let outcome = try Guest(
            kernel: kernel, cpus: 1, files: [script.standardized.path], timeout: 600
        ).run("sh kill-rounds.sh 3")
        #expect(outcome.status == 0, "\(outcome.log)")
        #expect(outcome.log.components(separatedBy: " 0 dirty").count == 8, "\(outcome.log)")
    }
}
