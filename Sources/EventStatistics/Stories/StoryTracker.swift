internal import BasicContainers
internal import Interning
package import SocketEvents

/// Makes a story of each socket that events of one source are about.
///
/// A socket is known by its serial number, which no other has; on kernels that tell none, by its address in the kernel
/// until it is closed. Memory is bounded: of each story so many steps are kept, and of too many open sockets the quietest
/// ones are handed out before their end.
package struct StoryTracker: Sendable {
    private let stepLimit: Int
    private let socketLimit: Int
    private var open = SlotTable<Key>()
    /// By slot; nil where the slot is free.
    private var stories: ContiguousArray<SocketStory?> = []
    /// Keys by slot.
    private var keys: ContiguousArray<UInt64> = []
    /// The keys of sockets by their inodes: a failed accept tells no more of the one that listens.
    private var inodes: [UInt64: UInt64] = [:]
    /// Events whose socket is unknown.
    package private(set) var strangers: UInt64 = 0
    /// What was not seen before may have been there all the same: records were lost, or stories interrupted.
    private var isIncomplete: Bool
    /// All events of the system are looked at.
    private let seesAll: Bool
    private var time: UInt64 = 0

    private struct Key: InternerKey {
        let number: UInt64

        func hash(_ multiplier: UInt64) -> UInt64 { (number &* multiplier) >> 32 }
    }

    /// - Parameters:
    ///   - seesAll: all events of the system are looked at; else what was not seen may have been all the same.
    ///   - stepLimit: so many steps of each socket are kept, 2 at least.
    ///   - socketLimit: of so many open sockets.
    package init(seesAll: Bool, stepLimit: Int, socketLimit: Int = 1 << 14) {
        (self.seesAll, isIncomplete) = (seesAll, !seesAll)
        (self.stepLimit, self.socketLimit) = (max(stepLimit, 2), max(socketLimit, 4))
    }

    /// The events that it needs.
    package static var aliases: AliasSet { .standard }

    /// How many sockets are open.
    package var openCount: Int { open.count }

    /// Looks at an event.
    /// - Parameter tell: takes stories that are complete, or have to make room.
    package mutating func take(
        _ batch: borrowing TraceBatch, _ index: Int, _ tell: (SocketStory) -> Void
    ) {
        time = max(time, batch.events[index].time)
        let details = batch.details(of: index)
        let alias = batch.events[index].alias
        if alias == .acceptReturn { takeListener(batch, index, details, tell) }
        // No socket came of it.
        if batch.events[index].success == false, alias == .createReturn || alias == .acceptReturn {
            guard alias == .createReturn else { return }
            var story = story(.created, batch, index, details)
            add(batch, index, details, to: &story)
            story.end = .failed
            return tell(story)
        }
        guard let key = key(batch, index, details) else {
            strangers &+= 1
            return
        }
        let slot = slot(of: key, batch, index, details, tell)
        guard var story = stories[slot].take() else { return }
        learn(batch, index, details, &story)
        add(batch, index, details, to: &story)
        guard alias == .close else {
            stories[slot] = story
            return
        }
        story.end = .closed
        forget(slot, story)
        tell(story)
    }

    /// Hands out those that are still open, in the order of their beginnings; none is any longer.
    package mutating func endAll(as end: SocketStory.End, _ tell: (SocketStory) -> Void) {
        let rest = stories.compactMap { $0 }.sorted { $0.begin < $1.begin }
        (open, stories, keys, inodes) = (SlotTable(), [], [], [:])
        if end == .unknown { isIncomplete = true }
        for var story in rest {
            story.end = end == .open && !seesAll ? .unknown : end
            if story.end == .open { story.time = max(story.time, time) }
            tell(story)
        }
    }

    // MARK: Sockets

    private func key(_ batch: borrowing TraceBatch, _ index: Int, _ details: EventDetails?) -> UInt64? {
        // Addresses in the kernel have their highest bit set, serial numbers do not.
        if let serial = details?.serial, serial != 0 { return serial }
        if let socket = batch.events[index].socket, socket != 0 { return socket | 1 << 63 }
        return nil
    }

    private mutating func slot(
        of key: UInt64, _ batch: borrowing TraceBatch, _ index: Int, _ details: EventDetails?,
        _ tell: (SocketStory) -> Void
    ) -> Int {
        if let slot = open.slot(of: Key(number: key)) { return slot }
        // A listener of which only failed accepts were seen so far.
        if let inode = details?.inode, let known = inodes[inode], known != key,
            let slot = open.remove(Key(number: known)), let story = stories[slot].take()
        {
            return add(story, key)
        }
        let birth: SocketStory.Birth =
            switch batch.events[index].alias {
            case .createReturn: .created
            case .acceptReturn: .accepted
            default: isIncomplete ? .unknown : .older
            }
        makeRoom(tell)
        return add(story(birth, batch, index, details), key)
    }

    private mutating func add(_ story: SocketStory, _ key: UInt64) -> Int {
        let slot = open.add(Key(number: key)).slot
        while stories.count <= slot {
            stories.append(nil)
            keys.append(0)
        }
        (stories[slot], keys[slot]) = (story, key)
        if let inode = story.details.inode { inodes[inode] = key }
        return slot
    }

    private mutating func forget(_ slot: Int, _ story: SocketStory) {
        open.remove(Key(number: keys[slot]))
        stories[slot] = nil
        if let inode = story.details.inode, inodes[inode] == keys[slot] { inodes[inode] = nil }
    }

    /// Hands out a quarter of too many stories, the quietest ones.
    private mutating func makeRoom(_ tell: (SocketStory) -> Void) {
        guard open.count >= socketLimit else { return }
        let quiet = stories.indices.filter { stories[$0] != nil }
            .sorted { (stories[$0]?.time ?? 0, $0) < (stories[$1]?.time ?? 0, $1) }
        for slot in quiet.prefix(socketLimit / 4) {
            guard var story = stories[slot].take() else { continue }
            story.end = .interrupted
            forget(slot, story)
            tell(story)
        }
        isIncomplete = true
    }

    /// An accept is a step of the socket that listens, too; one that fails is no other's.
    private mutating func takeListener(
        _ batch: borrowing TraceBatch, _ index: Int, _ details: EventDetails?, _ tell: (SocketStory) -> Void
    ) {
        guard let inode = details?.listener else {
            if batch.events[index].success != true { strangers &+= 1 }
            return
        }
        // Other numbers have no such bit next to the highest.
        let key = inodes[inode] ?? (1 << 62 | inode)
        if open.slot(of: Key(number: key)) == nil {
            makeRoom(tell)
            var story = SocketStory(isIncomplete ? .unknown : .older, begin: batch.events[index].time)
            (story.pid, story.comm) = (batch.events[index].pid, batch.events[index].comm)
            (story.family, story.protocol) = (batch.events[index].family, batch.events[index].protocol)
            story.type = batch.events[index].type
            story.details.inode = inode
            _ = add(story, key)
        }
        guard let slot = open.slot(of: Key(number: key)), var story = stories[slot].take() else { return }
        if batch.events[index].success == true { story.accepted &+= 1 }
        if batch.events[index].success == false { story.count(error: batch.events[index].errorNumber) }
        story.add(Self.step(batch, index), peer: details?.remote, limit: stepLimit)
        stories[slot] = story
    }

    // MARK: Steps

    private func story(
        _ birth: SocketStory.Birth, _ batch: borrowing TraceBatch, _ index: Int, _ details: EventDetails?
    ) -> SocketStory {
        var story = SocketStory(birth, begin: batch.events[index].time)
        (story.pid, story.comm) = (batch.events[index].pid, batch.events[index].comm)
        story.details = details ?? EventDetails()
        if !Self.isConnected(batch.events[index]) { story.details.remote = nil }
        if birth == .accepted {
            story.direction = .incoming
            story.backlogWait = details?.backlogWait
        }
        return story
    }

    /// What an event says of its socket.
    private func learn(
        _ batch: borrowing TraceBatch, _ index: Int, _ details: EventDetails?, _ story: inout SocketStory
    ) {
        if let family = batch.events[index].family { story.family = family }
        if let number = batch.events[index].protocol { story.protocol = number }
        if let type = batch.events[index].type { story.type = type }
        guard var new = details else { return }
        // A socket that is over has forgotten its peer.
        if new.remote == nil || !Self.isConnected(batch.events[index]) { new.remote = story.details.remote }
        if let known = story.details.local, new.local == nil || new.local?.port == 0 { new.local = known }
        if new.inode == nil { new.inode = story.details.inode }
        story.details = new
    }

    /// Whether the other end of an event is that of its socket: each datagram may have another.
    private static func isConnected(_ event: borrowing SocketEvent) -> Bool {
        let type = event.type
        return event.alias == .connected || type == 1 || type == 5
    }

    private func add(
        _ batch: borrowing TraceBatch, _ index: Int, _ details: EventDetails?, to story: inout SocketStory
    ) {
        let alias = batch.events[index].alias
        switch alias {
        case .send where batch.events[index].success == true:
            story.sent.bytes &+= batch.events[index].bytes ?? 0
            story.sent.messages &+= 1
        case .receive where batch.events[index].success == true:
            // What returns 0 on a stream tells that the other end has finished.
            let bytes = batch.events[index].bytes ?? 0
            story.received.bytes &+= bytes
            if bytes > 0 || batch.events[index].type != 1 { story.received.messages &+= 1 }
        case .connected:
            story.direction = .outgoing
            story.connectLatency = batch.events[index].duration
        default: break
        }
        if batch.events[index].success == false { story.count(error: batch.events[index].errorNumber) }
        let own = story.details.remote
        let peer = details?.remote.flatMap { $0 == own ? nil : $0 }
        story.add(Self.step(batch, index), peer: peer, limit: stepLimit)
    }

    private static func step(_ batch: borrowing TraceBatch, _ index: Int) -> SocketStory.Step {
        let alias = batch.events[index].alias
        var step = SocketStory.Step(alias: alias, time: batch.events[index].time)
        step.duration = alias == .close ? nil : batch.events[index].duration
        step.success = batch.events[index].success
        (step.errorNumber, step.pid) = (batch.events[index].errorNumber, batch.events[index].pid)
        step.comm = batch.events[index].comm
        switch alias {
        case .send, .receive: step.number = batch.events[index].bytes.map { Int64(clamping: $0) }
        case .listenReturn: step.number = batch.events[index].backlog.map(Int64.init)
        case .shutdownReturn: step.number = batch.events[index].how.map(Int64.init)
        default: break
        }
        return step
    }
}
