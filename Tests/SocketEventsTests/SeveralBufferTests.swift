import ProbeContract
import SocketEvents
import Testing
import TraceTestSupport

/// A file with more than one ring buffer. Each stream of a script stands for a buffer here.
@Suite struct SeveralBufferTests {
    /// The same in two buffers, a little later in the second.
    private func doubled(_ trace: inout TraceScript, _ step: (inout TraceScript) -> Void) {
        for buffer in 0...1 as ClosedRange<Int> {
            trace.cpu = buffer
            step(&trace)
        }
    }

    @Test func `An event that two buffers have is told once, and no return is missed`() throws {
        var trace = TraceScript()
        doubled(&trace) { $0.fork(8, comm: "child") }
        for tid in [7, 8] as [Int32] {
            trace.tid = tid
            for size in 1...20 as ClosedRange<Int64> {
                doubled(&trace) { $0.enter(.sendmsg, .tcp, size: size) }
                doubled(&trace) { $0.leave(.sendmsg, size) }
            }
        }
        let told = try trace.told(.send, buffers: [0, 1])
        #expect(told.lines == (0..<2).flatMap { _ in (1...20).map { "send tcp \($0) sendmsg" } })
        #expect(told.statistics.missedReturns == 0 && told.statistics.unfinished == 0)
        #expect(told.statistics.unpairedReturns == 0 && told.statistics.uncertainPairs == 0)
        #expect(told.repetitions == [0, 81])
    }

    @Test func `Events of which each buffer has its own are all told`() throws {
        var trace = TraceScript()
        trace.pass(.sendmsg, .tcp, size: 5, 5)
        trace.cpu = 1
        trace.pass(.recvmsg, .tcp, size: 9, 3)
        trace.cpu = 0
        trace.pass(.sendmsg, .tcp, size: 6, 6)
        let told = try trace.told(.send, .receive, buffers: [0, 1])
        #expect(told.events.map(\.size) == [5, 3, 6])
        #expect(told.repetitions == [0, 0])
    }
}
