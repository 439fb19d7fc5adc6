internal import BasicContainers
internal import EventOutput
internal import Interning
internal import SocketEvents

/// Rows of the table `sockets`: one for each life of a `struct socket`, from its first event to its close, as `summary`
/// tells sockets apart. In memory are those that are open.
struct SocketRows: ~Copyable {
    private var rows: RowWriter
    private var sources: [Source]
    private var count: Int64 = 0
    private var texts = TextStore()

    /// The sockets of one recording.
    private struct Source {
        /// Where in `open` the socket at an address is.
        var places = PointerMap()
        var open: ContiguousArray<Socket> = []
        var free: ContiguousArray<Int32> = []
        /// How many sockets at an address were closed.
        var lives: [UInt64: Int64] = [:]
        /// The place of the socket that the last event was of.
        var last: Int32 = -1
    }

    private struct Socket {
        var id: Int64
        var address: UInt64
        var life: Int64
        var first: UInt64
        var last: UInt64
        var inode: UInt64?
        var family: Int32?
        var `protocol`: Int32?
        var type: Int32?
        var local: SocketAddress?
        var isOpen = true

        var isKnown: Bool { family != nil && local != nil && inode != nil }
    }

    /// Passes on what was not passed on yet.
    mutating func flush() throws(ExportError) { try rows.flush() }

    init(_ rows: consuming RowWriter, sources: Int) {
        self.rows = rows
        self.sources = (0..<sources).map { _ in Source() }
    }

    /// The number of an event's socket.
    mutating func socket(of batch: borrowing TraceBatch, _ index: Int, _ source: Int) -> Int64? {
        guard batch.events[index].alias.arguments.contains(.socket), let address = batch.events[index].socket else {
            return nil
        }
        let last = sources[source].last
        if last >= 0, sources[source].open[Int(last)].address == address, sources[source].open[Int(last)].isOpen {
            update(batch, index, source, Int(last))
            return sources[source].open[Int(last)].id
        }
        let place = place(of: address, batch.events[index].time, source)
        sources[source].last = Int32(truncatingIfNeeded: place)
        update(batch, index, source, place)
        return sources[source].open[place].id
    }

    private mutating func place(of address: UInt64, _ time: UInt64, _ source: Int) -> Int {
        if let place = sources[source].places[address] { return Int(place) }
        count += 1
        let socket = Socket(
            id: count, address: address, life: sources[source].lives[address] ?? 0, first: time, last: time)
        let place: Int
        if let free = sources[source].free.popLast() {
            place = Int(free)
            sources[source].open[place] = socket
        } else {
            place = sources[source].open.count
            sources[source].open.append(socket)
        }
        sources[source].places.set(address, Int32(truncatingIfNeeded: place))
        return place
    }

    @inline(__always)
    private mutating func update(_ batch: borrowing TraceBatch, _ index: Int, _ source: Int, _ place: Int) {
        sources[source].open[place].last = batch.events[index].time
        // A socket tells of itself with its first event, with what names it or lets it go, and with its last.
        switch batch.events[index].alias {
        case .send, .receive: if sources[source].open[place].isKnown { return }
        default: break
        }
        learn(batch, index, source, place)
    }

    private mutating func learn(_ batch: borrowing TraceBatch, _ index: Int, _ source: Int, _ place: Int) {
        let event = batch.events[index]
        var socket = sources[source].open[place]
        socket.family = event.family ?? socket.family
        socket.protocol = event.protocol ?? socket.protocol
        socket.type = event.type ?? socket.type
        if let details = batch.details(of: index) {
            socket.inode = details.inode ?? socket.inode
            socket.local = details.local ?? socket.local
        }
        sources[source].open[place] = socket
    }

    /// What the kernel makes of the memory of a socket later is another one.
    mutating func end(of batch: borrowing TraceBatch, _ index: Int, _ source: Int) throws(ExportError) {
        guard let address = batch.events[index].socket else { return }
        sources[source].lives[address, default: 0] += 1
        guard let place = sources[source].places[address] else { return }
        try write(sources[source].open[Int(place)], source, closed: batch.events[index].time)
        sources[source].open[Int(place)].isOpen = false
        sources[source].places.remove(address)
        sources[source].free.append(place)
    }

    mutating func endAll() throws(ExportError) {
        for source in sources.indices {
            for socket in sources[source].open where socket.isOpen { try write(socket, source, closed: nil) }
            sources[source] = Source()
        }
    }

    private mutating func write(_ socket: Socket, _ source: Int, closed: UInt64?) throws(ExportError) {
        rows.set(0, socket.id)
        rows.set(1, Int64(source + 1))
        texts.withText(of: socket.address) { rows.set(2, bytes: $0) }
        rows.set(3, socket.life)
        rows.set(4, socket.inode)
        rows.set(5, socket.protocol)
        rows.set(6, socket.family)
        rows.set(7, socket.type)
        rows.set(end: socket.local, address: 8, port: 9, &texts)
        rows.set(10, socket.first)
        rows.set(11, socket.last)
        rows.set(12, closed)
        try rows.write()
    }
}

extension RowWriter {
    /// An end of a socket; netlink's has a port alone.
    mutating func set(end: SocketAddress?, address column: Int, port: Int, _ texts: inout TextStore) {
        set(port, end?.port.map { Int64($0) })
        guard let end, end.kind != .netlink else { return set(column, nil as Int64?) }
        texts.withText(of: end) { set(column, bytes: $0) }
    }
}
