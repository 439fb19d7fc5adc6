internal import ProbeContract
internal import BasicContainers

/// A probed function that a task has entered and not yet left.
struct Frame: Sendable {
    /// The frame around it, or -1.
    var below: Int32 = -1
    /// The frame that began the operation: the outermost one on this socket. -1 for a mark.
    var operation: Int32 = -1
    var function = ProbeTraits(.sendmsg, number: 0, tellsRoute: false)
    /// A frame inside it on the same operation has returned.
    var innerReturned = false
    /// The number of losses that were known when it was entered.
    var losses: UInt64 = 0

    // The rest describes the operation and is meaningful in its outermost frame.

    /// Time of the entry, in units of the trace clock.
    var time: UInt64 = 0
    /// The way of the message.
    var rawRoute = Route.unknown
    /// The entry aliases have been told.
    var isAnnounced = false
    var facts = SocketFields()
    /// The beginning of the socket's sock at the entry.
    var head = SockHead()
    /// The descriptor that the call was given; -1 where that is not known.
    var descriptor: Int32 = -1
    /// Where a datagram went or came from, which counts for more than where its socket is connected to: an address, or a
    /// sock that has one.
    var hasRemote = false
    var remote = StoredAddress()
    var remoteSock: UInt64 = 0
    /// The address that the kernel chose for it: 0 as long as it has chosen the port alone.
    var hasLocal = false
    var local = StoredAddress()
    /// Meaningful in steps of a socket's life.
    var life = LifeFacts()

    /// Sets all but what the record of the entry says.
    @inline(__always)
    mutating func begin(_ function: ProbeTraits, time: UInt64, losses: UInt64, below: Int32) {
        self.below = below
        operation = -1
        self.function = function
        innerReturned = false
        self.losses = losses
        self.time = time
        rawRoute = Route.unknown
        isAnnounced = false
        hasRemote = false
        hasLocal = false
    }
}

extension Route {
    /// In place of a number where the way is not known.
    static var unknown: UInt8 { .max }
}

/// The open frames of all tasks, in a pool that reuses its places.
struct FramePool: ~Copyable, Sendable {
    private var frames = UniqueArray<Frame>()
    /// The first free place, or -1; the others follow by `below`.
    private var free: Int32 = -1

    subscript(index: Int32) -> Frame {
        @inline(__always) _read { yield frames[Int(index)] }
        @inline(__always) _modify { yield &frames[Int(index)] }
    }

    /// A free place, with what is left there of its last frame.
    @inline(__always)
    mutating func take() -> Int32 {
        let place = free
        guard place >= 0 else { return grow() }
        free = frames[Int(place)].below
        return place
    }

    @inline(never)
    private mutating func grow() -> Int32 {
        frames.append(Frame())
        return Int32(truncatingIfNeeded: frames.count - 1)
    }

    @inline(__always)
    mutating func release(_ index: Int32) {
        frames[Int(index)].below = free
        free = index
    }
}
