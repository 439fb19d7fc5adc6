import Foundation

/// The program as it was built for the tests.
enum Program {
    struct Outcome {
        var status: Int32
        var output: String
        var messages: String
    }

    /// The one that `scripts/test` made, else the one that was built along with the tests.
    private static let path: URL = {
        if let path = ProcessInfo.processInfo.environment["SOCKFTRACE_BINARY"] { return URL(filePath: path) }
        let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return top.appending(path: ".build/debug/sockftrace")
    }()

    /// Runs it with arguments, to its end.
    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
        let process = Process()
        let output = Pipe()
        let messages = Pipe()
        process.executableURL = path
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = messages
        try process.run()
        // Both are far below what a pipe holds, so they can be read one after the other.
        let told = output.fileHandleForReading.readDataToEndOfFile()
        let said = messages.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: told, as: UTF8.self),
            messages: String(decoding: said, as: UTF8.self))
    }
}
