internal import TraceFS

/// The way for whoever sets a trace up to call that off: installing and trying probes takes seconds on a slow machine.
///
/// The set-up looks between two changes to the kernel, gives up with an error of the kind
/// `TraceFSError.Kind.interrupted`, and takes back what was done.
public struct SetupCancellation: Sendable {
    private let isRequested: @Sendable () -> Bool

    /// Nobody calls it off.
    public static let never = SetupCancellation { false }

    /// - Parameter isRequested: asked now and then, in the thread that sets up.
    public init(_ isRequested: @escaping @Sendable () -> Bool) {
        self.isRequested = isRequested
    }

    /// Throws where the set-up is called off.
    func check() throws(TraceFSError) {
        if isRequested() { throw TraceFSError(.interrupted, "set up the trace") }
    }
}
