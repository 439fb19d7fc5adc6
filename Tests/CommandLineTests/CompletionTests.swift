import Foundation
import Testing

@Suite("Completion in the shell")
struct CompletionTests {
    @Test("Names, probes, families, protocols, pids and files are completed in bash, zsh and fish")
    func shells() throws {
        let judge = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Judges/completion")
        let process = Process()
        process.executableURL = judge
        process.arguments = [Program.path.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && said.contains("36 checks passed"), "\(said.suffix(4000))")
    }
}
