import Foundation
import LedgerSupport
import Testing

@Suite("The command summary")
struct SummaryCommandTests {
    @Test("Groups by inode and by port have what the ledger has of each", arguments: EndpointFixture.all)
    func groups(fixture: EndpointFixture) throws {
        let lines = try fixture.ledger.lines.filter { $0.isMessage && $0.isCertain && $0.number("result") != nil }
        func bytes(_ lines: [EndpointLine]) -> Int { lines.map { max($0.number("result") ?? 0, 0) }.reduce(0, +) }
        let rows = try fixture.objects(["summary", "--by", "inode"])
        let all = Dictionary(grouping: try fixture.ledger.lines.filter(\.isMessage)) { $0.number("inode") }
        var compared = 0
        for (inode, lines) in Dictionary(grouping: lines, by: { $0.number("inode") })
        where inode != nil && all[inode]?.count == lines.count {
            for (alias, direction) in [("socket.send", "send"), ("socket.receive", "receive")] {
                let right = lines.filter { $0.alias == alias }
                let row = rows.first { $0["inode"] as? Int == inode && $0["direction"] as? String == direction }
                #expect(row?["messages"] as? Int ?? 0 == right.count, "\(inode ?? 0) \(alias)")
                #expect(row?["bytes"] as? Int ?? 0 == bytes(right), "\(inode ?? 0) \(alias)")
            }
            compared += 1
        }
        #expect(compared > 100)
        // Whatever the groups, all messages are in them.
        let count = rows.compactMap { $0["messages"] as? Int }.reduce(0, +)
        for key in ["port", "listener", "local", "remote", "socket"] {
            let others = try fixture.objects(["summary", "--by", key])
            #expect(others.compactMap { $0["messages"] as? Int }.reduce(0, +) == count, "\(key)")
        }
    }

    @Test("Groups by listener are the connections that were accepted from it", arguments: EndpointFixture.all)
    func listeners(fixture: EndpointFixture) throws {
        let ledger = try fixture.ledger.lines
        let accepts = ledger.filter { $0.alias == "socket.accept.return" && $0.number("result") == 0 }
        let listeners = Dictionary(grouping: accepts) { $0.number("listener") }
        let rows = try fixture.objects(["summary", "--by", "listener"])
        var compared = 0
        for (listener, accepts) in listeners where listener != nil {
            let inodes = Set(accepts.compactMap { $0.number("inode") })
            let messages = ledger.filter { $0.isMessage && inodes.contains($0.number("inode") ?? -1) }
            guard messages.allSatisfy({ $0.isCertain }) else { continue }
            let told = rows.filter { $0["listener"] as? Int == listener && $0["direction"] as? String != "other" }
            #expect(told.compactMap { $0["messages"] as? Int }.reduce(0, +) == messages.count, "\(listener ?? 0)")
            compared += messages.count
        }
        #expect(compared > 20)
    }

    /// The last words of a command, without the program's name.
    private func lastWords(_ arguments: [String]) throws -> String {
        let outcome = try Program.run(arguments)
        try #require(outcome.status == 0, "\(outcome.messages)")
        let line = try #require(outcome.messages.split(separator: "\n").last { !$0.hasPrefix("showing ") })
        return String(line.drop { $0 != " " }.dropFirst())
    }

