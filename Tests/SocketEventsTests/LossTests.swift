internal import ProbeContract
import SocketEvents
import Testing
import TraceTestSupport

/// Where records are missing, what is told is right or unknown.
@Suite struct LossTests {
    @Test func `A loss is told in its place with its CPU and number`() throws {
        var trace = TraceScript()
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        trace.cpu = 1
        trace.lose(312)
        trace.pass(.sysSendmsg, .tcp, size: 2, 2)
        trace.lose(nil)
        trace.pass(.sysSendmsg, .tcp, size: 3, 3)
        let told = try trace.told(.send)
        // CPU 1 wrote nothing before its loss, so records may be missing from the very beginning.
        #expect(
            told.lines == ["lost 1 312", "send ? 1 ?", "send tcp 2 sendmsg", "lost 1 ?", "send tcp 3 sendmsg"])
        #expect(told.statistics.lostRecords == 312)
        #expect(told.statistics.uncountedLosses == 1)
    }

    @Test(arguments: [0, 1])
    func `A loss between entry and return, on any CPU, makes the arguments unknown`(cpu: Int) throws {
        var trace = TraceScript()
        trace.cpu = 1
        trace.pass(.sendmsg, .udp, size: 1, 1)
        trace.cpu = 0
        trace.enter(.recvmsg, .tcp, size: 100)
        trace.cpu = cpu
        trace.lose(2)
        trace.tid = 9
        trace.pass(.sysSendmsg, .unix, size: 1, 1)
        trace.tid = 7
        trace.cpu = 0
        trace.leave(.recvmsg, 9)
        let told = try trace.told(.receive)
        let event = try #require(told.events.last)
        #expect(told.events.count == 1)
        #expect(event.size == 9)
        #expect(event.success == true)
        #expect(event.socket == nil)
        #expect(event.protocol == nil)
        #expect(event.via == nil)
        #expect(event.duration == nil)
        #expect(told.statistics.uncertainPairs == 1)
    }

    @Test func `An operation between a loss and the CPU's next record is uncertain`() throws {
        var trace = TraceScript()
        trace.cpu = 1
        trace.pass(.sendmsg, .udp, size: 1, 1)
        trace.lose(2)
        trace.cpu = 0
        trace.pass(.sysRecvmsg, .tcp, size: 100, 9)
        trace.cpu = 1
        trace.tid = 9
        trace.pass(.sysSendmsg, .udp, size: 1, 1)
        trace.cpu = 0
        trace.tid = 7
        trace.pass(.sysRecvmsg, .tcp, size: 100, 8)
        // The first record after the loss ends the time in which records may be missing.
        #expect(
            try trace.told(.receive).lines
                == ["lost 1 2", "receive ? 9 ?", "receive tcp 8 recvmsg"])
    }

    @Test func `A return whose entry was lost is counted and not told`() throws {
        var trace = TraceScript()
        trace.pass(.sysRecvmsg, .tcp, size: 1, 1)
        trace.lose(1)
        trace.leave(.recvmsg, 5)
        trace.leave(.sysRecvmsg, 5)
        let told = try trace.told(.receive)
        #expect(told.lines == ["receive tcp 1 recvmsg", "lost 0 1"])
        #expect(told.statistics.unpairedReturns == 1)
        #expect(told.statistics.begunBeforeTrace == 0)
    }

    @Test func `A call whose outer function's entry was lost does not claim a way it did not take`() throws {
        var trace = TraceScript()
        trace.pass(.writeIter, .tcp, size: 1, 1)
        trace.lose(1)
        // The entry of writev is missing.
        trace.pass(.writeIter, .tcp, size: 64, 64)
        trace.leave(.writev)
        trace.pass(.writeIter, .tcp, size: 2, 2)
        #expect(
            try trace.told(.send, .aioWrite).lines == [
                "aio_write tcp 1", "send tcp 1 aio_write", "lost 0 1", "send tcp 64 ?", "aio_write tcp 2",
                "send tcp 2 aio_write",
            ])
    }

    @Test func `A writev whose return may be lost does not claim the next write`() throws {
        var trace = TraceScript()
        trace.enter(.writev)
        trace.lose(1)
        trace.pass(.writeIter, .tcp, size: 64, 64)
        #expect(try trace.told(.send, .aioWrite, .writev).lines == ["lost 0 1", "send tcp 64 ?"])
    }

    @Test func `A task that is born after a loss is told as if there had been none`() throws {
        var trace = TraceScript()
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        trace.lose(1)
        trace.fork(8, comm: "child")
        trace.tid = 8
        trace.pass(.writeIter, .tcp, size: 1, 1)
        #expect(try trace.told(.send, .aioWrite).lines.suffix(2) == ["aio_write tcp 1", "send tcp 1 aio_write"])
    }

    @Test func `Numbers of lost records that add up to more than 64 bits stay at the largest`() throws {
        var trace = TraceScript()
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        trace.lose(.max)
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        trace.lose(.max)
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        let told = try trace.told(.send)
        #expect(told.lines.filter { $0.hasPrefix("lost") } == ["lost 0 \(UInt64.max)", "lost 0 \(UInt64.max)"])
        #expect(told.statistics.lostRecords == .max)
    }

    @Test func `However many records are lost, no pair is wrong`() throws {
        // Each operation has a socket, a size and a result of its own, so a wrong pair shows.
        for seed in 0..<30 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var trace = TraceScript()
            var results: [UInt64: Int64] = [:]
            var routes: [Int64: Route] = [:]
            var isLosing = [false, false]
            for number in 1...400 as ClosedRange<Int64> {
                var socket = ScriptedSocket.tcp
                socket.address = UInt64(0x1000 + number % 5 * 64)
                socket.state = Int(number)
                results[UInt64(number)] = number
                let isVector = Bool.random(using: &random)
                routes[number] = isVector ? .readv : .aioRead
                trace.tid = Int32.random(in: 1...3, using: &random)
                var steps: [(inout TraceScript) -> Void] = [
                    { $0.enter(.readIter, socket, size: number) }, { $0.enter(.recvmsg, socket, size: number) },
                    { $0.leave(.recvmsg, number) }, { $0.leave(.readIter, number) },
                ]
                if isVector { steps = [{ $0.enter(.readv) }] + steps + [{ $0.leave(.readv) }] }
                for step in steps {
                    trace.cpu = Int.random(in: 0...1, using: &random)
                    let loses = UInt8.random(in: 0..<20, using: &random) == 0
                    if loses || (isLosing[trace.cpu] && Bool.random(using: &random)) {
                        isLosing[trace.cpu] = true
                        trace.time += 10
                        continue
                    }
                    if isLosing[trace.cpu] { trace.lose(nil) }
                    isLosing[trace.cpu] = false
                    step(&trace)
                }
            }
            let events = try trace.told(.receive).events
            #expect(events.count > 50)
            for event in events {
                guard let state = event.state else { continue }
                #expect(event.size == Int64(state), "seed \(seed)")
                if let via = event.via { #expect(via == routes[Int64(state)], "seed \(seed) \(event)") }
            }
        }
    }
}
