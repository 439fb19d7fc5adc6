internal import BasicContainers
internal import EventOutput
internal import LinuxSystem
internal import SocketEvents
internal import SocketTracing
internal import Synchronization

/// What is done with each batch of a recording, whatever the batches before it were.
protocol BatchWorker: ~Copyable, Sendable {
    /// Works on a batch and notes in the job what came of it.
    mutating func work(on job: inout BatchJob)
}

/// A batch and what was made of it.
struct BatchJob: ~Copyable, Sendable {
    var batch = TraceBatch()
    /// From 0 on, in the order of the recording.
    var number: UInt64 = 0
    /// To be written out, in the order of the batches.
    var output = OutputBuffer()
}

/// Renders batches.
struct BatchRenderer: BatchWorker {
    private let renderer: EventRenderer

    init(_ renderer: EventRenderer) { self.renderer = renderer }

    mutating func work(on job: inout BatchJob) {
        job.output.clear()
        renderer.render(job.batch, into: &job.output)
    }
}

/// Reads a recording in one thread and works on its batches in several.
///
/// Decoding depends on all that came before, so the thread that began does it; and whenever the others do not keep up it
/// works on a batch, too. Results are handed over in the order of the batches: what comes out is the same with any
/// number of threads.
final class ParallelBatchRunner<Worker: BatchWorker & ~Copyable>: Sendable {
    private struct State: ~Copyable, Sendable {
        /// Batches that wait for a worker or for being written, by number modulo the count of places; nil where somebody
        /// has taken it out, who then is the only one to have it.
        var places: UniqueArray<BatchJob?>
        var isDone: [Bool]
        /// The next batch that no worker has taken, and the one behind the last.
        var next: UInt64 = 0
        var end: UInt64 = 0
        /// Nothing more will be read, or nobody wants it.
        var isOver = false
        /// Those of helpers that have not begun.
        var workers: UniqueArray<Worker>
        /// Helpers that wait for a batch; and whether the reader waits for one to be done.
        var idleHelpers = 0
        var isReaderIdle = false
    }

    private let state: Mutex<State>
    private let wantedHelpers: Int
    private let batchReady = Semaphore()
    private let batchDone = Semaphore()
    private let helperEnded = Semaphore()

    /// Enough that nobody waits for long when one batch takes longer than another.
    private static var placeCount: UInt64 { 8 }
    /// Events a batch: passing one on costs some microseconds, which these are worth; and two of them fit in a cache.
    private static var batchSize: Int { 1024 }

    /// - Parameter helpers: a worker for each thread beside the reader's.
    init(helpers: consuming UniqueArray<Worker>) {
        wantedHelpers = helpers.count
        var places = UniqueArray<BatchJob?>()
        for _ in 0..<Self.placeCount { places.append(nil) }
        state = Mutex(
            State(
                places: places, isDone: Array(repeating: false, count: Int(Self.placeCount)), workers: helpers))
    }

    /// Reads, works, and hands over until there is no more.
    /// - Parameters:
    ///   - worker: the reader's own.
    ///   - read: reads the next batch, of about so many events; false at the end.
    ///   - write: takes what came of a batch; false where nothing more is wanted.
    func run(
        _ worker: inout Worker, read: (inout TraceBatch, Int) throws(TracingError) -> Bool,
        write: (borrowing BatchJob) -> Bool
    ) throws(TracingError) {
        let helperCount = startHelpers()
        var trouble: TracingError?
        var free = UniqueArray<BatchJob>()
        var (end, written) = (UInt64(0), UInt64(0))
        var (isAtEnd, isWanted) = (false, true)
        while isWanted, !isAtEnd || written < end {
            if !isAtEnd, end - written < Self.placeCount {
                var job = free.popLast() ?? BatchJob()
                job.number = end
                do throws(TracingError) {
                    isAtEnd = try !read(&job.batch, Self.batchSize)
                } catch {
                    (trouble, isAtEnd) = (error, true)
                }
                if !isAtEnd {
                    offer(job)
                    end += 1
                }
            } else if !workOnNext(&worker) {
                waitUntilDone(written)
            }
            while isWanted, let job = takeDone(written) {
                isWanted = write(job)
                written += 1
                free.append(job)
            }
        }
        endHelpers(helperCount)
        if let trouble { throw trouble }
    }

    // MARK: The reader's side

    private func offer(_ job: consuming BatchJob) {
        var job: BatchJob? = job
        let isAwaited = state.withLock { state in
            let place = Int(state.end % Self.placeCount)
            state.isDone[place] = false
            state.places[place] = job.take()
            state.end += 1
            guard state.idleHelpers > 0 else { return false }
            state.idleHelpers -= 1
            return true
        }
        if isAwaited { batchReady.signal() }
    }

    private func takeDone(_ number: UInt64) -> BatchJob? {
        state.withLock { state in
            let place = Int(number % Self.placeCount)
            guard state.isDone[place] else { return nil }
            state.isDone[place] = false
            return state.places[place].take()
        }
    }

    private func waitUntilDone(_ number: UInt64) {
        let mustWait = state.withLock { state in
            state.isReaderIdle = !state.isDone[Int(number % Self.placeCount)]
            return state.isReaderIdle
        }
        if mustWait { batchDone.wait() }
    }

    /// How many there are: where no more threads can be made, the reader's does their work.
    private func startHelpers() -> Int {
        for started in 0..<wantedHelpers {
            guard HelperThread.start({ self.help() }) else { return started }
        }
        return wantedHelpers
    }

    private func endHelpers(_ helperCount: Int) {
        let idle = state.withLock { state in
            state.isOver = true
            defer { state.idleHelpers = 0 }
            return state.idleHelpers
        }
        for _ in 0..<idle { batchReady.signal() }
        for _ in 0..<helperCount { helperEnded.wait() }
    }

    // MARK: Both sides

    /// Takes the next batch that nobody has taken and works on it; false where there is none.
    private func workOnNext(_ worker: inout Worker) -> Bool {
        guard var job = state.withLock({ Self.takeNext(&$0) }) else { return false }
        worker.work(on: &job)
        put(job)
        return true
    }

    private static func takeNext(_ state: inout State) -> BatchJob? {
        guard state.next < state.end, !state.isOver else { return nil }
        state.next += 1
        return state.places[Int((state.next - 1) % placeCount)].take()
    }

    private func put(_ job: consuming BatchJob) {
        let place = Int(job.number % Self.placeCount)
        var job: BatchJob? = job
        let isAwaited = state.withLock { state in
            state.places[place] = job.take()
            state.isDone[place] = true
            defer { state.isReaderIdle = false }
            return state.isReaderIdle
        }
        if isAwaited { batchDone.signal() }
    }

    // MARK: The helper's side

    private func help() {
        guard var worker = state.withLock({ $0.workers.popLast() }) else { return }
        var isOver = false
        while !isOver {
            let job = state.withLock { state in
                isOver = state.isOver
                let job = Self.takeNext(&state)
                if job == nil, !isOver { state.idleHelpers += 1 }
                return job
            }
            guard var job else {
                if !isOver { batchReady.wait() }
                continue
            }
            worker.work(on: &job)
            put(job)
        }
        helperEnded.signal()
    }
}
