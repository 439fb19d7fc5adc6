import RingBuffer
import SocketEvents
import ProbeContract
import Testing
import TraceTestSupport

/// One message, one event, whatever functions it passes.
@Suite struct RouteTests {
    @Test func `A send is told once, with its entry and its return`() throws {
        var trace = TraceScript()
        trace.enter(.sendmsg, .tcp, size: 64)
        trace.leave(.sendmsg, 64)
        #expect(try trace.told().lines == ["sendmsg tcp 64", "sendmsg.return tcp 64", "send tcp 64 sendmsg"])
    }

    @Test func `All that the entry knew is told at the return`() throws {
        var trace = TraceScript()
        trace.cpu = 1
        trace.enter(.sendmsg, .udp, size: 100)
        trace.time += 3_000
        trace.leave(.sendmsg, -11)
        let event = try #require(try trace.told(.send).events.first)
        var expected = SocketEvent(alias: .send, time: 4_020, cpu: 1, tid: 7)
        expected.socket = ScriptedSocket.udp.address
        expected.size = -11
        expected.protocol = 17
        expected.family = 2
        expected.state = 3
        expected.type = 2
        expected.flags = 0x20
        expected.success = false
        expected.via = .sendmsg
        expected.duration = 3_010
        #expect(event == expected)
        #expect(event.errorNumber == 11)
    }

    @Test(arguments: [ByteOrder.little, .big])
    func `Members that were fetched at once are told as if each had been fetched by itself`(order: ByteOrder) throws {
        func story(packed: Bool) throws -> [SocketEvent] {
            var trace = TraceScript(byteOrder: order)
            trace.packs = packed
            trace.pass(.sendmsg, .udp, size: 100, 100)
            trace.pass(.writeIter, .unix, size: 5, -32)
            trace.pass(.close, .bare, 0)
            return try trace.told(.send, .aioWrite, .close).events
        }
        let events = try story(packed: true)
        #expect(events.count == 4)
        #expect(events.allSatisfy { $0.state == 3 && $0.flags == 0x20 && $0.type != nil })
        #expect(events == (try story(packed: false)))
    }

