internal import ProbeContract
import SocketEvents
import Testing
import TraceTestSupport

/// Whose operation it was.
@Suite struct TaskTests {
    private func who(_ told: ToldTrace) -> [String] {
        told.events.map { event in
            "\(event.pid.map(String.init) ?? "?")/\(event.tid) \(event.comm.map(\.description) ?? "?")"
        }
    }

    @Test func `Of a task that nobody knew only the thread is known`() throws {
        var trace = TraceScript()
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        #expect(who(try trace.told(.send)) == ["?/7 ?"])
    }

    @Test func `Tasks known from the beginning have their process and name`() throws {
        var trace = TraceScript()
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        let known = [
            KnownTask(tid: 7, tgid: 5, name: TaskName("server".utf8)), KnownTask(tid: 7, tgid: 0, name: nil),
            KnownTask(tid: -7, tgid: 5, name: nil), KnownTask(tid: 0, tgid: 0, name: nil),
        ]
        #expect(who(try trace.told(.send, known: known)) == ["5/7 server"])
    }

    @Test func `The command that was recorded is known by its number where its birth is missing`() throws {
        var trace = TraceScript()
        trace.tid = 8
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        trace.fork(9, comm: "child")
        trace.tid = 9
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        trace.tid = 20
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        // The number is given again, to a child of somebody else.
        trace.fork(8, comm: "later")
        trace.tid = 8
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        let scope = TaskScope(
            processes: nil, followsChildren: false, tracer: 5, followsTracersChildren: true, command: 8)
        let known = [KnownTask(tid: 8, tgid: 8, name: nil)]
        #expect(who(try trace.told(.send, scope: scope, known: known)) == ["8/8 ?", "9/9 child"])
    }

    @Test func `Where the kernel left others out a task of which nothing is known is the command's`() throws {
        var trace = TraceScript()
        for tid in [8, 20, 5, 6] as [Int32] {
            trace.tid = tid
            trace.pass(.sendmsg, .tcp, size: 1, 1)
        }
        let scope = TaskScope(
            processes: nil, followsChildren: false, tracer: 5, followsTracersChildren: true, command: nil,
            othersAreLeftOut: true)
        // The recorder's own process, and a thread of the kernel's, are never left out by it.
        let known = [KnownTask(tid: 5, tgid: 5, name: nil), KnownTask(tid: 6, tgid: 6, name: nil)]
        #expect(who(try trace.told(.send, scope: scope, known: known)) == ["?/8 ?", "?/20 ?"])
    }

    @Test func `A thread belongs to its parent's process and a process to itself`() throws {
        var trace = TraceScript()
        trace.fork(8, comm: "process")
        trace.tid = 8
        trace.fork(9, comm: "thread", isThread: true)
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        trace.tid = 9
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        #expect(who(try trace.told(.send)) == ["8/8 process", "8/9 thread"])
    }

    @Test func `A thread of a process that nobody knows has no known process`() throws {
        var trace = TraceScript()
        trace.fork(9, comm: "thread", isThread: true)
        trace.tid = 9
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        #expect(who(try trace.told(.send)) == ["?/9 thread"])
    }

    @Test func `A task has the name that it had at that moment`() throws {
        var trace = TraceScript()
        trace.fork(8, comm: "shell")
        trace.tid = 8
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        trace.rename(Array("curl".utf8))
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        trace.tid = 20
        trace.rename(Array("fifteen-letters-and-more".utf8), of: 8)
        trace.tid = 8
        trace.pass(.sendmsg, .tcp, size: 1, 1)
        #expect(who(try trace.told(.send)) == ["8/8 shell", "8/8 curl", "8/8 fifteen-letters"])
    }

    @Test func `A number used again is another task`() throws {
        var trace = TraceScript()
        trace.fork(8, comm: "first")
        trace.tid = 8
        trace.enter(.recvmsg, .tcp, size: 1)
        trace.tid = 7
        trace.fork(8, comm: "second")
        trace.tid = 8
        trace.leave(.recvmsg, 5)
        trace.pass(.recvmsg, .udp, size: 2, 2)
        let told = try trace.told(.receive)
        #expect(told.lines == ["receive udp 2 recvmsg"])
        #expect(who(told) == ["8/8 second"])
        #expect(told.statistics.missedReturns == 1)
    }

