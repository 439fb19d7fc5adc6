internal import BasicContainers
internal import Interning

/// The sockets of the traced machine, found by the addresses of their `struct socket` and `struct sock`: who they are and
/// between whom. It is fed by records alone, so a recording holds all of it.
///
/// Memory is used again: what is known of a socket is forgotten at its end, at a birth at the same address, and, as the
/// records of either may be among them, wherever records are missing. So no event gets the address of an earlier socket,
/// and the table is as large as the most sockets that it knew at once.
struct SocketTable: ~Copyable, Sendable {
    private var entries = UniqueArray<SocketEntry>()
    /// Slots that are free.
    private var free: ContiguousArray<Int32> = []
    private var bySocket = PointerMap()
    private var bySock = PointerMap()
    private var names = NamePool()
    private var lastSerial: UInt64 = 0
    /// Grows with whatever becomes known of a socket and outlives the operation that showed it.
    private(set) var changes: UInt64 = 0

    /// How many sockets are known.
    var count: Int { entries.count - free.count }
    /// Names kept.
    var nameCount: Int { names.count }

    subscript(index: Int32) -> SocketEntry {
        @inline(__always) _read { yield entries[Int(index)] }
        @inline(__always) _modify { yield &entries[Int(index)] }
    }

    @inline(__always)
    func index(ofSocket socket: UInt64) -> Int32? { bySocket[socket] }

    func index(ofSock sock: UInt64) -> Int32? { bySock[sock] }

    // MARK: Coming and going

    /// A socket of which nothing was known: its entry.
    private mutating func add() -> Int32 {
        lastSerial += 1
        changes &+= 1
        var entry = SocketEntry()
        entry.serial = lastSerial
        if let index = free.popLast() {
            entries[Int(index)] = entry
            return index
        }
        entries.append(entry)
        return Int32(truncatingIfNeeded: entries.count - 1)
    }

    /// The entry of a `struct socket`, which is known from now on.
    mutating func entry(ofSocket socket: UInt64) -> Int32 {
        if let index = bySocket[socket] { return index }
        let index = add()
        entries[Int(index)].socket = socket
        bySocket.set(socket, index)
        return index
    }

    /// The entry of a `struct sock`, which is known from now on.
    mutating func entry(ofSock sock: UInt64) -> Int32 {
        if let index = bySock[sock] { return index }
        let index = add()
        entries[Int(index)].sock = sock
        bySock.set(sock, index)
        return index
    }

    /// A `struct socket` came into being: whatever had its memory is gone.
    mutating func begin(socket: UInt64) -> Int32 {
        if let old = bySocket[socket] { leave(socketOf: old) }
        return entry(ofSocket: socket)
    }

    /// A `struct sock` came into being: whatever had its memory is gone.
    mutating func begin(sock: UInt64) -> Int32 {
        if let old = bySock[sock] { leave(sockOf: old) }
        return entry(ofSock: sock)
    }

    /// A `struct socket` has a `struct sock`.
    /// - Returns: the entry of both.
    @discardableResult
    mutating func join(socket: UInt64, sock: UInt64) -> Int32 {
        guard sock != 0 else { return entry(ofSocket: socket) }
        guard let one = bySocket[socket] else {
            let index = entry(ofSock: sock)
            // A sock has one socket; one that it had was another's.
            if entries[Int(index)].socket != 0 { bySocket.remove(entries[Int(index)].socket) }
            entries[Int(index)].socket = socket
            bySocket.set(socket, index)
            changes &+= 1
            return index
        }
        guard let other = bySock[sock] else {
            if entries[Int(one)].sock != 0 { bySock.remove(entries[Int(one)].sock) }
            entries[Int(one)].sock = sock
            bySock.set(sock, one)
            changes &+= 1
            return one
        }
        if one == other { return one }
        return merge(one, into: other)
    }

    /// What was two is one: a connection, known by its sock, and the socket that was made for it.
    private mutating func merge(_ socketIndex: Int32, into sockIndex: Int32) -> Int32 {
        let young = entries[Int(socketIndex)]
        changes &+= 1
        if entries[Int(sockIndex)].socket != 0 { bySocket.remove(entries[Int(sockIndex)].socket) }
        entries[Int(sockIndex)].socket = young.socket
        entries[Int(sockIndex)].serial = young.serial
        entries[Int(sockIndex)].inode = young.inode
        entries[Int(sockIndex)].known.formUnion(young.known.intersection(.inode))
        entries[Int(sockIndex)].ownership.learn(young.ownership)
        if young.type >= 0 { entries[Int(sockIndex)].type = young.type }
        entries[Int(sockIndex)].batch = 0
        bySocket.set(young.socket, sockIndex)
        if young.sock != 0 { bySock.remove(young.sock) }
        release(socketIndex)
        return sockIndex
    }

