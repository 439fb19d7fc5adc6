public import ProbePlanning

/// What became of known calls: whether the probes in place show each of them exactly once, with its values.
public struct SelfTestVerdict: Sendable, Equatable {
    /// What was seen of a call.
    public enum Outcome: Sendable, Equatable {
        /// Each of them once, with the right values; what the kernel's layout does not tell may be unknown.
        case exactlyOnce
        /// At least one was not seen.
        case missed
        /// At least one was seen more than once.
        case doubled
        /// Each was seen once, and these values were wrong.
        case wrong([String])
        /// Each was seen once, and these values are unknown, since no function that would tell them is probed.
        case incomplete([String])
        /// The kernel refused the call, or records were lost: nothing can be said.
        case unknown
    }

    /// The calls that the wanted aliases have to show, in the order in which they were made.
    public var calls: [(call: KnownCall, outcome: Outcome)] = []
    /// Functions that exist and did not fire where they should; others were taken in their place.
    public var silent: [String] = []
    /// Nanoseconds that it took.
    public var duration: UInt64 = 0

    /// Creates a verdict on nothing.
    public init() {}

    /// Nothing was missed, doubled or wrong.
    public var isGood: Bool {
        calls.allSatisfy { $0.outcome == .exactlyOnce || $0.outcome == .unknown }
    }

    /// The outcome of one call; nil where it was not tried.
    public subscript(_ call: KnownCall) -> Outcome? {
        calls.first { $0.call == call }?.outcome
    }

    /// The same of the same calls; the time that it took aside.
    public static func == (left: SelfTestVerdict, right: SelfTestVerdict) -> Bool {
        left.silent == right.silent && left.calls.elementsEqual(right.calls) { $0 == $1 }
    }

    /// For a closing report: how many calls were seen, and in full where that were not all.
    public var remark: String {
        guard isGood else { return "self-test: \(summary)" }
        return "self-test of \(calls.count { $0.outcome == .exactlyOnce }) call paths passed"
    }

    /// One line for people.
    public var summary: String {
        let seen = calls.count { $0.outcome == .exactlyOnce }
        var parts = ["\(seen) of \(calls.count) call paths seen exactly once"]
        for (call, outcome) in calls {
            switch outcome {
            case .exactlyOnce: continue
            case .missed: parts.append("\(call.rawValue) missed")
            case .doubled: parts.append("\(call.rawValue) doubled")
            case .wrong(let fields): parts.append("\(call.rawValue) has a wrong \(fields.joined(separator: ", "))")
            case .incomplete(let fields): parts.append("\(call.rawValue) without \(fields.joined(separator: ", "))")
            case .unknown: parts.append("\(call.rawValue) not tried")
            }
        }
        if !silent.isEmpty { parts.append("silent: \(silent.joined(separator: ", "))") }
        return parts.joined(separator: "; ")
    }
}
