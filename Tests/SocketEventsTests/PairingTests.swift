internal import SocketEvents
import ProbeContract
import Testing
import TraceTestSupport

/// Entries and returns find each other, or are told apart.
@Suite struct PairingTests {
    @Test func `An entry on one CPU and its return on another are one operation`() throws {
        var trace = TraceScript()
        trace.enter(.recvmsg, .tcp, size: 100)
        trace.cpu = 1
        trace.leave(.recvmsg, 9)
        let told = try trace.told(.receive)
        #expect(told.lines == ["receive tcp 9 recvmsg"])
        #expect(told.events.first?.cpu == 1)
        #expect(told.events.first?.duration == 10)
    }

    @Test func `Tasks that interleave do not mix`() throws {
        var trace = TraceScript(cpus: 3)
        for tid in [11, 12, 13] as [Int32] {
            trace.tid = tid
            trace.cpu = Int(tid) % 3
            trace.enter(.recvmsg, .tcp, size: Int64(tid))
        }
        for tid in [12, 13, 11] as [Int32] {
            trace.tid = tid
            trace.cpu = Int(tid + 1) % 3
            trace.leave(.recvmsg, Int64(tid * 10))
        }
        let events = try trace.told(.receive).events
        #expect(events.map(\.tid) == [12, 13, 11])
        #expect(events.map(\.size) == [120, 130, 110])
    }

    // MARK: Returns that the kernel missed

    @Test func `After a missed return the next call on the same socket is told rightly`() throws {
        var trace = TraceScript()
        trace.enter(.recvmsg, .tcp, size: 1)
        trace.pass(.recvmsg, .tcp, size: 2, 22)
        let told = try trace.told(.recvmsg, .receive)
        #expect(told.lines == ["recvmsg tcp 1", "recvmsg tcp 2", "receive tcp 22 recvmsg"])
        #expect(told.events.last?.duration == 10)
        #expect(told.statistics.missedReturns == 1)
    }

    @Test func `After a missed return the next call on another socket is told rightly`() throws {
        var trace = TraceScript()
        trace.enter(.recvmsg, .tcp, size: 1)
        trace.pass(.recvmsg, .udp, size: 2, 22)
        trace.pass(.recvmsg, .tcp, size: 3, 33)
        let told = try trace.told(.receive)
        #expect(told.lines == ["receive udp 22 recvmsg", "receive tcp 33 recvmsg"])
        #expect(told.statistics.missedReturns == 1)
        #expect(told.statistics.unfinished == 0)
    }

    @Test(arguments: [FrameRole.sysSendmsg, .writeIter, .sysRecvmsg, .readIter])
    func `A function that system calls call shows that all before it is over`(role: FrameRole) throws {
        var trace = TraceScript()
        trace.enter(.sendmsg, .tcp, size: 1)
        trace.enter(.recvmsg, .udp, size: 1)
        trace.pass(role, .unix, size: 2, 22)
        let told = try trace.told(.send, .receive)
        #expect(told.events.map(\.socket) == [ScriptedSocket.unix.address])
        #expect(told.statistics.missedReturns == 2)
    }

    @Test func `A missed return inside is made good by the return around it`() throws {
        var trace = TraceScript()
        trace.enter(.writeIter, .tcp, size: 64)
        trace.enter(.sendmsg, .tcp, size: 64)
        trace.leave(.writeIter, 64)
        trace.pass(.sendmsg, .tcp, size: 5, 5)
        let told = try trace.told(.send)
        #expect(told.lines == ["send tcp 64 aio_write", "send tcp 5 sendmsg"])
        // No operation lacks its conclusion.
        #expect(told.statistics.missedReturns == 0)
    }

    @Test func `A missed return around it does not make the next send a part of it`() throws {
        var trace = TraceScript()
        trace.enter(.writeIter, .tcp, size: 64)
        trace.pass(.sendmsg, .tcp, size: 64, 64)
        trace.pass(.sendmsg, .tcp, size: 5, 5)
        let told = try trace.told(.send)
        #expect(told.lines == ["send tcp 5 sendmsg"])
        #expect(told.statistics.missedReturns == 1)
    }