    @Test func `A write that passes three functions is one message by way of write`() throws {
        var trace = TraceScript()
        trace.enter(.writeIter, .tcp, size: 64)
        trace.enter(.sendmsg, .tcp, size: 64)
        trace.call(.protoSendmsg, .tcp, size: 64)
        trace.leave(.sendmsg, 60)
        trace.leave(.writeIter, 60)
        #expect(
            try trace.told(.send, .aioWrite, .aioWriteReturn, .sendmsg, .sendmsgReturn).lines
                == ["aio_write tcp 64", "aio_write.return tcp 60", "send tcp 60 aio_write"])
    }

    @Test func `A writev is one message by way of writev`() throws {
        var trace = TraceScript()
        trace.enter(.writev)
        trace.enter(.writeIter, .tcp, size: 64)
        trace.enter(.sendmsg, .tcp, size: 64)
        trace.leave(.sendmsg, 64)
        trace.leave(.writeIter, 64)
        trace.leave(.writev)
        trace.pass(.writeIter, .tcp, size: 5, 5)
        #expect(
            try trace.told(.send, .aioWrite, .writev, .writevReturn).lines == [
                "writev tcp 64", "writev.return tcp 64", "send tcp 64 writev", "aio_write tcp 5",
                "send tcp 5 aio_write",
            ])
    }

    @Test func `A writev to a file says nothing of a later write to a socket`() throws {
        var trace = TraceScript()
        trace.enter(.writev)
        trace.leave(.writev)
        trace.pass(.writeIter, .tcp, size: 5, 5)
        #expect(try trace.told(.send).lines == ["send tcp 5 aio_write"])
    }

    @Test func `A read and a readv are one message each`() throws {
        var trace = TraceScript()
        trace.enter(.readIter, .unix, size: 10)
        trace.enter(.recvmsg, .unix, size: 10)
        trace.leave(.recvmsg, 0)
        trace.leave(.readIter, 0)
        trace.enter(.readv)
        trace.enter(.readIter, .unix, size: 20)
        trace.enter(.recvmsg, .unix, size: 20)
        trace.leave(.recvmsg, 7)
        trace.leave(.readIter, 7)
        trace.leave(.readv)
        #expect(
            try trace.told(.receive, .aioRead, .readv).lines
                == ["aio_read unix 10", "receive unix 0 aio_read", "readv unix 20", "receive unix 7 readv"])
    }

    @Test func `Each message of sendmmsg is told, also where the inner function is left out`() throws {
        var trace = TraceScript()
        trace.enter(.sysSendmsg, .udp, size: 10)
        trace.enter(.sendmsg, .udp, size: 10)
        trace.leave(.sendmsg, 10)
        trace.leave(.sysSendmsg, 10)
        trace.pass(.sysSendmsg, .udp, size: 20, 20)
        trace.pass(.sysSendmsg, .udp, size: 30, -90)
        let told = try trace.told(.send)
        #expect(told.lines == ["send udp 10 sendmsg", "send udp 20 sendmsg", "send udp -90 sendmsg"])
        #expect(told.statistics.missedReturns == 0)
    }

    @Test func `A splice out of a socket is one message, however many reads it takes`() throws {
        var trace = TraceScript()
        trace.enter(.spliceRead, .tcp, size: 100)
        for _ in 0..<3 {
            trace.enter(.readIter, .tcp, size: 50)
            trace.pass(.recvmsg, .tcp, size: 50, 20)
            trace.leave(.readIter, 20)
        }
        trace.leave(.spliceRead, 60)
        let told = try trace.told(.receive, .aioRead, .recvmsg)
        #expect(told.lines == ["receive tcp 60 splice"])
        #expect(told.statistics.missedReturns == 0)
    }

    @Test func `Each message of a splice into a socket is told as spliced`() throws {
        var trace = TraceScript()
        trace.enter(.spliceToSocket)
        trace.pass(.sendmsg, .tcp, size: 50, 50)
        trace.pass(.sendmsg, .tcp, size: 20, 20)
        trace.leave(.spliceToSocket)
        trace.pass(.sendmsg, .tcp, size: 7, 7)
        #expect(
            try trace.told(.send, .sendmsg).lines
                == ["send tcp 50 splice", "send tcp 20 splice", "sendmsg tcp 7", "send tcp 7 sendmsg"])
    }

    @Test func `A sendpage is one message, however often it sends`() throws {
        var trace = TraceScript()
        trace.enter(.sendpage, .unix, size: 100)
        trace.pass(.sendmsg, .unix, size: 50, 50)
        trace.pass(.sendmsg, .unix, size: 50, 50)
        trace.leave(.sendpage, 100)
        #expect(try trace.told(.send).lines == ["send unix 100 sendpage"])
    }

    @Test func `Iterations are told by name, inside and outside of other calls`() throws {
        var trace = TraceScript()
        trace.enter(.writev)
        trace.pass(.writeIter, .tcp, size: 8, 8)
        trace.leave(.writev)
        trace.enter(.spliceRead, .tcp, size: 9)
        trace.pass(.readIter, .tcp, size: 9, -11)
        trace.leave(.spliceRead, -11)
        #expect(
            try trace.told(.writeIter, .writeIterReturn, .readIter, .readIterReturn).lines == [
                "write_iter tcp 8", "write_iter.return tcp 8", "read_iter tcp 9", "read_iter.return tcp -11",
            ])
    }

    @Test(arguments: [
        (FrameRole.recvmsg, "recvmsg tcp 512"), (.sysRecvmsg, "recvmsg tcp 512"), (.readIter, "aio_read tcp 512"),
    ])
    func `The size at an entry is what was asked for`(role: FrameRole, line: String) throws {
        var trace = TraceScript()
        trace.pass(role, .tcp, size: 512, 3)
        #expect(try trace.told(.recvmsg, .aioRead).lines == [line])
    }

    @Test func `Where the function that tells a write is not probed, the way of a message is unknown`() throws {
        var trace = TraceScript()
        trace.unprobed = [.writeIter]
        trace.pass(.sendmsg, .tcp, size: 64, 64)
        trace.enter(.sysSendto, size: 5)
        trace.enter(.sendmsg, .tcp, size: 5)
        trace.leave(.sendmsg, 5)
        trace.leave(.sysSendto, 5)
        #expect(
            try trace.told(.send, .sendmsg, .aioWrite).lines == [
                "send tcp 64 ?", "sendmsg tcp 5", "send tcp 5 sendmsg",
            ])
    }

    @Test func `Where the mark of vectors is not probed, a write may be a writev`() throws {
        var trace = TraceScript()
        trace.unprobed = [.writev]
        trace.pass(.writeIter, .tcp, size: 64, 64)
        trace.pass(.readIter, .tcp, size: 64, 64)
        trace.pass(.spliceRead, .tcp, size: 64, 64)
        #expect(
            try trace.told(.send, .receive, .aioWrite, .writeIter).lines
                == ["write_iter tcp 64", "send tcp 64 ?", "receive tcp 64 aio_read", "receive tcp 64 splice"])
    }

    @Test func `An interrupted receive is a failure with the kernel's own number`() throws {
        var trace = TraceScript()
        trace.pass(.recvmsg, .tcp, size: 512, -512)
        let told = try trace.told(.receive)
        #expect(told.lines == ["receive tcp -512 recvmsg"])
        #expect(told.events.first?.success == false)
    }

    // MARK: Kernels where the function with the result does not know the socket

    @Test func `The system call has the result and the protocol brings the socket`() throws {
        var trace = TraceScript()
        trace.enter(.sysSendto, size: 30)
        trace.call(.protoSendmsg, .udp, size: 30)
        trace.leave(.sysSendto, 30)
        trace.enter(.sysRecvfrom, size: 40)
        trace.call(.protoRecvmsg, .udp, size: 40)
        trace.leave(.sysRecvfrom, -11)
        let told = try trace.told()
        #expect(
            told.lines == [
                "sendmsg udp 30", "sendmsg.return udp 30", "send udp 30 sendmsg", "recvmsg udp 40",
                "recvmsg.return udp -11", "receive udp -11 recvmsg",
            ])
        #expect(told.events[2].duration == 20)
        #expect(told.events[2].protocol == 17)
    }

    @Test func `A call that fails before it reaches a socket is none`() throws {
        var trace = TraceScript()
        trace.pass(.sysSendto, size: 30, -9)
        trace.pass(.sysRecvfrom, size: 30, -88)
        let told = try trace.told()
        #expect(told.lines == [])
        #expect(told.statistics.unfinished == 0)
    }

    @Test func `A message of a protocol that sends on another socket to serve the first is two`() throws {
        var trace = TraceScript()
        trace.enter(.sendmsg, .tcp, size: 50)
        trace.pass(.sendmsg, .udp, size: 60, 60)
        trace.pass(.sendmsg, .udp, size: 70, 70)
        trace.leave(.sendmsg, 50)
        let told = try trace.told(.send)
        #expect(told.lines == ["send udp 60 sendmsg", "send udp 70 sendmsg", "send tcp 50 sendmsg"])
        #expect(told.statistics.missedReturns == 0)
    }

    @Test func `The socket of a nested call is not taken for the outer one's`() throws {
        var trace = TraceScript()
        trace.enter(.sysSendto, size: 50)
        trace.call(.protoSendmsg, .tcp, size: 50)
        trace.call(.protoSendmsg, .udp, size: 60)
        trace.leave(.sysSendto, 50)
        #expect(try trace.told(.send).lines == ["send tcp 50 sendmsg"])
    }

    // MARK: Creation and closing

    @Test func `A creation is told with the caller's arguments`() throws {
        var trace = TraceScript()
        trace.enterCreate(family: 17, type: 3, protocol: 768, requester: 1)
        trace.leave(.create, 0)
        let events = try trace.told().events
        #expect(events.map(\.alias) == [.create, .createReturn])
        for event in events {
            #expect([event.family, event.type, event.protocol, event.requester] == [17, 3, 768, 1])
            #expect(event.socket == nil)
        }
        #expect(events[1].err == 0)
        #expect(events[1].success == true)
        #expect(events[1].size == nil)
    }

    @Test func `A creation that fails closes a socket of which nothing is known yet`() throws {
        var trace = TraceScript()
        trace.enterCreate(family: 2, type: 3, protocol: 1)
        trace.pass(.close, .bare, 0)
        trace.leave(.create, -93)
        let told = try trace.told()
        #expect(told.lines == ["create", "close bare", "close.return", "create.return ? -93"])
        #expect(told.events[1].protocol == nil)
        #expect(told.events[1].family == nil)
        #expect(told.events[3].protocol == 1)
        #expect(told.events[3].success == false)
        #expect(told.events[3].errorNumber == 93)
    }

    @Test func `A creation inside a creation is one of its own`() throws {
        var trace = TraceScript()
        trace.enterCreate(family: 43, type: 1)
        trace.enterCreate(family: 2, type: 1, protocol: 6, requester: 1)
        trace.leave(.create, 0)
        trace.leave(.create, -12)
        let told = try trace.told(.createReturn)
        #expect(told.events.map(\.family) == [2, 43])
        #expect(told.lines == ["create.return ? 0", "create.return ? -12"])
    }

    @Test func `Protocol 0 is known where there is a socket behind it`() throws {
        var trace = TraceScript()
        trace.pass(.close, .unix, 0)
        let event = try #require(try trace.told(.close).events.first)
        #expect(event.protocol == 0)
        #expect(event.family == 1)
    }

    @Test func `A close that passes two functions is one`() throws {
        var trace = TraceScript()
        trace.enter(.close, .tcp, function: "sock_release")
        trace.enter(.close, .tcp)
        trace.leave(.close)
        trace.leave(.close, function: "sock_release")
        #expect(try trace.told().lines == ["close tcp", "close.return"])
    }

    @Test func `A close whose return is not probed is told at its entry, once`() throws {
        var trace = TraceScript()
        trace.enter(.close, .tcp, function: "sock_release")
        trace.call(.close, .tcp)
        trace.leave(.close, function: "sock_release")
        trace.call(.close, .udp)
        let told = try trace.told()
        #expect(told.lines == ["close tcp", "close.return", "close udp"])
        #expect(told.statistics.unfinished == 0)
    }

    // MARK: Fields

    @Test func `What this kernel cannot give is unknown`() throws {
        var trace = TraceScript()
        trace.lacking = ["protocol", "flags_N2C3S4Z5", "size"]
        trace.pass(.sendmsg, .tcp, size: 10, 10)
        let events = try trace.told(.sendmsg, .send).events
        #expect(events[0].size == nil)
        #expect(events[1].size == 10)
        #expect(events[1].protocol == nil)
        #expect(events[1].flags == nil)
        #expect(events[1].state == 3)
    }

    @Test func `A null socket makes all behind it unknown`() throws {
        var trace = TraceScript()
        trace.pass(.sendmsg, nil, size: 10, -88)
        let event = try #require(try trace.told(.send).events.first)
        #expect(event.socket == nil)
        #expect(event.family == nil)
        #expect(event.size == -88)
    }

    @Test func `A result that the trace does not have is unknown`() throws {
        var trace = TraceScript()
        trace.lacking = ["ret"]
        trace.pass(.sendmsg, .tcp, size: 10, 10)
        let event = try #require(try trace.told(.send).events.first)
        #expect(event.size == nil)
        #expect(event.success == nil)
    }

    @Test func `A trace of the other byte order tells the same`() throws {
        func script(_ order: ByteOrder) -> TraceScript {
            var trace = TraceScript(byteOrder: order)
            trace.fork(8, comm: "child", isThread: true)
            trace.tid = 8
            trace.enter(.writeIter, .udp, size: 70)
            trace.enter(.sendmsg, .udp, size: 70)
            trace.lose(3)
            trace.leave(.sendmsg, -90)
            trace.leave(.writeIter, -90)
            trace.pass(.recvmsg, .tcp, size: 70, 40)
            return trace
        }
        #expect(try script(.big).told().items == script(.little).told().items)
    }
}
