import SocketEvents
import Testing

@testable import SocketTracing

@Suite struct SeenTasksTests {
    private func task(_ tid: Int32, _ tgid: Int32, _ name: String?) -> KnownTask {
        KnownTask(tid: tid, tgid: tgid, name: name.map { TaskName($0.utf8) })
    }

    private func known(_ seen: SeenTasks, at time: UInt64) -> [KnownTask] {
        seen.known(at: time).sorted { $0.tid < $1.tid }
    }

    @Test func `A task that ended is known, one that was seen later is not, and a later name says nothing of before`() {
        var seen = SeenTasks([task(7, 7, "ended"), task(8, 8, "old name"), task(9, 9, "stays")], at: 10)
        seen.add([task(8, 8, "new name"), task(9, 9, "stays"), task(11, 9, "late")], at: 20)
        #expect(known(seen, at: 15) == [task(7, 7, "ended"), task(8, 8, nil), task(9, 9, "stays")])
        #expect(
            known(seen, at: 20) == [
                task(7, 7, "ended"), task(8, 8, "new name"), task(9, 9, "stays"), task(11, 9, "late"),
            ])
    }

    @Test func `A number that another process has got is nobody's before`() {
        var seen = SeenTasks([task(7, 7, "first")], at: 10)
        seen.add([task(7, 5, "second")], at: 20)
        #expect(known(seen, at: 15) == [])
        #expect(known(seen, at: 25) == [task(7, 5, "second")])
    }

    @Test func `Who had ended is forgotten, and who lives is not, however long ago it was seen`() {
        var seen = SeenTasks([task(7, 7, "ended"), task(8, 8, "lives")], at: 10)
        seen.add([task(8, 8, "lives")], at: 20)
        // It may have ended at any time between the looks.
        seen.forget(before: 20)
        #expect(known(seen, at: .max) == [task(7, 7, "ended"), task(8, 8, "lives")])
        seen.forget(before: 1_000_000_000_000)
        #expect(known(seen, at: .max) == [task(8, 8, "lives")])
    }
}
