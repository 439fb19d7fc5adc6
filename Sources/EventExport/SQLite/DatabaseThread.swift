internal import BasicContainers
internal import LinuxSystem
internal import Synchronization

/// Writes rows into a database in a thread of its own, while the caller makes the next ones.
///
/// SQLite lets no two threads write into one file, and takes as long for a row as reading the events does.
final class DatabaseThread: Sendable {
    private struct State: ~Copyable, Sendable {
        /// Nil while the thread has it.
        var database: Database?
        /// Blocks to be written, the oldest first, and those that were.
        var waiting = UniqueArray<RowBlock>()
        var done = UniqueArray<RowBlock>()
        var failure: ExportError?
        var isRunning = false
        var isOver = false
        var isThreadIdle = false
        var isCallerIdle = false
    }

    private let state: Mutex<State>
    private let blockReady = Semaphore()
    private let roomReady = Semaphore()
    private let hasEnded = Semaphore()

    /// Enough that nobody waits for long.
    private static let blockLimit = 4

    init(_ database: consuming Database) { state = Mutex(State(database: database)) }

    /// Begins. Where no thread can be made, the caller's does the work.
    func start() {
        state.withLock { $0.isRunning = true }
        if !HelperThread.start({ self.work() }) { state.withLock { $0.isRunning = false } }
    }

    func number(of table: SchemaTable) -> Int { Schema.tables.firstIndex { $0.name == table.name } ?? 0 }

    /// Takes a block's rows, and leaves an empty one in its place.
    func write(_ block: inout RowBlock) throws(ExportError) {
        guard !block.ends.isEmpty else { return }
        while true {
            let (isTaken, mustWake) = try state.withLock { state throws(ExportError) in
                try Self.take(&block, &state)
            }
            if mustWake { blockReady.signal() }
            if isTaken { return }
            roomReady.wait()
        }
    }

    private static func take(
        _ block: inout RowBlock, _ state: inout State
    ) throws(ExportError) -> (isTaken: Bool, mustWake: Bool) {
        if let failure = state.failure { throw failure }
        guard state.isRunning else {
            try state.database?.insert(block)
            block.clear()
            return (true, false)
        }
        guard state.waiting.count < blockLimit else {
            state.isCallerIdle = true
            return (false, false)
        }
        let place = state.done.indices.last { state.done[$0].table == block.table }
        var other = place.map { state.done.remove(at: $0) } ?? RowBlock(table: block.table)
        swap(&block, &other)
        state.waiting.append(other)
        defer { state.isThreadIdle = false }
        return (true, state.isThreadIdle)
    }

    /// Waits until all is written; what comes then the caller's thread writes.
    func finish() throws(ExportError) {
        end()
        try state.withLock { state throws(ExportError) in
            if let failure = state.failure { throw failure }
        }
    }

    /// Runs statements, when it has finished.
    func execute(_ statements: String) throws(ExportError) {
        try state.withLock { state throws(ExportError) in try state.database?.execute(statements) }
    }

    /// Waits for the end of the thread.
    /// - Parameter dropping: what waits need not be written.
    func end(dropping: Bool = false) {
        let (isRunning, mustWake) = state.withLock { state in
            if dropping { state.waiting.removeAll() }
            state.isOver = true
            defer { state.isThreadIdle = false }
            return (state.isRunning, state.isThreadIdle)
        }
        if mustWake { blockReady.signal() }
        guard isRunning else { return }
        hasEnded.wait()
        state.withLock { $0.isRunning = false }
    }

    // MARK: The thread's side

    private func work() {
        var database = state.withLock { $0.database.take() }
        var written: RowBlock?
        var isOver = false
        while !isOver {
            var mustWake = false
            let next = state.withLock { state in
                (mustWake, state.isCallerIdle) = (state.isCallerIdle, false)
                let next = Self.next(&state, behind: written.take())
                isOver = next == nil && state.isOver
                return next
            }
            if mustWake { roomReady.signal() }
            guard let block = next else {
                if !isOver { blockReady.wait() }
                continue
            }
            do throws(ExportError) {
                try database?.insert(block)
            } catch {
                state.withLock { $0.failure = $0.failure ?? error }
            }
            written = consume block
        }
        state.withLock { $0.database = database.take() }
        hasEnded.signal()
    }

    /// Gives back the block that was written and takes the next; nil where there is none.
    private static func next(_ state: inout State, behind written: consuming RowBlock?) -> RowBlock? {
        if var written {
            written.clear()
            state.done.append(written)
        }
        if state.failure != nil { state.waiting.removeAll() }
        state.isThreadIdle = state.waiting.isEmpty && !state.isOver
        return state.waiting.isEmpty ? nil : state.waiting.remove(at: 0)
    }
}

/// Has a database's thread end with it.
struct DatabaseOwner: ~Copyable {
    let thread: DatabaseThread

    init(_ thread: DatabaseThread) { self.thread = thread }

    deinit { thread.end(dropping: true) }
}
