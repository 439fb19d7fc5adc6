import ProbeContract
import RingBuffer
import SocketEvents
import Testing
import TraceTestSupport

/// By which descriptor a message goes is what the system call around it says, and nothing else.
@Suite struct DescriptorTests {
    /// A line for each event: its name, and the descriptor.
    private func lines(_ trace: TraceScript, _ aliases: Alias...) throws -> [String] {
        try trace.told(aliases[0], aliases.last ?? aliases[0]).items.compactMap { item in
            guard case .event(let event) = item else { return nil }
            let name = event.alias.name.description.dropFirst("socket.".count)
            return "\(name) \(event.descriptor.map { "\($0)" } ?? "?")"
        }
    }

    @Test(arguments: [ByteOrder.little, .big])
    func `A message goes by the descriptor of its call`(order: ByteOrder) throws {
        var trace = TraceScript(byteOrder: order)
        trace.enter(call: .sendto, by: 5)
        trace.pass(.sendmsg, .tcp, size: 10, 10)
        trace.leave(call: .sendto, 10)
        trace.enter(call: .recvmsg, by: 6)
        trace.enter(.sysRecvmsg, .udp, size: 10)
        trace.pass(.recvmsg, .udp, size: 10, 7)
        trace.leave(.sysRecvmsg, 7)
        trace.leave(call: .recvmsg, 7)
        trace.enter(call: .write, by: 7)
        trace.enter(.writeIter, .tcp, size: 3)
        trace.pass(.sendmsg, .tcp, size: 3, 3)
        trace.leave(.writeIter, 3)
        trace.leave(call: .write, 3)
        #expect(try lines(trace, .send, .receive) == ["send 5", "receive 6", "send 7"])
    }

    @Test func `All messages of one sendmmsg go by one descriptor`() throws {
        var trace = TraceScript()
        trace.enter(call: .sendmmsg, by: 9)
        for _ in 0..<3 {
            trace.enter(.sysSendmsg, .udp, size: 10)
            trace.pass(.sendmsg, .udp, size: 10, 10)
            trace.leave(.sysSendmsg, 10)
        }
        trace.leave(call: .sendmmsg, 3)
        let told = try trace.told(.send)
        #expect(try lines(trace, .send) == ["send 9", "send 9", "send 9"])
        #expect(told.statistics.missedReturns == 0)
    }

    @Test func `What io_uring sends after a call has no descriptor`() throws {
        var trace = TraceScript()
        trace.enter(call: .sendto, by: 5)
        trace.pass(.sendmsg, .tcp, size: 10, 10)
        trace.leave(call: .sendto, 10)
        trace.pass(.sendmsg, .tcp, size: 10, 10)
        #expect(try lines(trace, .send) == ["send 5", "send ?"])
    }

    @Test func `What the kernel sends while a file is written has no descriptor`() throws {
        var trace = TraceScript()
        trace.enter(call: .write, by: 4)
        trace.pass(.sendmsg, .tcp, size: 100, 100)
        trace.leave(call: .write, 10)
        // Another socket serves the one that the call is about.
        trace.enter(call: .sendto, by: 5)
        trace.enter(.sendmsg, .udp, size: 10)
        trace.pass(.sendmsg, .tcp, size: 20, 20)
        trace.leave(.sendmsg, 10)
        trace.pass(.sendmsg, .unix, size: 30, 30)
        trace.leave(call: .sendto, 10)
        #expect(try lines(trace, .send) == ["send ?", "send ?", "send 5", "send ?"])
    }

    @Test func `A call without a message says nothing of the next one`() throws {
        var trace = TraceScript()
        trace.enter(call: .read, by: 3)
        trace.leave(call: .read, 100)
        trace.enter(call: .sendto, by: -1)
        trace.leave(call: .sendto, -9)
        trace.pass(.readIter, .tcp, size: 10, 10)
        // Its return is missed.
        trace.enter(call: .sendto, by: 5)
        trace.enter(call: .sendmsg, by: 6)
        trace.enter(.sysSendmsg, .udp, size: 10)
        trace.leave(.sysSendmsg, 10)
        trace.leave(call: .sendmsg, 10)
        #expect(try lines(trace, .send, .receive) == ["receive ?", "send 6"])
    }

    @Test func `After a loss the descriptor is unknown until the next call`() throws {
        var trace = TraceScript(cpus: 1)
        trace.enter(call: .sendto, by: 5)
        trace.lose(3)
        trace.pass(.sendmsg, .tcp, size: 10, 10)
        trace.leave(call: .sendto, 10)
        trace.enter(call: .sendto, by: 6)
        trace.pass(.sendmsg, .tcp, size: 10, 10)
        trace.leave(call: .sendto, 10)
        #expect(try lines(trace, .send) == ["send ?", "send 6"])
    }

    @Test func `Calls that have begun and reach no socket are no operations`() throws {
        var trace = TraceScript()
        trace.leave(call: .read, 1)
        trace.enter(call: .read, by: 0)
        let told = try trace.told()
        #expect(told.items.isEmpty)
        #expect(told.statistics.unfinished == 0 && told.statistics.begunBeforeTrace == 0)
    }
}
