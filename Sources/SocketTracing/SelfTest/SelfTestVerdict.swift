/// What became of known calls: whether the probes in place show each of them exactly once, with its values.
public struct SelfTestVerdict: Sendable, Equatable {
    /// A way for messages, or a step in a socket's life.
    public enum Route: String, Sendable, CaseIterable {
        case create = "socket"
        case pair = "socketpair"
        case send
        case sendmsg
        case sendmmsg
        case write
        case writev
        case spliceIn = "splice to a socket"
        case receive = "recv"
        case recvmsg
        case recvmmsg
        case read
        case readv
        case spliceOut = "splice from a socket"
        case close
        /// The socket of a socket(2) that the protocol refused: the kernel closes it without anybody having seen it.
        case closeRefused = "close of a refused socket"
        /// Messages over the loopback device.
        case tcp = "TCP"
        case udp = "UDP"
    }

    /// What was seen of a route's calls.
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

    /// The routes that the wanted aliases need, in the order in which they were tried.
    public var routes: [(route: Route, outcome: Outcome)] = []
    /// Functions that exist and did not fire where they should; others were taken in their place.
    public var silent: [String] = []
    /// Nanoseconds that it took.
    public var duration: UInt64 = 0

    /// Creates a verdict on nothing.
    public init() {}

    /// Nothing was missed, doubled or wrong.
    public var isGood: Bool {
        routes.allSatisfy { $0.outcome == .exactlyOnce || $0.outcome == .unknown }
    }

    /// The outcome of one route; nil where it was not tried.
    public subscript(_ route: Route) -> Outcome? {
        routes.first { $0.route == route }?.outcome
    }

    /// The same of the same routes; the time that it took aside.
    public static func == (left: SelfTestVerdict, right: SelfTestVerdict) -> Bool {
        left.silent == right.silent && left.routes.elementsEqual(right.routes) { $0 == $1 }
    }

    /// For a closing report: how many routes were seen, and in full where that were not all.
    public var remark: String {
        guard isGood else { return "self-test: \(summary)" }
        return "self-test of \(routes.count { $0.outcome == .exactlyOnce }) routes passed"
    }

    /// One line for people.
    public var summary: String {
        let seen = routes.count { $0.outcome == .exactlyOnce }
        var parts = ["\(seen) of \(routes.count) routes seen exactly once"]
        for (route, outcome) in routes {
            switch outcome {
            case .exactlyOnce: continue
            case .missed: parts.append("\(route.rawValue) missed")
            case .doubled: parts.append("\(route.rawValue) doubled")
            case .wrong(let fields): parts.append("\(route.rawValue) has a wrong \(fields.joined(separator: ", "))")
            case .incomplete(let fields): parts.append("\(route.rawValue) without \(fields.joined(separator: ", "))")
            case .unknown: parts.append("\(route.rawValue) not tried")
            }
        }
        if !silent.isEmpty { parts.append("silent: \(silent.joined(separator: ", "))") }
        return parts.joined(separator: "; ")
    }
}
