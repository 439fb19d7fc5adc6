import Foundation
import Testing

extension KernelTests {
    /// The commands of the page for those who come from other tools, in its second column.
    private static func commandsOfPage() throws -> [String] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/SocketTracing/SocketTracing.docc/ComingFrom.md").standardized
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| ") }
        return rows.flatMap { row in
            row.split(separator: "|")[1].split(separator: "`").map(String.init).filter { $0.hasPrefix("sockftrace ") }
        }
    }

    /// The same with an end: what runs until somebody stops it runs along with a workload, or for a second.
    private static func bounded(_ command: String) -> String {
        let workload = "workload flood 10 64"
        switch command.split(separator: " ")[1] {
        case "top": return command + " --batch --interval 1 --count 1"
        case "report": return command + " trace.dat"
        case "record": return command + " -o trace.dat -- " + workload
        default:
            if command.hasSuffix("COMMAND") { return command.replacing("COMMAND", with: workload) }
            return command + (command.contains("--live") ? " --duration 2" : " -- " + workload)
        }
    }

    /// The commands in two guests, so that none runs alone for long. The second half records what it reports.
    enum Half: CaseIterable {
        case first, second

        func of(_ commands: [String]) -> ArraySlice<String> {
            self == .first ? commands.prefix(commands.count / 2) : commands.dropFirst(commands.count / 2)
        }
    }

    @Test("Each command for those who come from other tools runs", arguments: Guest.kernels, Half.allCases)
    func comingFrom(kernel: String, half: Half) async throws {
        var seen: Set<String> = []
        let commands = half.of(try Self.commandsOfPage().map(Self.bounded).filter { seen.insert($0).inserted })
        try #require(commands.count > 8)
        // Recordings are made before they are reported.
        let ordered = commands.filter { !$0.contains(" report ") } + commands.filter { $0.contains(" report ") }
        let runs = ordered.map { command in
            """
            \(command.contains("--live") ? "workload flood 1000000000 64 1 & busy=$!" : "busy=")
            COLUMNS=80 \(command) > /tmp/shown 2> /tmp/said; status=$?
            [ -z "$busy" ] || kill $busy
            [ $status = 0 ] || { echo 'failed: \(command)'; cat /tmp/said; }
            echo "$status $(wc -l < /tmp/shown)" >> /out/results

            """
        }
        let outcome = try await Guest(kernel: kernel).run("cd /tmp\n" + runs.joined())
        let results = try outcome.lines("results")
        try #require(results.count == ordered.count, "\(outcome.log)")
        for (command, result) in zip(ordered, results) {
            let words = result.split(separator: " ")
            #expect(words.first == "0", "\(command): \(outcome.log)")
            // A recording is the one that shows nothing; a trace without matching events has its header.
            #expect(command.contains("sockftrace record") || words.last != "0", "\(command)")
        }
    }
}
