import Foundation
import Testing

/// The executable of this machine's own processor, as it was built along with the tests.
private enum OwnExecutable {
    private static let path = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../.build/debug/sockftrace").standardized

    /// What it prints, messages included.
    static func run(_ arguments: [String], in directory: URL) throws -> String {
        let process = Process()
        process.executableURL = path
        process.arguments = arguments
        process.environment = ["TZ": "UTC0"]
        process.currentDirectoryURL = directory
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }
}

extension KernelTests {
    /// Command lines whose output is a matter of the executable and the recording alone.
    private static let sameEverywhere: [[String]] =
        [
            ["report", "trace.dat"], ["report", "--format", "json", "trace.dat"], ["report", "--info", "trace.dat"],
            ["summary", "trace.dat"], ["summary", "--format", "json", "trace.dat"], ["report", "absent.dat"],
            ["--help"], ["help", "trace"], ["--experimental-dump-help"], ["trace", "--family", "NOWHERE"],
        ] + ["bash", "zsh", "fish"].map { ["--generate-completion-script", $0] }

    @Test(
        "A recording, and the help, are told on its own processor as on this one",
        .enabled(
            if: Guest.isForeign,
            "needs kernels of another processor: run scripts/test --architecture arm64"), arguments: Guest.kernels)
    func sameOnBothProcessors(kernel: String) async throws {
        let commands = Self.sameEverywhere.enumerated().map { index, arguments in
            "env -i TZ=UTC0 /test/sockftrace \(arguments.joined(separator: " ")) > told.\(index) 2>&1 < /dev/null\n"
        }
        let outcome = try await Guest(kernel: kernel).run(
            """
            cd /out
            sockftrace record -o trace.dat -- workload ledger /tmp/ledger --short 2> messages; echo "record $?"
            \(commands.joined())
            """)
        let messages = try outcome.text("messages")
        #expect(outcome.log.contains("record 0"), "\(outcome.log) \(messages)")
        for (index, arguments) in Self.sameEverywhere.enumerated() {
            let there = try outcome.text("told.\(index)")
            let here = try OwnExecutable.run(arguments, in: outcome.directory)
            #expect(!here.isEmpty && there == here, "\(arguments):\n\(there.prefix(300))\n\(here.prefix(300))")
        }
    }
}
