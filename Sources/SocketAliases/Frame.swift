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

/// What an entry record tells of a socket and its message. Which members are known is in `known`.
struct SocketFacts: Sendable {
    var known: Alias.Arguments = []
    var socket: UInt64 = 0
    var size: Int64 = 0
    var flags: UInt64 = 0
    var `protocol`: Int32 = 0
    var family: Int32 = 0
    var state: Int32 = 0
    var type: Int32 = 0
    var requester: Int32 = 0

    /// Takes over what is not known yet.
    mutating func complete(with other: SocketFacts) {
        let new = other.known.subtracting(known)
        guard !new.isEmpty else { return }
        if new.contains(.socket) { socket = other.socket }
        if new.contains(.size) { size = other.size }
        if new.contains(.flags) { flags = other.flags }
        if new.contains(.protocol) { `protocol` = other.protocol }
        if new.contains(.family) { family = other.family }
        if new.contains(.state) { state = other.state }
        if new.contains(.type) { type = other.type }
        known.formUnion(new)
    }
}

extension EventPlan {
    /// The facts of an entry record whose length has been checked against `minimumLength`.
    func facts(at payload: Int, in bytes: RawSpan, swapped: Bool) -> SocketFacts {
        var facts = SocketFacts()
        func value(_ field: FieldPlan) -> UInt64 { field.load(at: payload, in: bytes, swapped: swapped) }
        func narrow(_ field: FieldPlan) -> Int32 { Int32(truncatingIfNeeded: value(field)) }

        if socket.isPresent {
            facts.socket = value(socket)
            // A null pointer means that there is no socket behind it, and zeros in all fields behind it.
            guard facts.socket != 0 else { return facts }
            facts.known.insert(.socket)
        }
        if size.isPresent {
            facts.size = Int64(bitPattern: value(size))
            facts.known.insert(.size)
        }
        if flags.isPresent {
            facts.flags = value(flags)
            facts.known.insert(.flags)
        }
        if state.isPresent {
            facts.state = narrow(state)
            facts.known.insert(.state)
        }
        if type.isPresent {
            facts.type = isSocketCall ? narrow(type) & 0xf : narrow(type)
            facts.known.insert(.type)
        }
        if isSocketCall { facts.known.insert(.requester) }
        if requester.isPresent {
            facts.requester = narrow(requester)
            facts.known.insert(.requester)
        }
        // What is fetched through a null pointer is not zero but whatever the record's memory held before.
        if family.isPresent, !ops.isPresent || value(ops) != 0 {
            facts.family = narrow(family)
            // AF_UNSPEC is no socket's family: 0 was read through the null `ops` of a socket that never came to be.
            // The argument of a creation, which has no socket yet, may well be 0.
            if facts.family != 0 || !socket.isPresent { facts.known.insert(.family) }
        }
        if `protocol`.isPresent, !sock.isPresent || value(sock) != 0 {
            facts.protocol = narrow(`protocol`)
            facts.known.insert(.protocol)
        }
        return facts
    }
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
    private var free: ContiguousArray<Int32> = []

    subscript(index: Int32) -> Frame {
        get { frames[Int(index)] }
        _modify { yield &frames[Int(index)] }
    }

    mutating func push(_ frame: Frame) -> Int32 {
        if let place = free.popLast() {
            frames[Int(place)] = frame
            return place
        }
        frames.append(frame)
        return Int32(truncatingIfNeeded: frames.count - 1)
    }

    mutating func release(_ index: Int32) {
        free.append(index)
    }
}