    @Test func `What an interrupt does is not the interrupted task's`() throws {
        var trace = TraceScript()
        trace.enter(.sendmsg, .tcp, size: 1)
        trace.context = 0x10
        trace.pass(.sendmsg, .udp, size: 2, 2)
        trace.context = 0x08
        trace.enter(.close, .unix)
        trace.context = 0
        trace.leave(.sendmsg, 1)
        trace.tid = 8
        trace.context = 0x10
        trace.pass(.sendmsg, .unix, size: 3, 3)
        let told = try trace.told(
            .send, known: [KnownTask(tid: 7, tgid: 7, name: nil), KnownTask(tid: 8, tgid: 8, name: nil)])
        #expect(told.lines == ["send udp 2 sendmsg", "send tcp 1 sendmsg", "send unix 3 sendmsg"])
        #expect(who(told) == ["?/0 ?", "7/7 ?", "?/0 ?"])
    }

    @Test func `A probe that is a breakpoint is the task's own, though the kernel handles it like an interrupt`() throws
    {
        var trace = TraceScript()
        trace.context = 0x48
        trace.enter(.sendmsg, .tcp, size: 1)
        // A return is no breakpoint.
        trace.context = 0
        trace.leave(.sendmsg, 1)
        trace.context = 0x58
        trace.enter(.sendmsg, .udp, size: 2)
        trace.context = 0x10
        trace.leave(.sendmsg, 2)
        let told = try trace.told(.send, known: [KnownTask(tid: 7, tgid: 7, name: nil)])
        #expect(told.lines == ["send tcp 1 sendmsg", "send udp 2 sendmsg"])
        #expect(who(told) == ["7/7 ?", "?/0 ?"])
        #expect(told.statistics.missedReturns == 0)
    }

    @Test func `Every CPU has an idle task of its own`() throws {
        var trace = TraceScript()
        trace.tid = 0
        trace.enter(.sendmsg, .tcp, size: 1)
        trace.cpu = 1
        trace.pass(.sendmsg, .udp, size: 2, 2)
        trace.cpu = 0
        trace.leave(.sendmsg, 1)
        #expect(try trace.told(.send).lines == ["send udp 2 sendmsg", "send tcp 1 sendmsg"])
    }
}

/// Whose operations are told.
@Suite struct ScopeTests {
    /// The tracer 100 with its thread 101 starts the command 200, which has a thread 201, a child 300 and its thread
    /// 301, a grandchild 400. The server 500 makes a thread 501 and a process 600; 700 is not known. All send.
    private func family() -> TraceScript {
        var trace = TraceScript()
        func fork(_ parent: Int32, _ child: Int32, isThread: Bool = false) {
            trace.tid = parent
            trace.fork(child, comm: "c\(child)", isThread: isThread)
        }
        fork(100, 101, isThread: true)
        fork(101, 200)
        fork(200, 201, isThread: true)
        fork(201, 300)
        fork(300, 301, isThread: true)
        fork(301, 400)
        fork(500, 501, isThread: true)
        fork(501, 600)
        for tid in [100, 101, 200, 201, 300, 301, 400, 500, 501, 600, 700] as [Int32] {
            trace.tid = tid
            trace.pass(.sendmsg, .tcp, size: 1, 1)
        }
        return trace
    }

    private let known = [
        KnownTask(tid: 100, tgid: 100, name: nil), KnownTask(tid: 500, tgid: 500, name: nil),
    ]

    private func tids(_ scope: TaskScope) throws -> [Int32] {
        try family().told(.send, scope: scope, known: known).events.map(\.tid)
    }

    @Test func `The whole system is all but the tracer and its threads`() throws {
        #expect(try tids(.wholeSystem(tracer: 100)) == [200, 201, 300, 301, 400, 500, 501, 600, 700])
        #expect(try tids(.wholeSystem()).count == 11)
    }

