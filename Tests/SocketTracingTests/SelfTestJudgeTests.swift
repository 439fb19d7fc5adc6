import KernelLayout
import ProbeContract
@testable import ProbePlanning
import SocketEvents
import Testing

@testable import SocketTracing

@Suite struct SelfTestJudgeTests {
    /// A message of AF_UNIX, as it must be seen.
    private static func expected(
        _ call: KnownCall = .send, _ alias: Alias = .send, size: Int64? = 1001, via: Route? = .sendmsg
    ) -> ExpectedEvent {
        ExpectedEvent(call: call, alias: alias, size: size, type: 1, via: via)
    }

    /// That message as a trace shows it.
    private static func event(_ alias: Alias = .send, size: Int64 = 1001, tid: Int32 = 7) -> SocketEvent {
        var event = SocketEvent(alias: alias, time: 1, cpu: 0, tid: tid)
        event.socket = 0xffff_8880_0000_1000
        event.size = size
        event.family = 1
        event.type = 1
        event.protocol = 0
        event.success = true
        event.via = alias == .send ? .sendmsg : .recvmsg
        return event
    }

    private static let plan = ProbePlan(
        probes: [
            ProbeDefinition(
                symbol: "__sock_sendmsg", event: .frame(.init(role: .sendmsg, side: .entry)), arguments: [])
        ], choices: [], layout: .init())

    private func outcome(
        _ call: KnownCall = .send, expecting expected: [ExpectedEvent] = [Self.expected()], seeing items: [TraceItem],
        aliases: AliasSet = .all, refused: Set<KnownCall> = [], plan: ProbePlan = Self.plan, tellsEndpoints: Bool = true
    ) -> SelfTestVerdict.Outcome? {
        let judge = SelfTestJudge(
            plan: plan, aliases: aliases, expected: expected, refused: refused, items: ContiguousArray(items),
            thread: 7, tellsEndpoints: tellsEndpoints)
        return judge.outcomes.first { $0.call == call }?.outcome
    }

    @Test func `A message that is seen once with its values is seen exactly once`() {
        #expect(outcome(seeing: [.plain(Self.event())]) == .exactlyOnce)
    }

    @Test func `A message that is not seen is missed, whatever else is seen`() {
        #expect(outcome(seeing: []) == .missed)
        #expect(outcome(seeing: [.plain(Self.event(size: 1002)), .plain(Self.event(.receive))]) == .missed)
    }

    @Test func `A message of another thread is not ours`() {
        #expect(outcome(seeing: [.plain(Self.event(tid: 8))]) == .missed)
    }

    @Test func `A message that is seen twice is doubled`() {
        #expect(outcome(seeing: [.plain(Self.event()), .plain(Self.event())]) == .doubled)
    }

    @Test func `Sockets of one type are told apart by number alone`() {
        let two =
            [Self.expected(.pair, .createReturn, size: nil, via: nil)] + [
                Self.expected(.pair, .createReturn, size: nil, via: nil)
            ]
        var made = Self.event(.createReturn)
        made.via = nil
        #expect(outcome(.pair, expecting: two, seeing: [.plain(made)]) == .missed)
        #expect(outcome(.pair, expecting: two, seeing: [.plain(made), .plain(made)]) == .exactlyOnce)
        #expect(outcome(.pair, expecting: two, seeing: [.plain(made), .plain(made), .plain(made)]) == .doubled)
    }

    @Test func `A null socket is wrong, an unknown one is not`() {
        var event = Self.event()
        event.socket = 0
        #expect(outcome(seeing: [.plain(event)]) == .wrong(["socket"]))
        event.socket = nil
        #expect(outcome(seeing: [.plain(event)]) == .exactlyOnce)
    }

    @Test func `What is wrong is named, field by field`() {
        var event = Self.event()
        event.family = 2
        event.type = 2
        event.protocol = 6
        event.success = false
        event.via = .writev
        #expect(outcome(seeing: [.plain(event)]) == .wrong(["family", "protocol", "success", "type", "via"]))
    }

    /// An attempt to connect from 127.0.0.1:4000 to 127.0.0.1:80, as it must be seen.
    private static func attempt(err: Int32, inode: UInt64 = 11) -> ExpectedEvent {
        ExpectedEvent(
            call: err == 0 ? .connect : .connectRefused, alias: .connected, type: 1, family: 2, protocol: 6, err: err,
            ends: ExpectedEnds(
                inode: inode, local: .ipv4(127, 0, 0, 1, port: 4000), remote: .ipv4(127, 0, 0, 1, port: 80)))
    }

