internal import LinuxSystem
internal import ProbePlanning
internal import SocketEvents

/// Verifies that the probes of a session really fire, and puts others beside those that do not.
///
/// A symbol that is there may be a dead copy: the compiler inlined the function into its callers and left it in place.
/// Only calls that were seen prove a call path.
struct ProbeVerifier {
    let kernel: KernelKnowledge
    let installer: ProbeInstaller
    let aliases: AliasSet
    let fetching: KernelKnowledge.Fetching

    /// Each round can take one step along every chain, and no chain has more than three links.
    private static let rounds = 3

    init(_ kernel: KernelKnowledge, _ options: TraceOptions, _ installer: ProbeInstaller) {
        self.kernel = kernel
        self.installer = installer
        aliases = options.aliases
        fetching = options.fetching
    }

    /// A session, and what was seen by its probes in the end.
    struct Verified: ~Copyable {
        let verdict: SelfTestVerdict
        let session: ProbeSession

        consuming func leave() -> ProbeSession { session }
    }

    /// What the rounds so far have shown of the kernel's functions.
    private struct Evidence {
        /// Those that exist and did not fire where they should.
        var silent: [String] = []
        /// Paths that were not seen though all their functions seemed to fire.
        var unseen: Set<CallPath> = []

        /// What a round adds to it; nil where there is nothing new to act upon.
        func adding(_ calls: [SelfTestVerdict.Call], of plan: ProbePlan) -> Evidence? {
            let missed = Set(calls.filter { $0.outcome == .missed }.map(\.call))
            let mistaken = Set(calls.filter { $0.outcome == .wrong(["via"]) }.map(\.call))
            var next = self
            next.silent += plan.silentFunctions(missed: missed, mistaken: mistaken, knownSilent: Set(silent))
            next.unseen.formUnion(CallPath.unseen(missed))
            return next.silent.count > silent.count || next.unseen.count > unseen.count ? next : nil
        }
    }

    /// Makes the calls, judges what the session shows of them, and extends the session where something is missing.
    func verify(_ session: consuming ProbeSession) -> Verified {
        let begin = Clock.monotonic.now
        var session = session
        var verdict = SelfTestVerdict()
        var evidence = Evidence()
        for round in 1...Self.rounds {
            guard let calls = outcomes(of: &session) else { break }
            verdict.calls = calls
            guard round < Self.rounds, let next = evidence.adding(calls, of: session.plan) else { break }
            evidence = next
            guard
                let plan = try? kernel.plan(
                    for: aliases, silent: Set(evidence.silent), unseen: evidence.unseen, fetching: fetching),
                (try? session.extend(to: plan, by: installer)) != nil
            else { break }
        }
        verdict.silent = evidence.silent
        // Once, at the end: the kernel's counts of all probes are long texts.
        if countsFaults(session, verdict) { session.countsFaultsAsMisses = true }
        verdict.duration = Clock.monotonic.now - begin
        return Verified(verdict: verdict, session: session)
    }

    /// One round: what became of each call; nil where the probes could not be switched on or read.
    private func outcomes(of session: inout ProbeSession) -> [SelfTestVerdict.Call]? {
        var calls = KnownCalls()
        guard let items = try? session.recordDryRun({ calls.make() }) else { return nil }
        return SelfTestJudge(
            plan: session.plan, aliases: aliases, expected: calls.expected, refused: calls.refused, items: items,
            thread: session.numbers.thread, tellsEndpoints: fetching.tellsEndpoints
        ).outcomes
    }

    /// Up to 5.13 the kernel counts a fault in a probe's fetch as a missed hit of that probe (kprobe_fault_handler,
    /// removed by ec6aba3d2be1), though the record is written. The refused socket, which has neither ops nor sk, was such
    /// a fault: was it seen, and counted as missed all the same?
    private func countsFaults(_ session: borrowing ProbeSession, _ verdict: SelfTestVerdict) -> Bool {
        guard verdict[.closeRefused] == .exactlyOnce, let counts = try? session.kernelCounts() else { return false }
        return counts.missed.keys.contains { ProbeSession.fetchesBehindNull($0) }
    }
}
