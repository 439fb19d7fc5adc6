package import KernelLayout
package import SocketEvents
package import ProbeContract

/// What the self-test has to see, and what it doubts where it does not see it.
extension ProbePlan {
    /// What AF_UNIX and the loopback device do that the kernel's own tracepoints do not show: no socketpair(2), no end of a
    /// socket, and nothing that a protocol hands to splice(2) by itself, as AF_UNIX streams do.
    private static let hiddenFromTracepoints: Set<KnownCall> = [
        .pair, .close, .closeRefused, .spliceOut, .bind, .listen, .accept, .shutdown,
    ]

    /// The operations that a known call makes and that probes for some aliases have to show; empty where none.
    package func operations(of call: KnownCall, for aliases: AliasSet) -> Set<OperationKind> {
        if !probesFunctions, Self.hiddenFromTracepoints.contains(call) { return [] }
        let paths = CallPath.allCases.filter { $0.entry.knownCalls.contains(call) && $0.isNeeded(for: aliases) }
        return Set(paths.compactMap(\.entry.operation))
    }

    /// Whether it shows by which way a message went.
    package var tellsRoutes: Bool { probesFunctions }

    /// Of each call path that was not seen as it should be, the function that should have shown it and did not.
    /// - Parameters:
    ///   - missed: calls that were not seen.
    ///   - mistaken: calls that came by another way than it seemed.
    ///   - silent: functions that are known to be silent already.
    package func silentFunctions(
        missed: Set<KnownCall>, mistaken: Set<KnownCall>, knownSilent silent: Set<String>
    ) -> [String] {
        var found: [String] = []
        for path in CallPath.allCases {
            let calls = Set(path.entry.knownCalls)
            let suspects = path.entry.suspects.filter { suspect in
                // What tells the way of messages alone is no reason that one is missed.
                !calls.isDisjoint(with: mistaken) || !suspect.isMark && !calls.isDisjoint(with: missed)
            }
            let next = suspects.flatMap(\.symbols).first { symbol in
                probes.contains { $0.symbol == symbol } && !silent.contains(symbol) && !found.contains(symbol)
            }
            if let next { found.append(next) }
        }
        return found
    }

    /// Whether a plan has to fall back upon the protocols' own functions: one of those is absent for which they stand in.
    package static func needsProtocols(_ symbols: KernelSymbols) -> Bool {
        CallPath.allCases.contains { path in
            path.entry.steps.contains { step in
                guard step.function.isProtocols else { return false }
                let forerunner: KernelFunction? =
                    switch step.need {
                    case .always: nil
                    case .whileNone(let functions), .whileNotAll(let functions): functions.last
                    case .whileAbsent(let function): function
                    }
                return forerunner.map { !$0.symbols.contains { symbols.canProbe($0) } } ?? true
            }
        }
    }
}

extension CallPath {
    /// The paths of callers inside the kernel whose known calls were missed: nothing in their chain need be silent for
    /// others.
    package static func unseen(_ missed: Set<KnownCall>) -> Set<CallPath> {
        Set(
            allCases.filter { path in
                path.entry.steps.contains { $0.isTakenWhenUnseen } && !missed.isDisjoint(with: path.entry.knownCalls)
            })
    }
}

extension KernelFunction {
    /// It shows no message, only how one came about.
    fileprivate var isMark: Bool { probed(.iterators)?.role?.kind == .context }
}
