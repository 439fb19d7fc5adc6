internal import SocketTracing

/// The end was asked for before there was anything to end: nothing was traced, and no command was run.
struct Interruption: Error, CustomStringConvertible {
    /// The signal that asked for it.
    let signal: Int32

    var description: String { "stopped by signal \(signal) before the trace began: nothing was traced or run" }

    /// As a shell puts it.
    var status: Int32 { 128 + signal }
}

extension SignalWatch {
    /// Calls a set-up off when the end is asked for.
    var cancellation: SetupCancellation { SetupCancellation { self.isStopRequested } }

    /// Takes a step of a set-up that has this watch's `cancellation`; an error after the end was asked for is that.
    func interruptible<Value: ~Copyable>(_ step: () throws -> Value) throws -> Value {
        do {
            return try step()
        } catch {
            try check()
            throw error
        }
    }

    /// Throws where the end was asked for.
    func check() throws(Interruption) {
        guard isStopRequested, let request = stopRequests.first else { return }
        throw Interruption(signal: request.number)
    }
}
