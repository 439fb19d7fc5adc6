internal import ProbeContract

extension Pairing {
    /// A task entered a probed function.
    /// - Parameter place: a frame that holds the facts of the entry, and nothing else yet.
    @inline(__always)
    mutating func enter(
        _ place: Int32, _ function: ProbeTraits, _ task: inout TaskState, _ stamp: RecordStamp,
        into output: inout TraceBatch
    ) {
        if task.isOrphaned { task.isOrphaned = false }
        if task.top >= 0 { dropStale(before: function, place, &task) }
        if function.isSystemCall { stackIsKnown(&task) }

        let below = task.top
        frames[place].begin(function, time: stamp.time, losses: openLosses > 0 ? .max : losses, below: below)
        task.top = place
        task.depth &+= 1
        if function.isOf(.context) { return }
        if function.isOf(.close) {
            if attempts.count > 0 { tellUnseenOutcome(place, stamp, into: &output) }
            refused(place, within: below)
        }
        if let operation = operation(around: function, place, below: below) {
            frames[place].operation = operation
            complete(operation, with: place)
            announce(operation, &task, stamp, into: &output)
        } else {
            frames[place].operation = place
            if isStackKnown(task) { frames[place].rawRoute = route(of: function, below: below) }
            if tellsDescriptors { takeDescriptor(place, below: below, task) }
            announce(place, &task, stamp, into: &output)
        }
        if function.isOf(.close) { closed(place) }
        if function.isOf(.accept) { preparedToAccept(place) }
        if function.isIteration { announceIteration(place, &task, stamp, into: &output) }
    }

    /// A task passed a function whose return is not probed: it is an event, or a fact about the open operation.
    /// - Parameter place: a frame that holds the facts of the call; it is the caller's.
    mutating func call(
        _ place: Int32, _ function: ProbeTraits, _ task: inout TaskState, _ stamp: RecordStamp,
        into output: inout TraceBatch
    ) {
        if let operation = operation(around: function, place, below: task.top) {
            complete(operation, with: place)
            announce(operation, &task, stamp, into: &output)
            return
        }
        guard function.isOf(.close) || function.isOf(.create), !beganBeforeTrace(stamp.time, task)
        else { return }
        if function.isOf(.close) { refused(place, within: task.top) }
        emit(function.isOf(.close) ? .close : .create, place, &task, stamp, into: &output)
        if function.isOf(.close) { closed(place) }
    }

    /// The way of a message whose outermost frame is of a function.
    @inline(__always)
    private func route(of function: ProbeTraits, below: Int32) -> UInt8 {
        guard below >= 0, frames[below].function.isOf(.context) else { return function.rawRoute }
        return function.role.route(inside: frames[below].function.role)?.rawValue ?? Route.unknown
    }

    /// A task left a probed function.
    @inline(__always)
    mutating func leave(
        _ function: ProbeTraits, _ task: inout TaskState, _ stamp: RecordStamp, result: Int64?,
        into output: inout TraceBatch
    ) {
        guard task.top >= 0, frames[task.top].function.isSame(function) || dropAbove(function, &task) else {
            countOrphan(function, &task)
            if function.isSystemCall { stackIsKnown(&task) }
            return
        }
        let place = task.top
        let below = frames[place].below
        if frames[place].operation == place {
            conclude(place, &task, stamp, result: result, into: &output)
            if below >= 0, frames[below].function.isOf(.context) { frames[below].innerReturned = true }
        } else {
            if below >= 0 { frames[below].innerReturned = true }
            if function.isIteration { concludeIteration(place, &task, stamp, result: result, into: &output) }
        }
        pop(&task)
        if below < 0 { stackIsKnown(&task) }
    }

    /// Tells an operation what a frame inside it knows.
    private mutating func complete(_ operation: Int32, with place: Int32) {
        let facts = frames[place].facts
        frames[operation].facts.complete(with: facts)
        if !frames[operation].head.isKnown { frames[operation].head = frames[place].head }
        if frames[operation].function.isStep {
            let life = frames[place].life
            frames[operation].life.complete(with: life)
        }
    }

