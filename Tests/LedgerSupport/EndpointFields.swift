/// What of an event is compared with a line of the ledger of endpoints, field by field.
enum EndpointFields {
    /// Those that are the same text in both; null and absent are the same.
    private static let common: [Substring] = [
        "pid", "comm", "inode", "family", "type", "protocol", "local_address", "local_port", "remote_address",
        "remote_port", "remote_inode", "tcp_state",
    ]

    /// How badly an event agrees with a line: what is wrong weighs more than what is unknown.
    static func cost(of event: EventLine, against line: EndpointLine) -> Int {
        verdicts(of: event, against: line).reduce(0) { sum, each in
            switch each.verdict {
            case .right: sum
            case .unknown: sum + 1
            case .wrong: sum + 100
            }
        }
    }

    static func verdicts(of event: EventLine, against line: EndpointLine) -> [(field: String, verdict: Verdict)] {
        var verdicts = common.map { (field: String($0), verdict: line[$0].judge(event.asText(String($0)))) }
        func add(_ field: String, _ verdict: Verdict) { verdicts.append((field, verdict)) }
        // Only where it was asked for.
        if event.has("fd") { add("fd", line["fd"].judge(event.asText("fd"))) }
        if line.alias.hasPrefix("socket.accept") { add("listener", line["listener"].judge(event.asText("listener"))) }
        if line.alias.hasPrefix("socket.listen") { add("backlog", line["backlog"].judge(event.asText("backlog"))) }
        if line.alias.hasPrefix("socket.shutdown") { add("how", line["how"].judge(event.asText("how"))) }
        if line.isConclusion { verdicts += conclusion(of: event, against: line) }
        return verdicts
    }

    /// How it ended, and how long it took.
    private static func conclusion(
        of event: EventLine, against line: EndpointLine
    ) -> [(field: String, verdict: Verdict)] {
        let results = line.results
        guard !line["result"].allowsAnything else { return [] }
        let successes = Set(results.map { result in result.map { $0 >= 0 ? 1 : 0 } ?? 0 })
        var verdicts = [
            (field: "success", verdict: judge(event.number("success"), successes)),
            (field: "duration", verdict: duration(of: event, against: line)),
        ]
        if line.isMessage {
            verdicts.append((field: "size", verdict: judge(event.number("size"), results)))
            verdicts.append(
                (field: "bytes", verdict: judge(event.number("bytes"), Set(results.map { max($0 ?? 0, 0) }))))
            verdicts.append((field: "errno", verdict: judge(event.number("errno"), Set(results.map { failure($0) }))))
        } else {
            verdicts.append((field: "err", verdict: judge(event.number("err"), results)))
        }
        // A name where there is an errno, and only there.
        let names = Set(results.map { result in failure(result).map { ErrorNames.name(of: $0) } })
        verdicts.append((field: "error", verdict: names.contains(event.text("error")) ? .right : .wrong))
        if let wait = wait(of: event, against: line) { verdicts.append((field: "backlog_wait", verdict: wait)) }
        return verdicts
    }

    /// The positive errno of a result, if it is one.
    private static func failure(_ result: Int?) -> Int? {
        result.flatMap { $0 < 0 ? -$0 : nil }
    }

    private static func judge(_ value: Int?, _ right: Set<Int?>) -> Verdict {
        right.contains(value) ? .right : value == nil ? .unknown : .wrong
    }

    private static func duration(of event: EventLine, against line: EndpointLine) -> Verdict {
        guard let duration = event.number("duration") else { return .unknown }
        guard line.hasEnd else { return duration >= 0 ? .right : .wrong }
        return (0...line.window.count - 1).contains(duration) ? .right : .wrong
    }

    /// How long a connection waited to be accepted; nil where the ledger does not say.
    private static func wait(of event: EventLine, against line: EndpointLine) -> Verdict? {
        guard let least = line.bound("wait_min"), let most = line.bound("wait_max") else { return nil }
        guard let wait = event.number("backlog_wait") else { return .unknown }
        return (least...most).contains(wait) ? .right : .wrong
    }
}

extension EventLine {
    /// A value as text, whatever JSON has it as; nil for null and where the key is absent.
    func asText(_ key: String) -> String? {
        text(key) ?? number(key).map { String($0) }
    }
}
