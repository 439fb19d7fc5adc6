internal import BasicContainers
internal import SocketEvents

/// Numbers for the ends of sockets that a summary goes by, from 1 on; 0 for what is not known, or not asked for.
struct EndTable: Sendable {
    /// Which ends are asked for: the peer without its port, and both with theirs.
    let asksForPeer: Bool
    let asksForRemote: Bool
    let asksForLocal: Bool
    private var numbers: [SocketAddress: Int32] = [:]
    private var addresses: [SocketAddress] = []
    /// What was found last, of details at a place of a batch.
    private var last: (place: Int32, ends: Ends) = (-1, Ends())

    /// The numbers of both ends.
    struct Ends: Sendable {
        var remote: Int32 = 0
        var local: Int32 = 0
    }

    init(_ dimensions: Set<SummaryDimension>) {
        (asksForPeer, asksForRemote) = (dimensions.contains(.peer), dimensions.contains(.remote))
        asksForLocal = dimensions.contains(.local)
    }

    var isUsed: Bool { asksForPeer || asksForRemote || asksForLocal }

    /// What follows is of another batch, in which other details are at the same place.
    mutating func beginBatch() { last.place = -1 }

    /// The numbers of an event's ends.
    mutating func ends(of event: borrowing SocketEvent, in batch: borrowing TraceBatch) -> Ends {
        let place = event.details
        guard isUsed, place >= 0 else { return Ends() }
        if place == last.place { return last.ends }
        var ends = Ends()
        let known = batch.details[Int(place)].known
        if asksForPeer || asksForRemote, known.contains(.remote) {
            ends.remote = number(of: batch.details[Int(place)].rawRemote, withPort: asksForRemote)
        }
        if asksForLocal, known.contains(.local) {
            ends.local = number(of: batch.details[Int(place)].rawLocal, withPort: true)
        }
        last = (place, ends)
        return ends
    }

    private mutating func number(of end: SocketAddress, withPort: Bool) -> Int32 {
        var end = end
        if !withPort { (end.hasPort, end.rawPort) = (false, 0) }
        if let number = numbers[end] { return number }
        addresses.append(end)
        let number = Int32(truncatingIfNeeded: addresses.count)
        numbers[end] = number
        return number
    }

    /// The end of a number.
    subscript(number: Int32) -> SocketAddress? { number > 0 ? addresses[Int(number) - 1] : nil }
}
