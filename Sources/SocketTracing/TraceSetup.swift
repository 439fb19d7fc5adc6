internal import ProbePlanning

/// A trace that only has to be begun: what is known of the kernel, and probes that known calls were seen by.
struct TraceSetup: ~Copyable {
    let survey: KernelSurvey
    /// Whether known calls were seen as they should; nil where that was not tried.
    let verdict: SelfTestVerdict?
    let session: ProbeSession

    /// Looks at the kernel, learns from it what it does not state, and installs and verifies the probes, all in one
    /// instance.
    init(_ options: TraceOptions) throws(TracingError) {
        let haste = PriorityBoost.begin()
        defer { haste.end() }
        var ground: TracerInstance?
        let survey = try KernelSurvey(
            offsets: options.offsets, overrides: options.overrides, bufferKilobytes: options.bufferKilobytes,
            ground: &ground)
        var verdict: SelfTestVerdict?
        let session = try SelfTest.install(survey, options, on: ground.take(), &verdict)
        self.survey = survey
        self.verdict = verdict
        self.session = session
    }
}
