internal import RingBuffer

extension SocketDecoder {
    /// A task entered a probed function.
    /// - Parameter place: a frame that holds the facts of the entry, and nothing else yet.
    @inline(__always)
    mutating func enter(
        _ place: Int32, _ role: FrameRole, _ function: UInt16, tellsRoute: Bool, task: Int, _ moment: Moment,
        into output: inout TraceBatch
    ) {
        if tasks[task].isOrphaned { tasks[task].isOrphaned = false }
        dropStale(before: role, function: function, place, task: task)
        if role.isSystemCall { stackIsKnown(task) }

        let below = tasks[task].top
        frames[place].begin(role, function, time: moment.time, losses: openLosses > 0 ? .max : losses, below: below)
        tasks.setTop(of: task, place, deeperBy: 1)
        if role.direction == .mark { return }
        if let operation = operation(around: role, place, below: below) {
            frames[place].operation = operation
            complete(operation, with: place)
            announce(operation, task: task, moment, into: &output)
        } else {
            let mark = below >= 0 && frames[below].role.direction == .mark ? frames[below].role : nil
            if tellsRoute || mark != nil, isStackKnown(task) { frames[place].route = role.route(inside: mark) }
            frames[place].operation = place
            announce(place, task: task, moment, into: &output)
        }
        announceIteration(place, task: task, moment, into: &output)
    }

    /// A task passed a function whose return is not probed: it is an event, or a fact about the open operation.
    /// - Parameter place: a frame that holds the facts of the call; it is the caller's.
    mutating func call(
        _ place: Int32, _ role: FrameRole, task: Int, _ moment: Moment, into output: inout TraceBatch
    ) {
        if let operation = operation(around: role, place, below: tasks[task].top) {
            complete(operation, with: place)
            announce(operation, task: task, moment, into: &output)
            return
        }
        guard role.direction == .close || role.direction == .create, !beganBeforeTrace(moment.time, task: task)
        else { return }
        emit(role.direction == .close ? .close : .create, place, task: task, moment, into: &output)
    }

    /// Tells an operation what a frame inside it knows.
    private mutating func complete(_ operation: Int32, with place: Int32) {
        let facts = frames[place].facts
        frames[operation].facts.complete(with: facts)
    }

    /// A task left a probed function.
    @inline(__always)
    mutating func leave(
        _ role: FrameRole, _ function: UInt16, task: Int, _ moment: Moment, result: Int64?,
        into output: inout TraceBatch
    ) {
        guard dropAbove(function: function, task: task) else {
            countOrphan(role, task: task)
            if role.isSystemCall { stackIsKnown(task) }
            return
        }
        let place = tasks[task].top
        let below = frames[place].below
        if frames[place].operation == place {
            conclude(place, task: task, moment, result: result, into: &output)
            if below >= 0, frames[below].role.direction == .mark { frames[below].innerReturned = true }
        } else {
            if below >= 0 { frames[below].innerReturned = true }
            concludeIteration(place, task: task, moment, result: result, into: &output)
        }
        pop(task: task)
        if below < 0 { stackIsKnown(task) }
    }

    // MARK: What a loss leaves unknown

    /// The open frames of a task are all there are: it has just made, or ended, a system call.
    @inline(__always)
    mutating func stackIsKnown(_ task: Int) {
        if openLosses == 0, tasks[task].stackKnownAt != losses { tasks[task].stackKnownAt = losses }
    }

    /// False from a loss on until the task is seen to begin anew: the frame that says how a message came about may be
    /// open and unseen, or seen and left.
    @inline(__always)
    private func isStackKnown(_ task: Int) -> Bool {
        openLosses == 0 && tasks[task].stackKnownAt == losses
    }

    /// The operation that a new frame belongs to, if one is open on the same socket in the same direction.
    @inline(__always)
    private func operation(around role: FrameRole, _ place: Int32, below: Int32) -> Int32? {
        guard below >= 0 else { return nil }
        let operation = frames[below].operation
        guard operation >= 0, frames[below].role.direction == role.direction, role.direction != .create else {
            return nil
        }
        // A frame on another socket is a message of its own: the kernel sends on a second socket to serve the first.
        if frames[operation].facts.known.contains(.socket), frames[place].facts.known.contains(.socket),
            frames[operation].facts.socket != frames[place].facts.socket
        {
            return nil
        }
        return operation
    }

    // MARK: Frames whose return was missed

    /// Drops the frames that the task must have left, since it could not enter this function from within them.
    @inline(__always)
    private mutating func dropStale(before role: FrameRole, function: UInt16, _ place: Int32, task: Int) {
        if tasks[task].depth == Self.deepestStack { dropAll(task: task) }
        while tasks[task].top >= 0 {
            guard isStale(tasks[task].top, before: role, function: function, place) else { return }
            dropTop(task: task)
        }
    }

    /// A kernel stack of 16 KiB has no room for so many functions that reach a socket: the frames are those of calls long
    /// over. Without this bound a trace could make every search of the stack slower than the one before.
    private static var deepestStack: UInt8 { 64 }

    private func isStale(_ top: Int32, before role: FrameRole, function: UInt16, _ place: Int32) -> Bool {
        // A system call starts with an empty stack.
        if role.isSystemCall { return true }
        switch role {
        case .writeIter:
            // A writev makes one call.
            if frames[top].role != .writev || frames[top].innerReturned { return true }
        case .readIter:
            if frames[top].role != .spliceRead, frames[top].role != .readv || frames[top].innerReturned { return true }
        default: break
        }
        let operation = frames[top].operation
        guard operation >= 0 else { return false }
        let isSameSocket =
            frames[operation].facts.known.contains(.socket) && frames[place].facts.known.contains(.socket)
            && frames[operation].facts.socket == frames[place].facts.socket
        // No function of ours calls itself on one socket.
        if frames[top].function == function, isSameSocket { return true }
        // The inner function has returned, so the outer one was about to.
        return frames[top].innerReturned && !frames[top].role.repeatsInnerFrames
            && frames[top].role.direction == role.direction
    }

    /// Drops the frames above the innermost one of a function. False where that function is not on the stack.
    @inline(__always)
    private mutating func dropAbove(function: UInt16, task: Int) -> Bool {
        var place = tasks[task].top
        while place >= 0, frames[place].function != function { place = frames[place].below }
        guard place >= 0 else { return false }
        while tasks[task].top != place { dropTop(task: task) }
        return true
    }

    /// Drops the innermost frame, whose return was missed or lost.
    private mutating func dropTop(task: Int) {
        let top = tasks[task].top
        if frames[top].operation == top, !lacksSocket(top) {
            statistics.missedReturns += 1
        }
        pop(task: task)
    }

    /// Drops all frames of a task: they are of another time.
    mutating func dropAll(task: Int) {
        while tasks[task].top >= 0 { dropTop(task: task) }
    }

    /// A return without an entry. Several in a row are the frames of one operation.
    private mutating func countOrphan(_ role: FrameRole, task: Int) {
        guard role.direction != .mark, !tasks[task].isOrphaned else { return }
        tasks[task].isOrphaned = true
        if losses == 0 { statistics.begunBeforeTrace += 1 } else { statistics.unpairedReturns += 1 }
    }
}
