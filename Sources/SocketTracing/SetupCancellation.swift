internal import TraceFS

/// The way for whoever sets a trace up to call that off: installing and trying probes takes seconds on a slow machine.
///
/// The set-up looks between two changes to the kernel, gives up with an error of the kind
/// `TraceFSError.Kind.interrupted`, and takes back what was done. It also gives up when its task is cancelled.
public enum SetupCancellation {
    @TaskLocal static var isRequested: @Sendable () -> Bool = { Task.isCancelled }

    /// Throws where the set-up is called off.
    static func check() throws(TraceFSError) {
        guard isRequested() else { return }
        throw TraceFSError(.interrupted, "set up the trace")
    }

    /// Sets something up.
    /// - Parameters:
    ///   - isRequested: asked now and then, in the same thread.
    ///   - setUp: makes a ``LiveTrace``, a ``Recording``, or looks at the kernel.
    public static func check(
        _ isRequested: @escaping @Sendable () -> Bool, during setUp: () throws -> Void
    ) rethrows {
        try $isRequested.withValue(isRequested, operation: setUp)
    }
}
