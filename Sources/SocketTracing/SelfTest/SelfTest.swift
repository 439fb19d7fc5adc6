internal import LinuxSystem
internal import ProbePlanning
internal import SocketEvents
internal import ProbeContract

/// Verifies that the probes of a session really fire, and puts others beside those that do not.
///
/// A symbol that is there may be a dead copy: the compiler inlined the function into its callers and left it in place.
/// Only calls that were seen prove a call path.
struct SelfTest {
    let aliases: AliasSet
    let survey: KernelSurvey
    var packsFields = false

    /// Each round can take one step along every chain, and no chain has more than three links.
    private static let rounds = 3

    /// Installs a session for a trace, and verifies it.
    /// - Parameters:
    ///   - ground: that of the calibration, if there is one.
    ///   - verdict: set where there are probes to verify.
    static func install(
        _ survey: KernelSurvey, _ options: TraceOptions, on ground: consuming TracerInstance? = nil,
        _ verdict: inout SelfTestVerdict?
    ) throws(TracingError) -> ProbeSession {
        let plan = try survey.plan(for: options.aliases, packsFields: options.packsFields)
        var own: TracerInstance
        if let ground = ground.take() {
            own = ground
            try own.setBufferSize(kilobytes: options.bufferKilobytes)
        } else {
            own = try TracerInstance(survey.directory, bufferKilobytes: options.bufferKilobytes)
        }
        var session = try ProbeSession.install(plan: plan, on: own)
        try session.silence(options.overrides.silent)
        if !options.skipsSelfTest {
            verdict = SelfTest(aliases: options.aliases, survey: survey, packsFields: options.packsFields)
                .run(on: &session)
        }
        return session
    }

    /// Makes the calls, judges what the session shows of them, and extends the session where something is missing.
    func run(on session: inout ProbeSession) -> SelfTestVerdict {
        let begin = Clock.monotonic.now
        var verdict = SelfTestVerdict()
        var unseen: Set<CallPath> = []
        for round in 1...Self.rounds {
            guard let calls = calls(of: &session) else { break }
            verdict.calls = calls
            guard round < Self.rounds else { break }
            let missed = Set(calls.filter { $0.outcome == .missed }.map(\.call))
            let silent = session.plan.silentFunctions(
                missed: missed, mistaken: Set(calls.filter { $0.outcome == .wrong(["via"]) }.map(\.call)),
                knownSilent: Set(verdict.silent))
            let newlyUnseen = CallPath.unseen(missed).subtracting(unseen)
            guard !silent.isEmpty || !newlyUnseen.isEmpty else { break }
            verdict.silent += silent
            unseen.formUnion(newlyUnseen)
            guard
                let plan = try? survey.plan(
                    for: aliases, silent: Set(verdict.silent), unseen: unseen, packsFields: packsFields),
                (try? session.extend(to: plan)) != nil
            else { break }
        }
        // Once, at the end: the kernel's counts of all probes are long texts.
        if countsFaults(session, verdict) { session.countsFaultsAsMisses = true }
        verdict.duration = Clock.monotonic.now - begin
        return verdict
    }

    // MARK: One round

    private func calls(
        of session: inout ProbeSession
    ) -> [(call: KnownCall, outcome: SelfTestVerdict.Outcome)]? {
        var calls = SelfTestCalls()
        guard let items = try? session.recordDryRun({ calls.make() }) else { return nil }
        return SelfTestJudge(
            plan: session.plan, aliases: aliases, expected: calls.expected, refused: calls.refused, items: items,
            thread: CurrentProcess.threadID
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
