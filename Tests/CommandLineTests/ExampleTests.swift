import Foundation
import Testing

/// The page of examples, held against what the commands print.
@Suite("The page of examples")
struct ExampleTests {
    private static let page = Recordings.fixtures.deletingLastPathComponent()
        .appending(path: "Sources/SocketTracing/SocketTracing.docc/Examples.md").standardized

    /// What stands between lines of three backquotes, line by line.
    private static func blocks(_ text: String) -> [(lines: [String], range: Range<Int>)] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var (blocks, begin): ([([String], Range<Int>)], Int?) = ([], nil)
        for (index, line) in lines.enumerated() where line == "```" {
            if let start = begin {
                blocks.append((Array(lines[start..<index]), start..<index))
                begin = nil
            } else {
                begin = index + 1
            }
        }
        return blocks
    }

    /// The arguments behind `sockftrace`, as a shell takes them apart.
    private func words(_ command: String) -> [String] {
        // As far as the file that a shell would write to.
        command.split(separator: " ").dropFirst(2).prefix { !$0.hasPrefix(">") }.map {
            String($0).replacing("'", with: "")
        }
    }

    /// Runs it where the recordings are, in a terminal of 80 columns.
    private func output(_ arguments: [String]) throws -> String {
        let process = Program.process(arguments, environment: ["COLUMNS": "80", "TZ": "UTC"])
        process.currentDirectoryURL = Recordings.fixtures.appending(path: "kernels/6.1")
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let told = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(arguments)")
        return String(decoding: told, as: UTF8.self)
    }

    @Test("Examples on a recording print what they show")
    func recordings() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var count = 0
        for (block, range) in Self.blocks(text).reversed() {
            guard let place = block.firstIndex(where: { $0.hasPrefix("$ sockftrace ") && $0.contains("own.dat") })
            else {
                continue
            }
            count += 1
            let shown = try output(words(block[place])).split(separator: "\n", omittingEmptySubsequences: false)
                .map { String($0) }
            // Blank lines at the end of a block say nothing.
            let expected = Array(shown.reversed().drop { $0.isEmpty }.reversed())
            if ProcessInfo.processInfo.environment["SOCKFTRACE_RENEW"] != nil {
                lines.replaceSubrange(range, with: block[...place] + expected)
            } else {
                #expect(Array(block[(place + 1)...]) == expected, "\(block[place])")
            }
        }
        #expect(count > 10)
        guard ProcessInfo.processInfo.environment["SOCKFTRACE_RENEW"] != nil else { return }
        try lines.joined(separator: "\n").write(to: Self.page, atomically: true, encoding: .utf8)
    }

    @Test("Examples that trace are understood: without root they fail for the lack of it, and for nothing else")
    func live() throws {
        let prefix = getuid() == 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : []
        let commands = Self.blocks(try String(contentsOf: Self.page, encoding: .utf8)).flatMap(\.lines)
            .filter { $0.hasPrefix("# sockftrace ") }
        #expect(commands.count > 4)
        for command in commands {
            var arguments = words(command)
            // A process of that number need not be there.
            if let place = arguments.firstIndex(of: "--pid") {
                arguments[place + 1] = String(ProcessInfo.processInfo.processIdentifier)
            }
            if let place = arguments.firstIndex(of: "curl") { arguments[place] = "true" }
            let outcome = try Program.run(arguments, under: prefix)
            #expect(outcome.status == 1, "\(command): \(outcome)")
        }
    }
}
