package import ProbePlanning

/// What became of known calls: whether the probes in place show each of them exactly once, with its values.
package struct SelfTestVerdict: Sendable, Equatable {
    /// What was seen of a call.
    package enum Outcome: Sendable, Equatable {
        /// Each of its events once, with the right values; what the kernel's layout does not tell may be unknown.
        case exactlyOnce
        /// At least one was not seen.
        case missed
        /// At least one was seen more than once.
        case doubled
        /// Each was seen once, and these values were wrong.
        case wrong([String])
        /// Each was seen once, and these values are unknown, since no function that shows them is probed.
        case incomplete([String])
        /// The kernel refused the call, or records were lost: nothing can be said.
        case unknown
    }

    /// A call, and what was seen of it.
    package struct Call: Sendable, Equatable {
        /// The call that was made.
        package var call: KnownCall
        /// What was seen of it.
        package var outcome: Outcome

        /// A call and what was seen of it.
        package init(_ call: KnownCall, _ outcome: Outcome) {
            self.call = call
            self.outcome = outcome
        }
    }

    /// What all of it amounts to.
    package enum Standing: Sendable {
        /// What could be tried was seen exactly once; values may be unknown.
        case passed
        /// Something was missed, doubled or wrong.
        case faulty
        /// Everything that was tried was missed: the trace would show nothing.
        case blind
        /// Nothing could be tried.
        case untested
    }

    /// The calls that the wanted aliases have to show, in the order in which they were made.
    package var calls: [Call] = []
    /// Functions that exist and did not fire where they should; others were taken in their place.
    package var silent: [String] = []
    /// Nanoseconds that it took.
    package var duration: UInt64 = 0

    /// Creates a verdict on nothing.
    package init() {}

    /// What all of it amounts to.
    package var standing: Standing {
        let tried = calls.filter { $0.outcome != .unknown }
        if tried.isEmpty { return .untested }
        if tried.allSatisfy({ $0.outcome == .missed }) { return .blind }
        return tried.allSatisfy(\.outcome.isHarmless) ? .passed : .faulty
    }

    /// The outcome of one call; nil where it was not tried.
    package subscript(_ call: KnownCall) -> Outcome? {
        calls.first { $0.call == call }?.outcome
    }

    /// The same of the same calls; the time that it took aside.
    package static func == (left: SelfTestVerdict, right: SelfTestVerdict) -> Bool {
        left.silent == right.silent && left.calls == right.calls
    }

    /// All was seen, and as far as it can be.
    package var isWhole: Bool {
        standing == .passed && calls.allSatisfy { $0.outcome == .exactlyOnce || $0.outcome == .unknown }
    }

    /// For a closing report: how many calls were seen, and in full where that were not all.
    package var remark: String {
        guard isWhole else { return "self-test: \(summary)" }
        return "self-test of \(calls.count { $0.outcome == .exactlyOnce }) call paths passed"
    }

    /// One line for people.
    package var summary: String {
        guard standing != .untested else { return "no known call could be tried" }
        let seen = calls.count { $0.outcome == .exactlyOnce }
        var parts = ["\(seen) of \(calls.count) call paths seen exactly once"]
        parts += calls.compactMap { one in one.outcome.summary.map { "\(one.call.rawValue) \($0)" } }
        if !silent.isEmpty { parts.append("silent: \(silent.joined(separator: ", "))") }
        return parts.joined(separator: "; ")
    }
}

extension SelfTestVerdict.Outcome {
    /// The events are all there, once, and nothing in them is wrong.
    var isHarmless: Bool {
        switch self {
        case .exactlyOnce, .incomplete, .unknown: true
        case .missed, .doubled, .wrong: false
        }
    }

    /// What there is to say of it, after the call's name; nil where all is as it should be.
    fileprivate var summary: String? {
        switch self {
        case .exactlyOnce: nil
        case .missed: "missed"
        case .doubled: "doubled"
        case .wrong(let fields): "has a wrong \(fields.joined(separator: ", "))"
        case .incomplete(let fields): "without \(fields.joined(separator: ", "))"
        case .unknown: "not tried"
        }
    }
}
