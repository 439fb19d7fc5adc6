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

    init() {
        directory = Result { () throws(TraceFSError) in try TracingDirectory.find() }
        if case .success = directory { survey = try? KernelSurvey() } else { survey = nil }
        outlook = survey == nil ? KernelOutlook() : nil
    }
}
