internal import ProbePlanning
internal import SocketTracing
internal import TraceFS

/// Known calls by every path, and what the probes show of them.
enum SelfTestCheck {
    static let check = Check(name: "self-test") { examination in
        guard (try? examination.kernel?.plan(for: .standard)) != nil else { return [] }
        guard examination.facts.isRoot else { return [.unknown("needs root", remedy: "run it as root")] }
        switch examination.selfTest {
        case .success((let verdict, _)):
            return summary(verdict) + verdict.calls.map { finding($0.call, $0.outcome) }
                + (verdict.silent.isEmpty ? [] : [silent(verdict.silent)])
        case .failure(let error):
            return [.missing("it could not be made: \(error)", remedy: "see what the kernel says above")]
        case nil: return []
        }
    }

    /// What makes tracing impossible, or leaves it unproven.
    private static func summary(_ verdict: SelfTestVerdict) -> [Finding] {
        switch verdict.standing {
        case .passed, .faulty: []
        case .blind:
            [
                .missing(
                    "of \(verdict.calls.count) known calls none was seen: a trace would show nothing",
                    remedy: "make sure that kernel.ftrace_enabled is 1 and that nobody switches probes off")
            ]
        case .untested: [.unknown("no known call could be tried")]
        }
    }

    private static func finding(_ call: KnownCall, _ outcome: SelfTestVerdict.Outcome) -> Finding {
        let name = call.rawValue
        switch outcome {
        case .exactlyOnce: return .ok("\(name): seen exactly once")
        case .missed: return .note("\(name): missed; no function of this kernel shows it")
        case .doubled: return .note("\(name): doubled; please report it with the output of `sockftrace probes show`")
        case .wrong(let fields):
            return .note("\(name): wrong in \(fields.joined(separator: ", ")); please report it")
        case .incomplete(let fields):
            return .note("\(name): seen exactly once, without \(fields.joined(separator: ", "))")
        case .unknown where [.tcp, .udp, .connect, .connectRefused, .accept].contains(call):
            return .unknown("\(name): not tried, as the loopback device takes no messages", remedy: "ip link set lo up")
        case .unknown where [.ringSend, .ringReceive].contains(call):
            return .unknown("\(name): not tried, as the kernel has no io_uring or does not let this process use it")
        case .unknown: return .unknown("\(name): the kernel refused the call")
        }
    }

    private static func silent(_ functions: [String]) -> Finding {
        .ok("silent, so others were taken in their place: \(functions.joined(separator: ", "))")
    }
}
