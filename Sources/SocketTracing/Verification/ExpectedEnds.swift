internal import SocketEvents

/// Who the socket of a known call is, and between whom: what fstat(2), getsockname(2) and getpeername(2) said. Nil is not
/// compared.
struct ExpectedEnds: Sendable {
    var inode: UInt64?
    var local: SocketAddress?
    var remote: SocketAddress?

    /// The event among some that is of this socket; the first of them where none says so.
    func own(among events: [TracedEvent]) -> TracedEvent? {
        events.first { inode != nil && $0.inode == inode } ?? events.first
    }

    /// Keys of what an event has otherwise, and of what it lacks.
    func compare(_ event: TracedEvent) -> (wrong: [String], unknown: [String]) {
        var wrong: [String] = []
        var unknown: [String] = []
        func compare<Value: Equatable>(_ key: String, _ seen: Value?, _ expected: Value?) {
            guard let expected else { return }
            if let seen { if seen != expected { wrong.append(key) } } else { unknown.append(key) }
        }
        compare("inode", event.inode, inode)
        compare("local_address", event.local?.bytes, local?.bytes)
        compare("local_port", event.local?.port, local?.port)
        compare("remote_address", event.remote?.bytes, remote?.bytes)
        compare("remote_port", event.remote?.port, remote?.port)
        return (wrong, unknown)
    }
}

extension SocketAddress {
    fileprivate var bytes: [UInt8] { (0..<count).map { self[$0] } }
}
