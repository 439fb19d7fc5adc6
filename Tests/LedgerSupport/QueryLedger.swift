/// What `workload queries` knows of its queries to one DNS server.
package struct QueryLedgerLine: Sendable {
    package let pid: Int
    package let server: String
    package let queries: Int
    package let answers: Int
    package let failed: Int
    package let unanswered: Int
    /// Bytes.
    package let sent: Int
    package let received: Int
    /// Nanoseconds from before the query to after the answer: the longest, and of all.
    package let longest: Int
    package let sum: Int

    /// Nil where it is no line of this ledger.
    package init?(_ line: some StringProtocol) {
        var values: [String: String] = [:]
        for word in line.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            values[String(parts[0])] = String(parts[1])
        }
        func number(_ key: String) -> Int? { values[key].flatMap { Int($0) } }
        guard let pid = number("pid"), let server = values["server"], let queries = number("queries"),
            let answers = number("answers"), let failed = number("failed"), let unanswered = number("unanswered"),
            let sent = number("sent"), let received = number("received"), let longest = number("longest"),
            let sum = number("sum")
        else { return nil }
        (self.pid, self.server, self.queries, self.answers) = (pid, server, queries, answers)
        (self.failed, self.unanswered, self.sent, self.received) = (failed, unanswered, sent, received)
        (self.longest, self.sum) = (longest, sum)
    }

    /// What is wrong with what a tracer has of the same; empty where nothing is.
    /// - Parameters:
    ///   - told: its JSON by key.
    ///   - delay: nanoseconds that the server takes for each answer at least.
    package func differences(from told: [String: Int?], delay: Int) -> [String] {
        let exact = [
            "queries": queries, "answers": answers, "failed": failed, "unanswered": unanswered, "pending": 0,
            "sent_bytes": sent, "received_bytes": received,
        ]
        var wrong = exact.filter { told[$0.key] != $0.value }.map { "\($0.key) \(told[$0.key] as Any): \($0.value)" }
        guard answers > 0 else { return wrong }
        for (key, most) in [
            ("latency_p50_ns", longest), ("latency_max_ns", longest), ("latency_mean_ns", sum / answers),
        ] {
            let value = told[key] ?? nil
            // Percentiles have two significant digits.
            let isRight = value.map { (delay...most + most / 64).contains($0) } ?? false
            if !isRight { wrong.append("\(key) \(value as Any): \(delay)...\(most)") }
        }
        return wrong
    }
}
