import SocketEvents
import Testing

@testable import EventStatistics

@Suite("Groups by the ends of sockets")
struct EndGroupTests {
    private func rows(_ items: [TraceItem], by dimension: SummaryDimension) -> [SummaryRow] {
        var options = SummaryOptions()
        options.dimensions = [dimension]
        var summary = EventSummary(options: options)
        let batch = TraceBatch(items)
        summary.add(batch, 0..<batch.eventCount)
        return summary.rows
    }

    private func message(socket: UInt64, local: UInt16, remote: UInt16?, inode: UInt64? = nil) -> TraceItem {
        socketEvent(.send, 1, socket: socket) {
            $0.event.size = 10
            $0.details?.local = .ipv4(10, 0, 0, 2, port: local)
            $0.details?.remote = remote.map { .ipv4(10, 0, 0, 9, port: $0) }
            $0.details?.inode = inode
        }
    }

    @Test("By port: the lower one of both ends, whoever the client is; none of a socket that has none yet")
    func port() {
        let rows = rows(
            [
                message(socket: 1, local: 51234, remote: 443), message(socket: 2, local: 443, remote: 40000),
                message(socket: 3, local: 53, remote: nil), message(socket: 4, local: 0, remote: nil),
            ], by: .port)
        #expect(rows.map(\.port) == [443, 53, nil] && rows.map(\.messages) == [2, 1, 1])
    }

    @Test("By inode, and by the socket that listened, which messages themselves do not tell")
    func sockets() {
        func accepted(_ serial: UInt64, _ listener: UInt64) -> TraceItem {
            socketEvent(.acceptReturn, 1, socket: serial) {
                $0.details?.rawListener = listener
                $0.details?.known.insert(.listener)
            }
        }
        let items = [
            message(socket: 1, local: 80, remote: 1000, inode: 7), accepted(1, 500), accepted(2, 501),
            message(socket: 1, local: 80, remote: 1000, inode: 7),
            message(socket: 2, local: 81, remote: 1000, inode: 8),
            message(socket: 1, local: 80, remote: 1000, inode: 7),
            socketEvent(.close, 2, socket: 1), message(socket: 1, local: 80, remote: 1000),
        ]
        let byInode = rows(items, by: .inode)
        #expect(byInode.map(\.inode) == [7, 8, nil] && byInode.map(\.messages) == [3, 1, 1])
        let byListener = rows(items, by: .listener)
        #expect(byListener.map(\.listener) == [nil, 500, 501] && byListener.map(\.messages) == [2, 2, 1])
    }

    @Test("By control group, and those of no known group apart")
    func controlGroups() {
        let items = [23, 57, nil, 23].enumerated().map { index, cgroup in
            socketEvent(.send, 1, socket: UInt64(index + 1)) { $0.details?.ownership.cgroup = cgroup }
        }
        let rows = rows(items, by: .cgroup)
        #expect(rows.map(\.cgroup) == [23, 57, nil] && rows.map(\.messages) == [2, 1, 1])
    }
}
