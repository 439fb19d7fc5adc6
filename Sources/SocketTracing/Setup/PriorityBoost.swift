internal import Glibc

/// Lets this thread go before others for a while.
///
/// What a trace sets up in the kernel is quick work between waits for the kernel. On a machine whose CPUs are all taken,
/// each such wait would be followed by one for a CPU.
struct PriorityBoost {
    private let usual: Int32

    /// Where the process may not, nothing changes.
    static func begin() -> PriorityBoost {
        let haste = PriorityBoost(usual: getpriority(whose, 0))
        _ = setpriority(whose, 0, -20)
        return haste
    }

    func end() {
        _ = setpriority(Self.whose, 0, usual)
    }

    /// Nice values are kept by thread on Linux, and 0 is the one that calls.
    private static let whose = __priority_which_t(PRIO_PROCESS.rawValue)
}
