package import ProbePlanning
internal import SocketEvents

extension KernelSurvey {
    /// Installs all probes, makes known calls by every route, takes everything away again, and tells what was seen.
    ///
    /// - Parameter silenced: functions whose probes record nothing, as if inlining had left them behind.
    /// - Returns: the verdict, and the functions that were chosen in the end.
    package func selfTest(
        silenced: Set<String> = []
    ) throws(TracingError) -> (verdict: SelfTestVerdict, plan: ProbePlan) {
        var options = TraceOptions()
        options.aliases = .all
        options.overrides.silent = silenced
        var verdict: SelfTestVerdict?
        var session = try SelfTest.install(self, options, &verdict)
        let plan = session.plan
        _ = session.stop()
        _ = session.remove()
        return (verdict ?? SelfTestVerdict(), plan)
    }
}