    /// A message goes by the descriptor of the call that it is made by. All messages of a call go by one socket.
    @inline(never)
    private mutating func takeDescriptor(_ place: Int32, below: Int32, _ task: borrowing TaskState) {
        guard below >= 0, frames[below].descriptor >= 0, isStackKnown(task),
            frames[below].function.role.carries(frames[place].function.role)
        else { return }
        if frames[place].facts.known.contains(.socket) {
            let socket = frames[place].facts.socket
            guard !frames[below].facts.known.contains(.socket) || frames[below].facts.socket == socket else { return }
            frames[below].facts.socket = socket
            frames[below].facts.known.insert(.socket)
        }
        frames[place].descriptor = frames[below].descriptor
    }

    // MARK: What a loss leaves unknown

    /// The open frames of a task are all there are: it has just made, or ended, a system call.
    @inline(__always)
    func stackIsKnown(_ task: inout TaskState) {
        if openLosses == 0, task.stackKnownAt != losses { task.stackKnownAt = losses }
    }

    /// False from a loss on until the task is seen to begin anew: the frame that says how a message came about may be
    /// open and unseen, or seen and left.
    @inline(__always)
    private func isStackKnown(_ task: borrowing TaskState) -> Bool {
        task.stackKnownAt == losses && openLosses == 0
    }

    /// The operation that a new frame belongs to, if one is open on the same socket in the same direction.
    @inline(__always)
    private func operation(around function: ProbeTraits, _ place: Int32, below: Int32) -> Int32? {
        guard below >= 0 else { return nil }
        let operation = frames[below].operation
        guard operation >= 0, frames[below].function.rawKind == function.rawKind, !function.isOf(.create)
        else {
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
    @inline(never)
    private mutating func dropStale(before function: ProbeTraits, _ place: Int32, _ task: inout TaskState) {
        if task.depth == Self.deepestStack { dropAll(&task) }
        while task.top >= 0, isStale(task.top, before: function, place) { dropTop(&task) }
    }

    /// A kernel stack of 16 KiB has no room for so many functions that reach a socket: the frames are those of calls long
    /// over. Without this bound a trace could make every search of the stack slower than the one before.
    private static var deepestStack: UInt8 { 64 }

    private func isStale(_ top: Int32, before function: ProbeTraits, _ place: Int32) -> Bool {
        let around = frames[top].function
        // A system call starts with an empty stack.
        if function.isSystemCall { return !around.role.carries(function.role) }
        switch function.role {
        case .writeIter:
            // A writev makes one call.
            if !around.role.carries(.writeIter) || frames[top].innerReturned { return true }
        case .readIter:
            if around.role != .spliceRead, !around.role.carries(.readIter) || frames[top].innerReturned { return true }
        default: break
        }
        let operation = frames[top].operation
        guard operation >= 0 else { return false }
        let isSameSocket =
            frames[operation].facts.known.contains(.socket) && frames[place].facts.known.contains(.socket)
            && frames[operation].facts.socket == frames[place].facts.socket
        // Of a step it reached another socket before records were lost, so that call is over.
        if function.isStep, around.rawKind == function.rawKind, isUncertain(top), !isSameSocket,
            frames[operation].facts.known.contains(.socket), frames[place].facts.known.contains(.socket)
        {
            return true
        }
        // No function of ours calls itself on one socket.
        if around.isSame(function), isSameSocket { return true }
        // The inner function has returned, so the outer one was about to.
        return frames[top].innerReturned && !around.role.repeatsInnerFrames
            && around.rawKind == function.rawKind
    }

    /// Drops the frames above the innermost one of a function. False where that function is not on the stack.
    @inline(never)
    private mutating func dropAbove(_ function: ProbeTraits, _ task: inout TaskState) -> Bool {
        var place = task.top
        while place >= 0, !frames[place].function.isSame(function) { place = frames[place].below }
        guard place >= 0 else { return false }
        while task.top != place { dropTop(&task) }
        return true
    }

    /// Drops the innermost frame, whose return was missed or lost.
    private mutating func dropTop(_ task: inout TaskState) {
        let top = task.top
        if frames[top].operation == top, !lacksSocket(top) {
            statistics.missedReturns += 1
        }
        pop(&task)
    }

    /// Drops all frames of a task: they are of another time.
    mutating func dropAll(_ task: inout TaskState) {
        while task.top >= 0 { dropTop(&task) }
    }

    /// A return without an entry. Several in a row are the frames of one operation.
    private mutating func countOrphan(_ function: ProbeTraits, _ task: inout TaskState) {
        guard !function.isOf(.context), !task.isOrphaned else { return }
        task.isOrphaned = true
        if losses == 0 { statistics.begunBeforeTrace += 1 } else { statistics.unpairedReturns += 1 }
    }
}
