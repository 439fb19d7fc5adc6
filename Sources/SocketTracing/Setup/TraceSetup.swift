internal import KernelLayout
package import ProbePlanning

/// A trace that only has to be begun: what is known of the kernel, and probes that known calls were seen by.
struct TraceSetup: ~Copyable {
    let kernel: KernelKnowledge
    /// Whether known calls were seen as they should; nil where that was not tried.
    let verdict: SelfTestVerdict?
    let session: ProbeSession

    /// Looks at the kernel, learns from it what it does not state, and installs and verifies the probes, all in one
    /// instance.
    static func make(_ options: TraceOptions) throws(TracingError) -> TraceSetup {
        let boost = PriorityBoost.begin()
        defer { boost.end() }
        let survey = try KernelSurvey(overrides: options.overrides, cancellation: options.cancellation)
        let learned = try LayoutSource(options.offsets).learn(
            from: survey, bufferKilobytes: options.bufferKilobytes, for: options.fetching.details)
        let kernel = learned.kernel
        let setup = try TraceSetup(kernel, in: learned.leaveInstance(), options)
        // Before anything is run for a trace that would show nothing of it.
        if let verdict = setup.verdict, verdict.standing == .blind {
            setup.end()
            throw .blind(calls: verdict.calls.count)
        }
        return setup
    }

    /// Installs and verifies the probes on a kernel that is known.
    /// - Parameter instance: that of the experiments; nil where there were none.
    init(
        _ kernel: KernelKnowledge, in instance: consuming TracerInstance? = nil, _ options: TraceOptions
    ) throws(TracingError) {
        let plan = try kernel.plan(for: options.aliases, fetching: options.fetching)
        if options.asksForControlGroups, !plan.layout.tellsControlGroups { throw .noControlGroups }
        var instance = try Self.instance(instance, kernel, bufferKilobytes: options.bufferKilobytes)
        let installer = ProbeInstaller(overrides: options.overrides)
        let installed = try installer.install(plan, on: &instance)
        let session = ProbeSession(installed, in: instance)
        self.kernel = kernel
        guard !options.skipsSelfTest else {
            verdict = nil
            self.session = session
            return
        }
        let verified = ProbeVerifier(kernel, options, installer).verify(session)
        verdict = verified.verdict
        self.session = verified.leave()
    }

    private static func instance(
        _ given: consuming TracerInstance?, _ kernel: KernelKnowledge, bufferKilobytes: Int
    ) throws(TracingError) -> TracerInstance {
        guard var instance = given.take() else {
            return try TracerInstance.make(on: kernel.survey, bufferKilobytes: bufferKilobytes)
        }
        try instance.setBufferSize(kilobytes: bufferKilobytes)
        return instance
    }

    consuming func end() {
        var session = session
        _ = session.stop()
        _ = session.remove()
    }
}

extension KernelKnowledge {
    /// Installs all probes, makes known calls by every path, takes everything away again, and tells what was seen.
    ///
    /// - Parameter silenced: functions whose probes record nothing, as if inlining had left them behind.
    /// - Returns: the verdict, and the functions that were chosen in the end.
    package func selfTest(
        silenced: Set<String> = []
    ) throws(TracingError) -> (verdict: SelfTestVerdict, plan: ProbePlan) {
        var options = TraceOptions()
        options.aliases = .all
        options.overrides.silent = silenced
        let setup = try TraceSetup(self, options)
        let result = (setup.verdict ?? SelfTestVerdict(), setup.session.plan)
        setup.end()
        return result
    }
}
