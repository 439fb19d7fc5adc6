import Glibc
import SocketEvents
import SocketNames
import Testing

@testable import SocketTracing

/// What is left of a trace of what is wanted.
@Suite struct EventSelectorTests {
    private func event(_ time: UInt64, _ cpu: UInt32 = 0, size: Int64? = nil) -> TraceItem {
        var event = SocketEvent(alias: .send, time: time, cpu: cpu, tid: 1)
        event.size = size
        return .plain(event)
    }

    private func part(of items: [TraceItem], _ selector: inout EventSelector) -> ContiguousArray<TraceItem> {
        var batch = TraceBatch(items)
        selector.apply(to: &batch)
        return batch.items
    }

    @Test func `Everything leaves a batch as it is`() {
        var selector = EventSelector(EventSelection())
        let items = [.lost(cpu: 0, count: 1), event(9), .lost(cpu: 1, count: nil), event(3), .lost(cpu: 0, count: 2)]
        #expect(part(of: items, &selector).elementsEqual(items))
    }

    @Test func `Losses before the first event of a window belong to it, those of other CPUs and times do not`() {
        var selection = EventSelection()
        (selection.window.since, selection.window.until, selection.cpus) = (10, 20, CPUList("0"))
        var selector = EventSelector(selection)
        let first = part(
            of: [.lost(cpu: 0, count: 1), event(9), .lost(cpu: 1, count: 2), .lost(cpu: 0, count: 3)], &selector)
        #expect(first.isEmpty)
        let second = part(
            of: [event(10), event(11, 1), .lost(cpu: 0, count: 4), event(20), event(21), .lost(cpu: 0, count: 5)],
            &selector)
        #expect(second == [.lost(cpu: 0, count: 3), event(10), .lost(cpu: 0, count: 4), event(20)])
        // An entry that is told late.
        #expect(part(of: [event(15)], &selector) == [event(15)])
    }

    @Test func `A filter takes events out and leaves losses where they were among the others`() {
        var selection = EventSelection()
        selection.filter = EventFilter()
        selection.filter?.minimumSize = 10
        var selector = EventSelector(selection)
        let items = [
            event(1, size: 5), .lost(cpu: 0, count: 1), event(2, size: 50), event(3), .lost(cpu: 1, count: 2),
            event(4, size: 11), event(5, size: 9), .lost(cpu: 0, count: 3),
        ]
        #expect(
            part(of: items, &selector) == [
                .lost(cpu: 0, count: 1), event(2, size: 50), .lost(cpu: 1, count: 2), event(4, size: 11),
                .lost(cpu: 0, count: 3),
            ])
    }

    @Test func `Of a recording the owner of the socket counts, and of what has none nothing is shown`() {
        var selection = EventSelection()
        selection.users = [33]
        var selector = EventSelector(selection, isLive: false)
        let owned = [0, 33].map { (user: UInt32) -> TraceItem in
            var details = EventDetails()
            details.ownership.user = user
            var event = SocketEvent(alias: .send, time: UInt64(user), cpu: 0, tid: getpid())
            event.pid = getpid()
            return .event(TracedEvent(event, details))
        }
        #expect(part(of: owned + [event(2)], &selector) == [owned[1]])
    }

    @Test(arguments: [
        ("/a", [1, 2]), ("/a/", [1, 2]), ("/sys/fs/cgroup/a", [1, 2]), ("/a*", [1, 2, 3]), ("*b", [2, 3]), ("2", [2]),
        ("9", [9]), ("/", [1, 2, 3]), ("/c", []),
    ])
    func `Control groups go by number, by path with what is below, and by patterns`(text: String, wanted: [UInt64])
        throws
    {
        var selection = EventSelection()
        selection.filter = EventFilter()
        selection.filter?.cgroups = [try ControlGroupPattern(text)]
        var selector = EventSelector(
            selection, isLive: false, groupPaths: [1: "/a", 2: "/a/b", 3: "/ab"])
        // Of the group 9 nobody knows the path, of the last socket nobody knows the group.
        let items = [1, 2, 3, 9, nil].map { (group: UInt64?) -> TraceItem in
            var details = EventDetails()
            details.ownership.cgroup = group
            return .event(TracedEvent(SocketEvent(alias: .send, time: group ?? 10, cpu: 0, tid: 1), details))
        }
        let taken = part(of: items + [event(11)], &selector)
        let right = items.filter { if case .event(let one) = $0 { wanted.contains(one.event.time) } else { false } }
        #expect(Array(taken) == right)
    }

    @Test func `What can be no control group is refused`() {
        #expect(throws: UnknownNameError.self) { try ControlGroupPattern("docker") }
        #expect(throws: UnknownNameError.self) { try ControlGroupPattern("") }
    }

    @Test func `Of processes that nobody can be asked about nothing is shown, of one's own everything`() throws {
        var selection = EventSelection()
        selection.users = [geteuid()]
        var selector = EventSelector(selection)
        selector.beginRound()
        var own = SocketEvent(alias: .send, time: 1, cpu: 0, tid: getpid())
        own.pid = getpid()
        var gone = own
        gone.pid = .max
        #expect(part(of: [.plain(own), .plain(gone)], &selector) == [.plain(own)])
    }
}
