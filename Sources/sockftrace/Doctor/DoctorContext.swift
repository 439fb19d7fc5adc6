internal import ProbePlanning
internal import SocketTracing
internal import TraceFS

/// What all checks look at: taken once. Probes are in place for a moment, where they can be; afterwards all is as before.
struct DoctorContext {
    let facts = SystemInfo.current()
    /// The tracing directory, or why there is none to be read.
    let directory: Result<TracingDirectory, TraceFSError>
    /// What is known of the kernel; nil without a tracing directory.
    let kernel: KernelKnowledge?
    /// What can be told without one.
    let outlook: UnprivilegedSurvey?
    /// Known calls by every path, and the functions that were chosen after them; nil where none could be made.
    let selfTest: Result<(verdict: SelfTestVerdict, plan: ProbePlan), TracingError>?

    init(overrides: KernelOverrides, cancellation: SetupCancellation) {
        directory = Result { () throws(TraceFSError) in try TracingDirectory.find() }
        if case .success = directory {
            kernel = try? .current(overrides: overrides, cancellation: cancellation)
        } else {
            kernel = nil
        }
        if let kernel, facts.isRoot, (try? kernel.plan(for: .standard)) != nil {
            selfTest = Result { () throws(TracingError) in try kernel.selfTest(silenced: overrides.silent) }
        } else {
            selfTest = nil
        }
        outlook = kernel == nil ? UnprivilegedSurvey() : nil
    }
}

extension DoctorContext {
    /// What the kernel says of itself.
    var survey: KernelSurvey? { kernel?.survey }
}
