import SocketEvents
import Testing

@Suite("An event")
struct SocketEventTests {
    @Test("bears its alias", arguments: Alias.allCases)
    func bearsItsAlias(alias: Alias) {
        #expect(Alias(rawValue: alias.rawValue) == alias)
        #expect(SocketEvent(alias: alias, time: 0, cpu: 0, tid: 0).alias == alias)
    }

    @Test("no alias has a number beyond the last")
    func noFurtherAlias() {
        let numbers = (0...UInt8.max).filter { Alias(rawValue: $0) != nil }
        #expect(numbers.map(Int.init) == Array(Alias.allCases.indices))
    }

    @Test("tells what is unknown from 0, and forgets what is made unknown")
    func unknownIsNotZero() {
        let empty = SocketEvent(alias: .send, time: 1, cpu: 2, tid: 3)
        #expect(empty.pid == nil && empty.comm == nil && empty.socket == nil && empty.size == nil)
        #expect(empty.protocol == nil && empty.family == nil && empty.state == nil && empty.type == nil)
        #expect(empty.flags == nil && empty.requester == nil && empty.err == nil && empty.success == nil)
        #expect(empty.via == nil && empty.duration == nil)

        var event = empty
        (event.pid, event.comm, event.socket, event.size) = (0, TaskName("".utf8), 0, 0)
        (event.protocol, event.family, event.state, event.type) = (0, 0, 0, 0)
        (event.flags, event.requester, event.err, event.success) = (0, 0, 0, false)
        (event.via, event.duration) = (.sendmsg, 0)
        #expect(event.pid == 0 && event.comm == TaskName("".utf8) && event.socket == 0 && event.size == 0)
        #expect(event.protocol == 0 && event.family == 0 && event.state == 0 && event.type == 0)
        #expect(event.flags == 0 && event.requester == 0 && event.err == 0 && event.success == false)
        #expect(event.via == .sendmsg && event.duration == 0)
        #expect(event != empty)

        (event.pid, event.comm, event.socket, event.size) = (nil, nil, nil, nil)
        (event.protocol, event.family, event.state, event.type) = (nil, nil, nil, nil)
        (event.flags, event.requester, event.err, event.success) = (nil, nil, nil, nil)
        (event.via, event.duration) = (nil, nil)
        #expect(event == empty)
    }

    @Test("takes no more room than its copies can afford")
    func isSmall() {
        #expect(MemoryLayout<SocketEvent>.size <= 112)
    }
}