    @Test("The last words say what was counted, in the units of the command")
    func closing() throws {
        let fixture = EndpointFixture.all[0]
        func sums(_ arguments: [String]) throws -> (messages: Int, calls: Int) {
            let rows = try fixture.objects(["summary"] + arguments)
            func sum(_ key: String, _ rows: [[String: Any]]) -> Int { rows.compactMap { $0[key] as? Int }.reduce(0, +) }
            return (sum("messages", rows), sum("failed", rows.filter { $0["direction"] as? String == "other" }))
        }
        let all = try sums([])
        #expect(all.messages > 100 && all.calls > 1)
        let words = "\(all.messages) messages and \(all.calls) failed calls"
        #expect(try lastWords(["summary", fixture.path]) == words)
        #expect(try lastWords(["summary", "--histogram", "size", fixture.path]) == words)
        #expect(try lastWords(["summary", "--slowest", "3", fixture.path]) == words)
        // What failed are calls alone, or nothing at all.
        let filters = [
            "--error", "ECONNREFUSED", "--exclude", "probe=socket.send", "--exclude", "probe=socket.receive",
        ]
        let refused = try sums(filters)
        try #require(refused.messages == 0 && refused.calls > 0)
        #expect(
            try lastWords(["summary"] + filters + [fixture.path])
                == "\(refused.calls) failed call\(refused.calls == 1 ? "" : "s")")
        let nothing = try lastWords(["summary", "--comm", "nobody at all", fixture.path])
        #expect(nothing.hasPrefix("no messages or failed calls in ") && nothing.hasSuffix(" events"))
        let connections = try fixture.objects(["connections"]).count
        #expect(try lastWords(["connections", fixture.path]) == "\(connections) connections")
        let queries = try fixture.objects(["dns"]).compactMap { $0["queries"] as? Int }.reduce(0, +)
        #expect(
            try lastWords(["dns", fixture.path]).hasPrefix(queries == 0 ? "no queries in " : "\(queries) quer"))
    }

    @Test("Text fits the terminal, and is as it was", arguments: [40, 80, 120, 200])
    func text(width: Int) throws {
        let path = EndpointFixture.all[0].path
        try GoldenText.check("summary", ["summary", path], width: width)
        try GoldenText.check("summary-ends", ["summary", "--by", "comm,port,peer", path], width: width)
        try GoldenText.check("summary-split", ["summary", "--split", "--by", "protocol", path], width: width)
        try GoldenText.check(
            "summary-histogram", ["summary", "--histogram", "size", "--by", "family", path], width: width)
    }

    @Test(
        "HdrHistogram's reader finds in the log what JSON says",
        .enabled(if: PythonPackages.areThere, PythonPackages.reason))
    func histogramLog() throws {
        let fixture = EndpointFixture.all[0]
        let log = FileManager.default.temporaryDirectory.appending(path: "histograms-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: log) }
        let arguments = ["summary", fixture.path, "--by", "protocol,family", "--histogram", "latency"]
        #expect(try Program.run(arguments + ["--format", "hdr", "-o", log.path]).status == 0)
        let script = """
            import sys
            from hdrh.log import HistogramLogReader
            from hdrh.histogram import HdrHistogram
            reader = HistogramLogReader(sys.argv[1], HdrHistogram(1, 3600 * 10 ** 9, 2))
            while True:
                histogram = reader.get_next_interval_histogram()
                if histogram is None: break
                print(histogram.get_total_count(), histogram.get_value_at_percentile(50),
                    histogram.get_max_value(), int(histogram.get_mean_value()))
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [PythonPackages.interpreter, "-c", script, log.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let told = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let right = try fixture.objects(["summary", "--by", "protocol,family"]).compactMap { row -> (Int, [Int])? in
            guard let latency = row["latency_ns"] as? [String: Int], row["messages"] as? Int != 0 else { return nil }
            let values = [latency["p50"], latency["max"], row["latency_mean_ns"] as? Int]
            return (row["messages"] as? Int ?? 0, values.compactMap { $0 })
        }
        let lines = told.split(separator: "\n").map { $0.split(separator: " ").compactMap { Int($0) } }
        #expect(lines.count == right.count && lines.count > 4)
        for (line, (count, values)) in zip(lines, right) {
            #expect(line[0] == count)
            // Two significant digits. Of other percentiles the reader in Python rounds the rank.
            for (value, exact) in zip(line.dropFirst(), values) {
                #expect(abs(value - exact) <= exact / 64 + 1, "\(line) \(values)")
            }
        }
    }
}
