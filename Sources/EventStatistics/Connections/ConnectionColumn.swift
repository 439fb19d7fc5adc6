internal import EventOutput
internal import SocketEvents
internal import SocketNames

/// The columns that text has for connections, from left to right.
enum ConnectionColumn: CaseIterable {
    case time
    case process
    case direction
    case wait
    case lived
    case sent
    case received
    case retransmits
    case end
    case local
    case peer

    /// What stands above it, its width, whether values end at its right edge, and its rank: of two columns for which there is
    /// not room enough, the one with the smaller rank is shown.
    private var traits: (title: String, width: Int, isRight: Bool, rank: Int) {
        switch self {
        case .time: ("TIME", 16, true, 9)
        case .process: ("PROCESS", 15, false, 0)
        case .direction: ("DIR", 3, false, 3)
        case .wait: ("WAIT", 7, true, 5)
        case .lived: ("LIVED", 7, true, 6)
        case .sent: ("SENT", 7, true, 4)
        case .received: ("RECV", 7, true, 4)
        case .retransmits: ("RETR", 5, true, 8)
        case .end: ("END", 9, false, 2)
        case .local: ("LOCAL", 21, false, 7)
        case .peer: ("PEER", 17, false, 1)
        }
    }

    var title: String { traits.title }
    var width: Int { traits.width }
    var isRight: Bool { traits.isRight }

    /// Those that a terminal has room for; all where there is none.
    static func fitting(_ width: Int?) -> [ConnectionColumn] {
        guard let width else { return allCases }
        var (left, chosen) = (width + 1, Set<ConnectionColumn>())
        for column in allCases.sorted(by: { $0.traits.rank < $1.traits.rank }) where column.width < left {
            chosen.insert(column)
            left -= column.width + 1
        }
        return allCases.filter(chosen.contains)
    }

    /// What it shows of a connection.
    func text(of connection: Connection, time: TimeColumn) -> String {
        switch self {
        case .time: Self.written { $0.append(time: connection.time, as: time, isPrecise: true) }
        case .process:
            (connection.comm.map { name in Self.written { _ = $0.append(text: name) } } ?? "-") + "/"
                + (connection.pid.map { String($0) } ?? "-")
        case .direction: connection.direction?.rawValue ?? "-"
        case .wait: Self.duration(connection.connectLatency ?? connection.backlogWait)
        case .lived: Self.duration(connection.lived)
        case .sent: Self.written { $0.append(bytes: connection.sent.bytes) }
        case .received: Self.written { $0.append(bytes: connection.received.bytes) }
        case .retransmits: connection.details.retransmits.map { String($0) } ?? "-"
        case .end: connection.end.rawValue
        case .local: connection.details.local?.textWithPort(inode: nil) ?? "-"
        case .peer: connection.details.remote?.textWithPort(inode: connection.details.remoteInode) ?? "-"
        }
    }

    private static func duration(_ nanoseconds: UInt64?) -> String {
        nanoseconds.map { value in written { $0.append(duration: value) } } ?? "-"
    }

    private static func written(_ body: (inout OutputBuffer) -> Void) -> String {
        var out = OutputBuffer(capacity: 64)
        body(&out)
        return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
