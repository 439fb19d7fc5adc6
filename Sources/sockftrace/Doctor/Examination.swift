internal import SocketTracing
internal import TraceFS

/// What all checks look at: taken once, changing nothing.
struct Examination {
    let facts = SystemFacts.current()
    /// The tracing directory, or why there is none to be read.
    let directory: Result<TracingDirectory, TraceFSError>
    /// What the kernel offers; nil without a tracing directory.
    let survey: KernelSurvey?
    /// What can be told without one.
    let outlook: KernelOutlook?
    /// Functions whose probes the self-test silences, for tests.
    let silenced: Set<String>

    /// - Parameter hidden: functions that are treated as if the kernel did not have them.
    init(hidden: Set<String> = [], silenced: Set<String> = []) {
        self.silenced = silenced
        directory = Result { () throws(TraceFSError) in try TracingDirectory.find() }
        if case .success = directory { survey = try? KernelSurvey(hidden: hidden) } else { survey = nil }
        outlook = survey == nil ? KernelOutlook() : nil
    }
}
