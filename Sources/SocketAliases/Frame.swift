internal import RingBuffer

/// A probed function that a task has entered and not yet left.
struct Frame: Sendable {
    /// The frame around it, or -1.
    var below: Int32
    /// The frame that began the operation: the outermost one on this socket. -1 for a mark.
    var operation: Int32
    var role: FrameRole
    var function: UInt16
    /// A frame inside it on the same operation has returned.
    var innerReturned = false
    /// The number of losses that were known when it was entered.
    var losses: UInt64

    // The rest describes the operation and is meaningful in its outermost frame.

    /// Time of the entry, in units of the trace clock.
    var time: UInt64
    var route: Route?
    var facts: SocketFacts
    /// The entry aliases have been told.
    var isAnnounced = false
}

extension EventPlan {
    /// What the function returned: bytes or a negative error number; nil where the event does not tell.
    func resultValue(at payload: Int, in bytes: RawSpan, swapped: Bool) -> Int64? {
        guard result.isPresent else { return nil }
        let value = Int64(bitPattern: result.load(at: payload, in: bytes, swapped: swapped))
        return isSocketCall ? min(value, 0) : value
    }
}

/// The open frames of all tasks, in a pool that reuses its places.
struct FramePool: Sendable {
    private var frames: ContiguousArray<Frame> = []
    /// The first free place, or -1; the others follow by `below`.
    private var free: Int32 = -1

    subscript(index: Int32) -> Frame {
        _read { yield frames[Int(index)] }
        _modify { yield &frames[Int(index)] }
    }

    @inline(__always)
    mutating func push(_ frame: Frame) -> Int32 {
        let place = free
        guard place >= 0 else {
            frames.append(frame)
            return Int32(truncatingIfNeeded: frames.count - 1)
        }
        free = frames[Int(place)].below
        frames[Int(place)] = frame
        return place
    }

    @inline(__always)
    mutating func release(_ index: Int32) {
        frames[Int(index)].below = free
        free = index
    }
}
