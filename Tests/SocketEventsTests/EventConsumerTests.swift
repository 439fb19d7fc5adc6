import SocketEvents
import Testing

/// How a batch is passed on.
@Suite struct EventConsumerTests {
    private struct Witness: EventConsumer, ~Copyable {
        var seen: [String] = []
        var isOver: Bool { false }

        mutating func begin() { seen.append("begin") }
        mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
            seen.append("\(source): " + events.map { "\(batch[$0].time)" }.joined(separator: " "))
        }
        mutating func lost(_ loss: TraceBatch.Loss, of source: Int) { seen.append("\(source): lost \(loss.cpu)") }
        mutating func flush() { seen.append("flush") }
        mutating func end() { seen.append("end") }
    }

    private func event(_ time: UInt64) -> TraceItem { .plain(SocketEvent(alias: .send, time: time, cpu: 0, tid: 1)) }

    @Test func `Events come in runs between the losses, all in their order`() {
        let batch = TraceBatch([
            .lost(cpu: 1, count: nil), event(1), event(2), .lost(cpu: 2, count: 1), .lost(cpu: 3, count: 1), event(3),
            .lost(cpu: 4, count: 1),
        ])
        var witness = Witness()
        witness.take(batch, of: 7)
        #expect(
            witness.seen == ["7: lost 1", "7: 1 2", "7: lost 2", "7: lost 3", "7: 3", "7: lost 4"])
        witness.seen = []
        witness.take(batch, .init(events: 1..<3, losses: 1..<2), of: 0)
        #expect(witness.seen == ["0: 2", "0: lost 2", "0: 3"])
        witness.seen = []
        witness.take(TraceBatch(), of: 0)
        #expect(witness.seen.isEmpty)
    }
}
