internal import ProbePlanning

/// The verdict as lines of a recording's metadata: `OUTCOME[=FIELD,…] CALL`, and `silent FUNCTION`.
extension SelfTestVerdict {
    /// A line for each call, and for each function that was silent.
    var encoded: [String] {
        calls.map { "\($0.outcome.encoded) \($0.call.rawValue)" } + silent.map { "silent \($0)" }
    }

    /// With what the words of a line say. A line of another time that is not understood says nothing.
    func adding(encoded words: some Sequence<String>) -> SelfTestVerdict {
        var verdict = self
        var words = words.makeIterator()
        guard let word = words.next() else { return verdict }
        let rest = IteratorSequence(words).joined(separator: " ")
        if word == "silent" {
            verdict.silent.append(rest)
        } else if let outcome = Outcome(encoded: word), let call = KnownCall(rawValue: rest) {
            verdict.calls.append(Call(call, outcome))
        }
        return verdict
    }
}

extension SelfTestVerdict.Outcome {
    fileprivate var encoded: String {
        switch self {
        case .exactlyOnce: "once"
        case .missed: "missed"
        case .doubled: "doubled"
        case .wrong(let fields): "wrong=" + fields.joined(separator: ",")
        case .incomplete(let fields): "incomplete=" + fields.joined(separator: ",")
        case .unknown: "unknown"
        }
    }

    fileprivate init?(encoded word: String) {
        let parts = word.split(separator: "=", maxSplits: 1)
        let fields = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
        switch parts.first {
        case "once": self = .exactlyOnce
        case "missed": self = .missed
        case "doubled": self = .doubled
        case "wrong": self = .wrong(fields)
        case "incomplete": self = .incomplete(fields)
        case "unknown": self = .unknown
        default: return nil
        }
    }
}
