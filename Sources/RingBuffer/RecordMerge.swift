public import BasicContainers

/// Merges the records of several streams (one a CPU of one instance) into one, in time order.
///
/// All streams' sub-buffers lie in one span of bytes. The merge runs along one stream as long as its records are the
/// oldest and looks at the others only when they are not, so its cost hardly grows with the number of CPUs.
///
/// A stream without sub-buffers holds the merge up until it is fed again or closed: otherwise an older record
/// could come after a newer one. Records beyond `horizon` are held back for the same reason.
@usableFromInline
package struct RecordMerge: ~Copyable, Sendable {
    /// What `next` found.
    @usableFromInline
    package enum Step: Sendable, Equatable {
        /// A record; `current` describes it.
        case record
        /// Records of the current stream are missing before its next one.
        case loss
        /// The stream has no further record: feed it or close it.
        case hungry(stream: Int)
        /// Every further record lies beyond the horizon, or there is none.
        case done
    }

    /// The index of the stream that the last step came from.
    @usableFromInline package internal(set) var stream = 0
    /// Records later than this are held back.
    @usableFromInline package private(set) var horizon: UInt64 = .max

    @usableFromInline var heads: UniqueArray<Head>
    @usableFromInline var cursors: UniqueArray<RecordCursor>
    /// The current stream may run on up to here, inclusive.
    @usableFromInline package internal(set) var limit: UInt64 = 0
    @usableFromInline var isRunning = false
    /// Time of the current stream's last record; its cursor may be beyond, behind a time extend or in the next
    /// sub-buffer.
    @usableFromInline var reached: UInt64 = 0

    @usableFromInline
    struct Head: Sendable {
        @usableFromInline var time: UInt64
        @usableFromInline var state: State

        @usableFromInline
        enum State: UInt8, Sendable {
            /// A step was taken and not yet handed out.
            case record
            case loss
            case hungry
            case closed
        }

        @usableFromInline
        init(time: UInt64, state: State) {
            self.time = time
            self.state = state
        }
    }

    /// - Parameter layouts: one a stream.
    package init(layouts: [SubBufferLayout]) {
        cursors = UniqueArray(minimumCapacity: layouts.count)
        for layout in layouts { cursors.append(RecordCursor(layout: layout)) }
        heads = UniqueArray(repeating: Head(time: 0, state: .hungry), count: layouts.count)
    }

    /// The number of streams.
    @usableFromInline package var streamCount: Int { cursors.count }

    /// The cursor of the stream that the last step came from.
    @inlinable
    package var current: RecordCursor {
        _read { yield cursors[stream] }
        _modify { yield &cursors[stream] }
    }

    /// The malformed sub-buffers of a stream.
    package func faults(stream index: Int) -> PageFaults { cursors[index].faults }

    /// Sub-buffers that could not be read, over all streams.
    @usableFromInline package var malformedPages: Int {
        var sum = 0
        for index in cursors.indices { sum += cursors[index].malformedPages }
        return sum
    }

    /// Holds back records later than a time from now on. To be called when `next` returned `.hungry` or `.done`.
    package mutating func setHorizon(_ time: UInt64) {
        assert(!isRunning)
        horizon = time
    }

    /// Whether some stream has a record that was not handed out.
    @usableFromInline package var holdsBack: Bool {
        for index in heads.indices {
            switch heads[index].state {
            case .record, .loss: return true
            case .hungry, .closed: continue
            }
        }
        return false
    }

    /// Gives a stream its next sub-buffers. To be called when `next` returned `.hungry` or `.done`.
    package mutating func feed(stream index: Int, region: Range<Int>, in bytes: RawSpan) {
        assert(!isRunning)
        // A loss lies somewhere after the record before it, whichever region that was in.
        let previous = heads[index].time
        cursors[index].enter(region: region)
        switch cursors[index].advance(in: bytes) {
        case .record: heads[index] = Head(time: cursors[index].time, state: .record)
        case .loss: heads[index] = Head(time: previous, state: .loss)
        case .end: heads[index] = Head(time: previous, state: .hungry)
        }
    }

    /// The stream has no sub-buffers for now, or never again; it no longer holds the others up. It may be fed later.
    package mutating func close(stream index: Int) {
        assert(!isRunning)
        heads[index].state = .closed
    }

    /// Steps to the oldest record, or says why it cannot.
    @inlinable
    package mutating func next(in bytes: RawSpan) -> Step {
        if isRunning {
            switch cursors[stream].advance(in: bytes) {
            case .record:
                let time = cursors[stream].time
                if time <= limit {
                    reached = time
                    return .record
                }
                leave(Head(time: time, state: .record))
            case .loss:
                // The loss lies somewhere after the record before it: it is reported at once.
                leave(Head(time: reached, state: .loss))
            case .end:
                leave(Head(time: reached, state: .hungry))
            }
        }
        return select()
    }

    /// How far a run along the current stream went.
    @usableFromInline
    package enum RunEnd: Sendable {
        /// It may go on behind the record of this time, which was the last one taken.
        case paused(UInt64)
        /// Behind the record of this time the stream's cursor found something that is no part of the run.
        case ended(RecordCursor.Step, UInt64)
    }

    /// To be called where `current` was moved on by the caller, from the record that `next` had found and along those up
    /// to `limit`: which is what `next` does, with less to do for each record.
    @inlinable
    package mutating func endRun(_ end: RunEnd) {
        switch end {
        case .paused(let time): reached = time
        case .ended(.record, _): leave(Head(time: cursors[stream].time, state: .record))
        case .ended(.loss, let time): leave(Head(time: time, state: .loss))
        case .ended(.end, let time): leave(Head(time: time, state: .hungry))
        }
    }

    @inlinable
    mutating func leave(_ head: Head) {
        heads[stream] = head
        isRunning = false
    }

    /// Picks the stream with the oldest head and lets it run up to the next stream's head. Of equal times the lower
    /// stream comes first, whatever the sizes in which streams were fed, so that every run gives the same order.
    @usableFromInline
    mutating func select() -> Step {
        var oldest = -1
        var oldestTime = UInt64.max
        var runnerUp = -1
        var runnerUpTime = UInt64.max
        for index in heads.indices {
            let head = heads[index]
            switch head.state {
            case .closed: continue
            case .hungry: return .hungry(stream: index)
            case .record, .loss: break
            }
            if oldest < 0 || head.time < oldestTime {
                (runnerUp, runnerUpTime) = (oldest, oldestTime)
                (oldest, oldestTime) = (index, head.time)
            } else if runnerUp < 0 || head.time < runnerUpTime {
                (runnerUp, runnerUpTime) = (index, head.time)
            }
        }
        guard oldest >= 0, oldestTime <= horizon else { return .done }
        let step: Step = heads[oldest].state == .loss ? .loss : .record
        stream = oldest
        reached = oldestTime
        let beforeRunnerUp = runnerUp > oldest || runnerUpTime == 0 ? runnerUpTime : runnerUpTime - 1
        limit = min(horizon, runnerUp < 0 ? .max : beforeRunnerUp)
        isRunning = true
        return step
    }
}
