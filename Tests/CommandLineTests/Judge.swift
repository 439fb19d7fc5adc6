import Foundation

/// A program beside the tests that judges what ours does.
enum Judge {
    /// Runs one, found by its name, and waits for its end.
    /// - Returns: its exit status, and what it said on both outputs.
    static func run(_ command: [String]) throws -> (status: Int32, said: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, said)
    }
}
