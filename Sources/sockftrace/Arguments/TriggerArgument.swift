internal import ArgumentParser
internal import SocketEvents
internal import SocketNames
internal import SocketTracing

/// What a flight recorder waits for: `error=ECONNREFUSED`, `latency>100ms`, `exit`.
enum TriggerArgument {
    case event(TriggerCondition)
    /// One of the processes that are recorded ends.
    case exit

    /// As they are written, for messages.
    private static let forms = "error=NAME, latency>TIME, exit"
    /// What a shell offers.
    static let completions = ["exit", "latency="] + ErrorNames.helpNames.map { "error=\($0)" }

    init(_ text: String) throws {
        if text == "exit" {
            self = .exit
            return
        }
        let end = text.firstIndex { $0 == "=" || $0 == ">" } ?? text.endIndex
        let (kind, mark) = (text[..<end], text[end...].prefix { $0 == "=" || $0 == ">" })
        let value = String(text[end...].dropFirst(mark.count))
        var filter = EventFilter()
        switch (kind, mark) {
        case ("error", "="):
            try NameArguments.add([value]) { text throws(UnknownNameError) in try filter.add(error: text) }
        case ("latency", ">"), ("latency", ">="), ("latency", "="):
            guard let span = TimeSpan(argument: value) else {
                throw ValidationError(
                    "--on \(text): '\(value)' is no time; give one as in latency>100ms or latency>0.5")
            }
            filter.minimumLatency = span.nanoseconds
        default:
            let nearest = NameArguments.nearest(to: String(kind), among: ["error", "latency", "exit"])
            let hint = nearest.map { "; did you mean \($0)?" } ?? ""
            throw ValidationError("--on \(text): unknown condition\(hint)\nknown: \(Self.forms)")
        }
        self = .event(TriggerCondition(text: text, filter: filter))
    }
}
