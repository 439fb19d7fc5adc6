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
    /// Takes a step of the set-up, which gives up between two changes to the kernel when the end is asked for.
    func interruptible<Value: ~Copyable>(_ step: () throws -> Value) throws -> Value {
        var value: Value?
        do {
            try SetupCancellation.check { self.isStopRequested } during: { value = try step() }
        } catch {
            try check()
            throw error
        }
        // The closure has run.
        switch consume value {
        case .some(let value): return value
        case .none: throw CommandFailure("the set-up gave nothing")
        }
    }

    /// Throws where the end was asked for.
    func check() throws(Interruption) {
        guard isStopRequested, let request = stopRequests.first else { return }
        throw Interruption(signal: request.number)
    }
}
