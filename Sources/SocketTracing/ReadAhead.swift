internal import LinuxSystem
internal import Synchronization

/// Reads a file's sub-buffers, and decompresses them, in a thread of its own, while those read before are decoded: of
/// each stream as much as one slot holds.
///
/// What is read, and where an error comes, does not differ from reading when asked.
final class ReadAhead: Sendable {
    private typealias Outcome = Result<Int, TracingError>

    private struct State: Sendable {
        /// By stream: the slot that is being filled, or is full.
        var slots: [Int]
        /// By stream: the bytes of that slot, once they are there.
        var outcomes: [Outcome?]
        /// Streams whose slot is to be filled, in this order.
        var wanted: [Int]
        var isOver = false
        var isReaderIdle = false
        /// The stream that the decoder waits for.
        var awaited: Int?
    }

    private let pages: FilePages
    private let memory: PageMemory
    private let state: Mutex<State>
    private let isWanted = Semaphore()
    private let isThere = Semaphore()

    /// Nil where no thread can be made; nothing has been read then.
    /// - Parameter slots: by stream, the first of the two.
    init?(_ pages: FilePages, _ memory: PageMemory, slots: [Int]) {
        self.pages = pages
        self.memory = memory
        state = Mutex(
            State(slots: slots, outcomes: Array(repeating: nil, count: slots.count), wanted: Array(slots.indices)))
        guard HelperThread.start({ self.read() }) else { return nil }
    }

    /// The slot that holds a stream's next sub-buffers, and their bytes; 0 at the end. The slot before is no longer in use.
    func next(of stream: Int) throws(TracingError) -> (slot: Int, count: Int) {
        while true {
            let (found, mustWake) = state.withLock { state in Self.take(stream, &state) }
            if mustWake { isWanted.signal() }
            if let (slot, outcome) = found { return (slot, try outcome.get()) }
            isThere.wait()
        }
    }

    /// Nothing more is wanted.
    func end() {
        let mustWake = state.withLock { state in
            state.isOver = true
            return Self.wake(&state)
        }
        if mustWake { isWanted.signal() }
    }

    private static func take(_ stream: Int, _ state: inout State) -> (found: (Int, Outcome)?, mustWake: Bool) {
        guard let outcome = state.outcomes[stream] else {
            state.awaited = stream
            return (nil, false)
        }
        let slot = state.slots[stream]
        // At the end, and behind an error, asking again gives the same.
        guard case .success(1...) = outcome else { return ((slot, outcome), false) }
        // The other of the two.
        state.slots[stream] = slot ^ 1
        state.outcomes[stream] = nil
        state.wanted.append(stream)
        return ((slot, outcome), wake(&state))
    }

    private static func wake(_ state: inout State) -> Bool {
        defer { state.isReaderIdle = false }
        return state.isReaderIdle
    }

    /// The reader's thread.
    private func read() {
        while true {
            let (job, isOver) = state.withLock { state -> ((stream: Int, slot: Int)?, Bool) in
                guard !state.isOver else { return (nil, true) }
                state.isReaderIdle = state.wanted.isEmpty
                guard !state.wanted.isEmpty else { return (nil, false) }
                let stream = state.wanted.removeFirst()
                return ((stream, state.slots[stream]), false)
            }
            if isOver { return }
            guard let (stream, slot) = job else {
                isWanted.wait()
                continue
            }
            let outcome = Outcome { () throws(TracingError) in
                try pages.fill(stream: stream, room: memory.room(slot))
            }
            let isAwaited = state.withLock { state in
                state.outcomes[stream] = outcome
                guard state.awaited == stream else { return false }
                state.awaited = nil
                return true
            }
            if isAwaited { isThere.signal() }
        }
    }
}