    @Test func `A missed return of writev does not make the next write one`() throws {
        var trace = TraceScript()
        trace.enter(.writev)
        trace.pass(.writeIter, .tcp, size: 64, 64)
        trace.pass(.writeIter, .tcp, size: 5, 5)
        trace.enter(.readv)
        trace.pass(.readIter, .tcp, size: 64, 64)
        trace.pass(.readIter, .tcp, size: 5, 5)
        #expect(
            try trace.told(.send, .receive).lines == [
                "send tcp 64 writev", "send tcp 5 aio_write", "receive tcp 64 readv", "receive tcp 5 aio_read",
            ])
    }

    @Test func `Missed returns do not pile up without end`() throws {
        var trace = TraceScript()
        for number in 0..<1_000 {
            var socket = ScriptedSocket.tcp
            socket.address += UInt64(number) * 64
            trace.enter(.recvmsg, socket, size: 1)
            trace.enter(.sendmsg, .unix, size: 1)
            trace.pass(.protoSendmsg, .unix, size: 1, 1)
            trace.leave(.sendmsg, 1)
        }
        trace.pass(.recvmsg, .udp, size: 2, 2)
        let told = try trace.told(.send, .receive)
        #expect(told.lines == Array(repeating: "send unix 1 sendmsg", count: 1_000) + ["receive udp 2 recvmsg"])
        #expect(told.statistics.missedReturns + told.statistics.unfinished >= 1_000)
        #expect(told.statistics.unfinished < 100)
    }

    // MARK: Attach and detach

    @Test func `Returns without an entry at attach are one operation, however many functions it was in`() throws {
        var trace = TraceScript()
        trace.leave(.recvmsg, 5)
        trace.leave(.sysRecvmsg, 5)
        trace.pass(.recvmsg, .tcp, size: 1, 1)
        trace.tid = 9
        trace.leave(.recvmsg, 5)
        let told = try trace.told(.receive)
        #expect(told.lines == ["receive tcp 1 recvmsg"])
        #expect(told.statistics.begunBeforeTrace == 2)
        #expect(told.statistics.unpairedReturns == 0)
    }

    @Test func `An operation entered before the beginning is counted and not told`() throws {
        var trace = TraceScript()
        trace.enter(.recvmsg, .tcp, size: 1)
        let begin = trace.time + 1
        trace.call(.close, .unix)
        trace.time = begin
        trace.leave(.recvmsg, 1)
        trace.pass(.recvmsg, .udp, size: 2, 2)
        let told = try trace.told(begin: begin + 10)
        #expect(told.lines == ["recvmsg udp 2", "recvmsg.return udp 2", "receive udp 2 recvmsg"])
        #expect(told.statistics.begunBeforeTrace == 1)
    }

    @Test func `A task born in the trace is told from its first operation on`() throws {
        var trace = TraceScript()
        trace.fork(8, comm: "child")
        trace.tid = 8
        trace.pass(.recvmsg, .tcp, size: 1, 1)
        #expect(try trace.told(.receive, begin: 1_000_000).lines == ["receive tcp 1 recvmsg"])
    }

    @Test func `Operations open at the end are counted, once each`() throws {
        var trace = TraceScript()
        trace.enter(.readIter, .tcp, size: 1)
        trace.enter(.recvmsg, .tcp, size: 1)
        trace.tid = 8
        trace.enter(.recvmsg, .udp, size: 1)
        trace.tid = 9
        trace.enter(.sysRecvfrom, size: 1)
        trace.tid = 10
        trace.enter(.readv)
        let told = try trace.told(.receive)
        #expect(told.lines == [])
        #expect(told.statistics.unfinished == 2)
    }

    // MARK: Batches

    @Test(arguments: [1, 7, 512])
    func `Batches of any size give the same`(capacity: Int) throws {
        var random = SeededGenerator(seed: 11)
        let trace = TraceScript.random(records: 3_000, using: &random)
        let whole = try trace.told(capacity: 100_000)
        #expect(whole.items.count > 500)
        for pages in [1, 2, 7] {
            let told = try trace.told(capacity: capacity, pagesAtOnce: pages)
            #expect(told.items == whole.items)
            #expect(told.statistics == whole.statistics)
        }
    }

    @Test func `What a decoder tells is in the order of time`() throws {
        var random = SeededGenerator(seed: 12)
        let trace = TraceScript.random(records: 3_000, using: &random)
        let times = try trace.told(.send, .receive, .sendmsgReturn, .closeReturn).events.map(\.time)
        #expect(times.count > 50)
        #expect(times == times.sorted())
    }
}
