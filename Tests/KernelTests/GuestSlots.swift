import Foundation

/// How many guests run at once, and which is next.
actor GuestSlots {
    /// One more than there are processors: while it installs and removes probes, a guest's kernel waits a third of the time.
    static let shared = GuestSlots(count: ProcessInfo.processInfo.activeProcessorCount + 1)

    private var free: Int
    private var waiting: [(timeout: Int, turn: CheckedContinuation<Void, Never>)] = []

    private init(count: Int) {
        free = count
    }

    /// Waits for a slot. Whoever may take longest is next, so that none is left to run alone at the end.
    func take(timeout: Int) async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append((timeout, $0)) }
        }
    }

    /// The slot is free again.
    func give() {
        guard let longest = waiting.map(\.timeout).max(),
            let next = waiting.firstIndex(where: { $0.timeout == longest })
        else {
            free += 1
            return
        }
        waiting.remove(at: next).turn.resume()
    }
}
