internal import BasicContainers
internal import SocketEvents

/// Numbers for what a summary knows of the ends of sockets, from 1 on; 0 for what is not known, or not asked for.
struct EndTable: Sendable {
    /// Whether the peer is asked for, without its port or with it, and so with the rest.
    private let asksForPeer: Bool
    private let asksForRemote: Bool
    private let asksForLocal: Bool
    private let asksForPort: Bool
    private let asksForInode: Bool
    private let asksForListener: Bool
    private let asksForGroup: Bool
    private var numbers: [SocketAddress: Int32] = [:]
    private var addresses: [SocketAddress] = []
    private var inodeNumbers: [UInt64: Int32] = [:]
    private var inodes: [UInt64] = []
    /// The inode of who listened, of each accepted socket that is open, by its serial number: messages do not tell.
    private var listeners: [UInt64: UInt64] = [:]
    /// What was found last, of details at a place of a batch.
    private var last: (place: Int32, ends: Ends) = (-1, Ends())

    /// The numbers of an event's ends.
    struct Ends: Sendable {
        var remote: Int32 = 0
        var local: Int32 = 0
        var port: Int32 = 0
        var inode: Int32 = 0
        var listener: Int32 = 0
        var group: Int32 = 0

        /// 0 where both are the same.
        @inline(__always)
        func difference(_ other: Ends) -> Int32 {
            (remote ^ other.remote) | (local ^ other.local) | (port ^ other.port) | (inode ^ other.inode)
                | (listener ^ other.listener) | (group ^ other.group)
        }

        /// A number of which all of them have a part.
        @inline(__always)
        var mixed: UInt64 {
            let both = UInt64(UInt32(bitPattern: remote)) << 32 | UInt64(UInt32(bitPattern: local))
            let sockets = UInt64(UInt32(bitPattern: inode)) << 32 | UInt64(UInt32(bitPattern: listener))
            return both ^ sockets &* 0xff51_afd7_ed55_8ccd
                ^ (UInt64(UInt32(bitPattern: port)) | UInt64(UInt32(bitPattern: group)) << 32)
                &* 0x9e37_79b9_7f4a_7c15
        }
    }

    init(_ dimensions: Set<SummaryDimension>) {
        (asksForPeer, asksForRemote) = (dimensions.contains(.peer), dimensions.contains(.remote))
        (asksForLocal, asksForPort) = (dimensions.contains(.local), dimensions.contains(.port))
        (asksForInode, asksForListener) = (dimensions.contains(.inode), dimensions.contains(.listener))
        asksForGroup = dimensions.contains(.cgroup)
    }

    var isUsed: Bool {
        asksForPeer || asksForRemote || asksForLocal || asksForPort || asksForInode || asksForListener
            || asksForGroup
    }

    /// What follows is of another batch, in which other details are at the same place.
    mutating func beginBatch() { last.place = -1 }

    /// Remembers who listened, from an accept to the close.
    mutating func note(_ event: borrowing SocketEvent, in batch: borrowing TraceBatch) {
        guard asksForListener, event.details >= 0 else { return }
        let serial = batch.details[Int(event.details)].serial
        switch event.alias {
        case .acceptReturn where event.success == true && serial != 0:
            listeners[serial] = batch.details[Int(event.details)].listener
            last.place = -1
        case .close:
            listeners[serial] = nil
            last.place = -1
        default: return
        }
    }

    /// The numbers of an event's ends.
    mutating func ends(of event: borrowing SocketEvent, in batch: borrowing TraceBatch) -> Ends {
        let place = event.details
        guard isUsed, place >= 0 else { return Ends() }
        if place == last.place { return last.ends }
        let ends = ends(batch, Int(place))
        last = (place, ends)
        return ends
    }

    private mutating func ends(_ batch: borrowing TraceBatch, _ place: Int) -> Ends {
        var ends = Ends()
        let known = batch.details[place].known
        if asksForPeer || asksForRemote, known.contains(.remote) {
            ends.remote = number(of: batch.details[place].rawRemote, withPort: asksForRemote)
        }
        if asksForLocal, known.contains(.local) {
            ends.local = number(of: batch.details[place].rawLocal, withPort: true)
        }
        if asksForPort {
            let local = known.contains(.local) ? Self.port(of: batch.details[place].rawLocal) : 0
            let remote = known.contains(.remote) ? Self.port(of: batch.details[place].rawRemote) : 0
            ends.port = local == 0 || remote == 0 ? max(local, remote) : min(local, remote)
        }
        if asksForInode, known.contains(.inode) { ends.inode = number(ofInode: batch.details[place].rawInode) }
        if asksForListener, let inode = batch.details[place].listener ?? listeners[batch.details[place].serial] {
            ends.listener = number(ofInode: inode)
        }
        if asksForGroup, let group = batch.details[place].cgroup { ends.group = number(ofInode: group) }
        return ends
    }

    /// A port of the internet's families; 0 where there is none yet. Port ids of AF_NETLINK stand for no service.
    private static func port(of end: borrowing SocketAddress) -> Int32 {
        switch end.kind {
        case .ipv4, .ipv6: end.hasPort ? Int32(truncatingIfNeeded: end.rawPort) : 0
        case .path, .abstractName, .netlink, .number: 0
        }
    }

    private mutating func number(of end: SocketAddress, withPort: Bool) -> Int32 {
        let end = withPort ? end : end.withoutPort
        if let number = numbers[end] { return number }
        addresses.append(end)
        let number = Int32(truncatingIfNeeded: addresses.count)
        numbers[end] = number
        return number
    }

    private mutating func number(ofInode inode: UInt64) -> Int32 {
        if let number = inodeNumbers[inode] { return number }
        inodes.append(inode)
        let number = Int32(truncatingIfNeeded: inodes.count)
        inodeNumbers[inode] = number
        return number
    }

    /// The end of a number.
    subscript(number: Int32) -> SocketAddress? { number > 0 ? addresses[Int(number) - 1] : nil }

    /// The inode of a number.
    func inode(_ number: Int32) -> UInt64? { number > 0 ? inodes[Int(number) - 1] : nil }

    /// The port of a number, which is the port itself.
    func port(_ number: Int32) -> UInt32? { number == 0 ? nil : UInt32(bitPattern: number) }
}