    @Test func `A command is the tracer's children and all that come from them`() throws {
        #expect(
            try tids(TaskScope(tracer: 100, followsTracersChildren: true)) == [200, 201, 300, 301, 400])
    }

    @Test func `Processes are traced with their threads and without their children`() throws {
        #expect(try tids(TaskScope(processes: [500], tracer: 100)) == [500, 501])
        #expect(try tids(TaskScope(processes: [200, 400], tracer: 100)) == [200, 201, 400])
        #expect(try tids(TaskScope(processes: [], tracer: 100)) == [])
    }

    @Test func `Processes are followed to their children where that is asked for`() throws {
        #expect(try tids(TaskScope(processes: [500], followsChildren: true, tracer: 100)) == [500, 501, 600])
        #expect(
            try tids(TaskScope(processes: [200], followsChildren: true, tracer: 100)) == [200, 201, 300, 301, 400])
    }

    @Test func `The tracer is never told, not even when asked for`() throws {
        #expect(try tids(TaskScope(processes: [100], tracer: 100)) == [])
    }
}

/// What is known of tasks that are no more.
@Suite struct TaskEndTests {
    private func names(_ told: ToldTrace) -> [String] {
        told.events.map { "\($0.tid) \($0.pid.map(String.init) ?? "?") \($0.comm.map(\.description) ?? "?")" }
    }

    @Test func `What a task does behind the record of its end is its own`() throws {
        var trace = TraceScript()
        trace.fork(800, comm: "client")
        trace.tid = 800
        trace.end()
        trace.call(.close, .tcp)
        #expect(names(try trace.told(.close)) == ["800 800 client"])
    }

    @Test func `A number used again behind a loss is nobody's that is known`() throws {
        var trace = TraceScript()
        trace.fork(800, comm: "client")
        trace.tid = 800
        trace.pass(.sysSendmsg, .tcp, size: 1, 1)
        trace.end()
        trace.lose(2)
        trace.pass(.sysSendmsg, .tcp, size: 1, 1)
        #expect(names(try trace.told(.send)) == ["800 800 client", "800 ? ?"])
    }

    @Test func `Numbers that may have been given to others while records were missing are nobody's, all others stay`()
        throws
    {
        var trace = TraceScript()
        trace.fork(900, comm: "last")
        for tid in [900, 950, 1000, 1200] as [Int32] {
            trace.tid = tid
            trace.pass(.sysSendmsg, .tcp, size: 1, 1)
        }
        trace.lose(nil)
        trace.fork(1100, comm: "next")
        for tid in [900, 950, 1000, 1100, 1200] as [Int32] {
            trace.tid = tid
            trace.pass(.sysSendmsg, .tcp, size: 1, 1)
        }
        let known = [950, 1000, 1200].map { KnownTask(tid: $0, tgid: $0, name: TaskName("old".utf8)) }
        let told = try trace.told(.send, known: known)
        #expect(
            names(told).suffix(5) == ["900 900 last", "950 ? ?", "1000 ? ?", "1100 1100 next", "1200 1200 old"])
    }

    @Test func `Behind a loss a number that may be another's is not of interest because of the dead one`() throws {
        var trace = TraceScript()
        trace.tid = 500
        trace.fork(800, comm: "child")
        trace.tid = 800
        trace.end()
        trace.lose(1)
        trace.pass(.sysSendmsg, .tcp, size: 1, 1)
        let scope = TaskScope(processes: [500], followsChildren: true)
        #expect(try trace.told(.send, scope: scope).events.isEmpty)
    }

    @Test func `However many tasks come and go, no more are kept than live, and some that ended last`() throws {
        var trace = TraceScript(cpus: 1)
        for tid in 1000..<21_000 as Range<Int32> {
            trace.tid = 7
            trace.fork(tid, comm: "short")
            trace.tid = tid
            trace.pass(.sysSendmsg, .tcp, size: 1, 1)
            trace.end()
        }
        let told = try trace.told(.send)
        #expect(told.events.count == 20_000)
        #expect(told.events.allSatisfy { $0.pid == $0.tid && $0.comm == TaskName("short".utf8) })
        #expect(told.taskCount < 2000)
    }
}
