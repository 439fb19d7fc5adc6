import Foundation
import Testing

@Suite("Whatever a file holds")
struct HostileFileTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Hostile/mutate").standardized.path
    private static let isLong = ProcessInfo.processInfo.environment["SOCKFTRACE_FAULTS"] != nil
    private static let python = "/usr/bin/python3"

    /// Short: the same changes each time. With SOCKFTRACE_FAULTS, ten minutes of others.
    @Test(
        "Mutated recordings crash no command, hang none, bring nothing raw to a terminal and take no memory without bounds",
        .enabled(if: FileManager.default.isExecutableFile(atPath: python), "needs /usr/bin/python3"))
    func mutations() throws {
        let process = Process()
        process.executableURL = URL(filePath: Self.python)
        let amount = Self.isLong ? ["--seconds", "600"] : ["--seconds", "7", "--seed", "3992"]
        process.arguments = [Self.script] + amount + [Program.path.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.contains(" 0 failures"), "\(text)")
    }

    @Test("What is malformed is counted by its kind, with the place of the first")
    func malformed() throws {
        let recordings = try Recordings()
        var forgery = Recordings.Forgery()
        forgery.page = { cpu, number, bytes in
            switch (cpu, number) {
            // The header claims more than the page holds.
            case (0, 1): bytes.replaceSubrange(8..<16, with: [0xff, 0x1f, 0, 0, 0, 0, 0, 0])
            // The first record is 112 bytes long, and the data are 8.
            case (1, 0): bytes.replaceSubrange(8..<20, with: [8, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0])
            default: break
            }
        }
        let path = try recordings.make("malformed.dat", forgery)
        let outcome = try Program.run(["report", "--strict", "--format", "json", path])
        #expect(outcome.status == 3, "\(outcome.messages)")
        let told =
            "2 malformed sub-buffers, read up to the fault: 1 with more data than fits, 1 with a record that ends beyond "
            + "the data; the first: CPU 0, at byte 4104 of its data"
        #expect(outcome.messages.contains(told + "\n"), "\(outcome.messages)")
        #expect(!outcome.messages.contains("please report"))
        // The other pages are told.
        #expect(outcome.output.split(separator: "\n").count > 100)
    }
}
