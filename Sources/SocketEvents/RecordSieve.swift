/// Decides which records a recording can do without: those of messages of which no event is wanted.
///
/// What a task writes from the entry of its outermost frame to that frame's return is one unit, which is kept or dropped as a
/// whole: the message, frames inside it, messages inside it on other sockets, where its datagrams go. Whatever else is
/// written is kept, and so is a unit
/// - of which an event is wanted,
/// - that changed what is known of a socket, or showed the outcome of an attempt to connect,
/// - within which its task did something else, or records are missing,
/// - whose frames do not nest as they should, so that a return was missed,
/// - that has not ended when somebody can wait no longer.
///
/// So each record that is kept is read as it would be with the others beside it. Records that are missing are found behind
/// the last one of their CPU, and are to be found there still: that one is undecided until another follows.
package struct RecordSieve: ~Copyable, Sendable {
    /// What becomes of a record.
    package enum Verdict: UInt8, Sendable {
        case undecided
        case keep
        case drop
    }

    private struct Unit: Sendable {
        var verdict = Verdict.undecided
        var isOpen = true
        /// Records of it that were not taken yet.
        var records: Int32 = 0
        /// Of all its records those that are the last of their stream so far.
        var last: Int32 = 0
    }

    /// The records of one stream that were not taken yet.
    private struct Stream: Sendable {
        /// The unit of each, or `kept`.
        var units: ContiguousArray<Int32> = []
        var taken = 0
        /// The unit of the last record, as long as none followed; else `kept`.
        var last = RecordSieve.kept
    }

    private static var kept: Int32 { -1 }

    private var units: ContiguousArray<Unit> = []
    private var free: ContiguousArray<Int32> = []
    private var streams: ContiguousArray<Stream>
    /// The open unit of each task, by the task's slot.
    private var open: ContiguousArray<Int32> = []

    /// - Parameter streams: how many streams of records there are.
    package init(streams count: Int) {
        streams = ContiguousArray(repeating: Stream(), count: count)
    }

    // MARK: Records, as they are decoded

    mutating func add(_ effect: RecordEffect, stream: Int) {
        follow(stream)
        let unit = unit(of: effect)
        streams[stream].units.append(unit)
        guard unit >= 0 else { return }
        streams[stream].last = unit
        units[Int(unit)].records += 1
        units[Int(unit)].last += 1
        if effect.isLasting || !effect.isRegular { units[Int(unit)].verdict = .keep }
        if effect.depthAfter == 0 { conclude(unit, task: effect.task) }
    }

    /// The unit that a record belongs to; `kept` for none.
    private mutating func unit(of effect: RecordEffect) -> Int32 {
        guard effect.task >= 0 else { return Self.kept }
        if effect.task >= open.count {
            open.append(contentsOf: repeatElement(Self.kept, count: effect.task + 1 - open.count))
        }
        var unit = open[effect.task]
        if unit >= 0, effect.depthBefore == 0 {
            // The decoder has given its frames up, or the slot is another task's by now.
            units[Int(unit)].verdict = .keep
            conclude(unit, task: effect.task)
            unit = Self.kept
        }
        if unit >= 0 {
            guard effect.part == .none else { return unit }
            units[Int(unit)].verdict = .keep
            return Self.kept
        }
        // Inside of something else, or a return whose entry was not seen.
        guard effect.depthBefore == 0, effect.part == .entry || effect.part == .within else { return Self.kept }
        unit = begin()
        open[effect.task] = unit
        return unit
    }

    private mutating func begin() -> Int32 {
        if let unit = free.popLast() {
            units[Int(unit)] = Unit()
            return unit
        }
        units.append(Unit())
        return Int32(truncatingIfNeeded: units.count - 1)
    }

    private mutating func conclude(_ unit: Int32, task: Int) {
        open[task] = Self.kept
        units[Int(unit)].isOpen = false
        settle(unit)
    }

    /// The last record of a stream is followed by another.
    private mutating func follow(_ stream: Int) {
        let unit = streams[stream].last
        guard unit >= 0 else { return }
        streams[stream].last = Self.kept
        units[Int(unit)].last -= 1
        settle(unit)
    }

    private mutating func settle(_ unit: Int32) {
        guard !units[Int(unit)].isOpen, units[Int(unit)].last == 0 else { return }
        if units[Int(unit)].verdict == .undecided { units[Int(unit)].verdict = .drop }
        if units[Int(unit)].records == 0 { free.append(unit) }
    }

    /// Records of a stream are missing behind its last one, and whatever is open may lack some.
    mutating func lose(stream: Int) {
        let unit = streams[stream].last
        if unit >= 0 { units[Int(unit)].verdict = .keep }
        follow(stream)
        keepOpen()
    }

    private mutating func keepOpen() {
        for unit in open where unit >= 0 { units[Int(unit)].verdict = .keep }
    }

    /// There are no further records.
    package mutating func finish() {
        keepOpen()
        for stream in streams.indices { follow(stream) }
    }

    // MARK: Verdicts

    /// What becomes of the next record of a stream; nil where none was decoded that was not taken.
    package func verdict(stream: Int) -> Verdict? {
        guard streams[stream].taken < streams[stream].units.count else { return nil }
        let unit = streams[stream].units[streams[stream].taken]
        return unit >= 0 ? units[Int(unit)].verdict : .keep
    }

    /// The next record of a stream is kept, though it is not known whether it is wanted: somebody can wait no longer.
    package mutating func keepUndecided(stream: Int) {
        let unit = streams[stream].units[streams[stream].taken]
        if unit >= 0, units[Int(unit)].verdict == .undecided { units[Int(unit)].verdict = .keep }
    }

    /// Takes the next record of a stream.
    package mutating func take(stream: Int) {
        let unit = streams[stream].units[streams[stream].taken]
        streams[stream].taken += 1
        if streams[stream].taken == streams[stream].units.count {
            streams[stream].units.removeAll(keepingCapacity: true)
            streams[stream].taken = 0
        } else if streams[stream].taken >= Self.slack, streams[stream].taken * 2 > streams[stream].units.count {
            streams[stream].units.removeFirst(streams[stream].taken)
            streams[stream].taken = 0
        }
        guard unit >= 0 else { return }
        units[Int(unit)].records -= 1
        if units[Int(unit)].records == 0, !units[Int(unit)].isOpen, units[Int(unit)].last == 0 { free.append(unit) }
    }

    /// Records that were taken and still take room.
    private static var slack: Int { 4096 }
}

extension RecordEffect {
    /// The task's frames are as many as they should be.
    fileprivate var isRegular: Bool {
        switch part {
        case .entry: depthAfter == depthBefore &+ 1
        case .return: depthAfter &+ 1 == depthBefore
        case .within: depthAfter == depthBefore
        case .none: true
        }
    }
}
