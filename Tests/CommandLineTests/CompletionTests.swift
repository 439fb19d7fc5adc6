import Foundation
import Testing

@Suite("Completion in the shell")
struct CompletionTests {
    @Test("Names, probes, families, protocols, pids and files are completed in bash, zsh and fish")
    func shells() throws {
        let judge = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Judges/completion")
        let (status, said) = try Judge.run(["python3", judge.path, Program.path.path])
        #expect(status == 0 && said.contains("36 checks passed"), "\(said.suffix(4000))")
    }
}