    /// That attempt as a trace shows it.
    private static func seen(err: Int32, _ change: (inout EventDetails) -> Void = { _ in }) -> TraceItem {
        var event = SocketEvent(alias: .connected, time: 1, cpu: 0, tid: 7)
        event.socket = 0xffff_8880_0000_1000
        (event.family, event.type, event.protocol, event.err, event.success) = (2, 1, 6, err, err == 0)
        var details = EventDetails()
        details.inode = 11
        details.local = .ipv4(127, 0, 0, 1, port: 4000)
        details.remote = .ipv4(127, 0, 0, 1, port: 80)
        change(&details)
        return .event(TracedEvent(event, details))
    }

    @Test func `Of two attempts to connect the refused one is known by its error`() {
        let both = [Self.attempt(err: 0), Self.attempt(err: -111)]
        let seen = [Self.seen(err: -111)]
        #expect(outcome(.connectRefused, expecting: both, seeing: seen) == .exactlyOnce)
        #expect(outcome(.connect, expecting: both, seeing: seen) == .missed)
    }

    @Test func `Ends that are wrong are named, unknown ones make it incomplete`() {
        let expected = [Self.attempt(err: 0)]
        let wrong = Self.seen(err: 0) {
            $0.inode = 12
            $0.remote = .ipv4(127, 0, 0, 2, port: 81)
        }
        let names = ["inode", "remote_address", "remote_port"]
        #expect(outcome(.connect, expecting: expected, seeing: [wrong]) == .wrong(names))
        let unknown = Self.seen(err: 0) {
            $0.inode = nil
            $0.local = .ipv4(127, 0, 0, 1, port: nil)
        }
        #expect(outcome(.connect, expecting: expected, seeing: [unknown]) == .incomplete(["inode", "local_port"]))
        #expect(outcome(.connect, expecting: expected, seeing: [unknown], tellsEndpoints: false) == .exactlyOnce)
    }

    @Test func `A step that nobody asked for is not tried`() {
        let expected = [Self.attempt(err: 0)]
        #expect(outcome(.connect, expecting: expected, seeing: [], aliases: AliasSet([.send])) == .unknown)
    }

    @Test func `A message whose way is unknown is incomplete, unless no way is told at all`() {
        var event = Self.event()
        event.via = nil
        #expect(outcome(seeing: [.plain(event)]) == .incomplete(["via"]))
        var tracepoints = ProbePlan(probes: [], choices: [], layout: .init())
        tracepoints.tracepoints = ["sock/sock_send_length"]
        #expect(outcome(seeing: [.plain(event)], plan: tracepoints) == .exactlyOnce)
    }

    @Test func `Of a call that the kernel refused, and after a loss, nothing is said`() {
        #expect(outcome(seeing: [], refused: [.send]) == .unknown)
        #expect(outcome(seeing: [.plain(Self.event()), .lost(cpu: 0, count: 3)]) == .unknown)
        #expect(outcome(expecting: [], seeing: []) == .unknown)
    }

    @Test func `Where only sends are wanted, a message over TCP need not be seen to arrive`() {
        let both = [Self.expected(.tcp), Self.expected(.tcp, .receive, via: .recvmsg)]
        let sent = [TraceItem.plain(Self.event())]
        #expect(outcome(.tcp, expecting: both, seeing: sent, aliases: AliasSet([.send])) == .exactlyOnce)
        #expect(outcome(.tcp, expecting: both, seeing: sent, aliases: AliasSet([.receive])) == .missed)
        #expect(outcome(.tcp, expecting: both, seeing: sent) == .missed)
        #expect(outcome(.tcp, expecting: both, seeing: sent, aliases: AliasSet([.close])) == nil)
    }

    @Test func `Where only the beginning of creations is wanted, it proves them`() {
        let one = [Self.expected(.create, .createReturn, size: nil, via: nil)]
        let begun = [TraceItem.plain(Self.event(.create))]
        #expect(outcome(.create, expecting: one, seeing: begun, aliases: AliasSet([.create])) == .exactlyOnce)
        #expect(outcome(.create, expecting: one, seeing: begun, aliases: AliasSet([.createReturn])) == .missed)
    }

    @Test func `Tracepoints are not asked for what they cannot show`() {
        var tracepoints = ProbePlan(probes: [], choices: [], layout: .init())
        tracepoints.tracepoints = ["sock/sock_recv_length"]
        for call in [KnownCall.pair, .close, .closeRefused, .spliceOut, .bind, .listen, .accept, .shutdown] {
            #expect(outcome(call, expecting: [], seeing: [], plan: tracepoints) == nil)
        }
    }
}
