import Foundation

/// The program as it was built for the tests.
enum Program {
    struct Outcome {
        var status: Int32
        var output: String
        var messages: String
    }

    /// The one that `scripts/test` made, else the one that was built along with the tests.
    static let path: URL = {
        if let path = ProcessInfo.processInfo.environment["SOCKFTRACE_BINARY"] { return URL(filePath: path) }
        let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return top.appending(path: ".build/debug/sockftrace")
    }()

    /// It, ready to be run.
    /// - Parameter prefix: the words of a command that runs it, e.g. under a limit.
    static func process(
        _ arguments: [String], environment: [String: String] = [:], under prefix: [String] = []
    ) -> Process {
        let process = Process()
        process.executableURL = prefix.isEmpty ? path : URL(filePath: "/usr/bin/env")
        process.arguments = prefix.isEmpty ? arguments : prefix + [path.path] + arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Runs it with arguments, to its end.
    /// - Parameters:
    ///   - input: a file that it gets through a pipe.
    ///   - prefix: the words of a command that runs it.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], piping input: String? = nil,
        under prefix: [String] = []
    ) throws -> Outcome {
        let process = process(arguments, environment: environment, under: prefix)
        let output = Pipe()
        let messages = Pipe()
        process.standardOutput = output
        process.standardError = messages
        var feeder: Process?
        if let input {
            let (pipe, cat) = (Pipe(), Process())
            cat.executableURL = URL(filePath: "/bin/cat")
            cat.arguments = [input]
            cat.standardOutput = pipe
            process.standardInput = pipe
            feeder = cat
        }
        try feeder?.run()
        try process.run()
        // What it says is far below what a pipe holds, so they can be read one after the other.
        let told = output.fileHandleForReading.readDataToEndOfFile()
        let said = messages.fileHandleForReading.readDataToEndOfFile()
        feeder?.waitUntilExit()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: told, as: UTF8.self),
            messages: String(decoding: said, as: UTF8.self))
    }
}