    /// A `struct socket` is gone. Its sock may live on, as that of a TCP connection that is being closed.
    mutating func end(socket: UInt64, sockLivesOn: Bool) {
        guard let index = bySocket[socket] else { return }
        if sockLivesOn {
            leave(socketOf: index)
        } else {
            remove(index)
        }
    }

    /// The sock of an entry is gone, or means something else from now on.
    mutating func leave(sockOf index: Int32) {
        bySock.remove(entries[Int(index)].sock)
        entries[Int(index)].sock = 0
        entries[Int(index)].batch = 0
        if entries[Int(index)].socket == 0 { release(index) }
    }

    /// An entry has become another socket's, which has the sock now.
    mutating func renew(_ index: Int32) {
        lastSerial += 1
        changes &+= 1
        entries[Int(index)].serial = lastSerial
        entries[Int(index)].known.remove(.inode)
        entries[Int(index)].ownership = SocketOwnership()
        entries[Int(index)].batch = 0
    }

    private mutating func leave(socketOf index: Int32) {
        bySocket.remove(entries[Int(index)].socket)
        entries[Int(index)].socket = 0
        entries[Int(index)].batch = 0
        if entries[Int(index)].sock == 0 { release(index) }
    }

    mutating func remove(_ index: Int32) {
        bySocket.remove(entries[Int(index)].socket)
        bySock.remove(entries[Int(index)].sock)
        release(index)
    }

    private mutating func release(_ index: Int32) {
        names.release(entries[Int(index)].local)
        names.release(entries[Int(index)].remote)
        entries[Int(index)] = SocketEntry()
        free.append(index)
    }

    /// Records are missing: nothing that was known need be so any longer.
    mutating func forgetAll() {
        guard count > 0 else { return }
        (bySocket, bySock) = (PointerMap(), PointerMap())
        names.removeAll()
        entries.removeAll(keepingCapacity: true)
        free.removeAll(keepingCapacity: true)
    }

    // MARK: Ends

    /// Notes an end of a socket; nil where it is not known.
    mutating func set(local address: SocketAddress?, of index: Int32) {
        entries[Int(index)].local = store(address, in: entries[Int(index)].local)
        note(.local, address != nil, index)
    }

    mutating func set(remote address: SocketAddress?, of index: Int32) {
        entries[Int(index)].remote = store(address, in: entries[Int(index)].remote)
        note(.remote, address != nil, index)
    }

    mutating func set(local address: StoredAddress, of index: Int32) {
        names.release(entries[Int(index)].local)
        entries[Int(index)].local = address
        note(.local, true, index)
    }

    mutating func set(remote address: StoredAddress, of index: Int32) {
        names.release(entries[Int(index)].remote)
        entries[Int(index)].remote = address
        note(.remote, true, index)
    }

    private mutating func note(_ member: EventDetails.Members, _ isKnown: Bool, _ index: Int32) {
        if isKnown { entries[Int(index)].known.insert(member) } else { entries[Int(index)].known.remove(member) }
        entries[Int(index)].batch = 0
        changes &+= 1
    }

    private mutating func store(_ address: SocketAddress?, in old: StoredAddress) -> StoredAddress {
        names.release(old)
        guard let address else { return StoredAddress() }
        switch address.kind {
        case .path, .abstractName:
            if address.count == 0, address.kind == .path { return .unnamed }
            return StoredAddress(address.kind, low: UInt64(names.add(address)))
        default: return StoredAddress(address.kind, low: address.words[0], high: address.words[1], port: address.port)
        }
    }

    /// Writes an end, as it is stored, where an event keeps it.
    func put(_ stored: StoredAddress, into address: inout SocketAddress) {
        if stored.isNamed { address = names[stored] } else { stored.put(into: &address) }
    }

    /// An end as others see it.
    func address(_ stored: StoredAddress) -> SocketAddress {
        var address = SocketAddress()
        put(stored, into: &address)
        return address
    }
}

/// Names of UNIX sockets, in slots that are used again.
struct NamePool: ~Copyable, Sendable {
    private var slots = UniqueArray<SocketAddress>()
    private var free: ContiguousArray<Int32> = []

    /// How many are kept.
    var count: Int { slots.count - free.count }

    subscript(stored: StoredAddress) -> SocketAddress { slots[Int(stored.low)] }

    mutating func add(_ name: SocketAddress) -> Int {
        if let slot = free.popLast() {
            slots[Int(slot)] = name
            return Int(slot)
        }
        slots.append(name)
        return slots.count - 1
    }

    mutating func release(_ stored: StoredAddress) {
        if stored.isNamed { free.append(Int32(truncatingIfNeeded: stored.low)) }
    }

    mutating func removeAll() {
        slots.removeAll(keepingCapacity: true)
        free.removeAll(keepingCapacity: true)
    }
}
