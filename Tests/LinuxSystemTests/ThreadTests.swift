import Glibc
import LinuxSystem
import Synchronization
import SystemPackage
import Testing

/// What threads of a test leave for it.
private final class Notes: Sendable {
    let blocked = Mutex<[Int32]>([])
    let thread = Mutex<Int32>(0)
    let count = Mutex(0)
    let work = Semaphore()
    let done = Semaphore()
}

@Suite struct ThreadTests {
    /// The signals that the calling thread blocks; those of real time, and the two that glibc keeps for itself, apart.
    private static func blockedSignals() -> [Int32] {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        return (1..<32).filter { sigismember(&mask, $0) == 1 }
    }

    @Test func aHelperRunsBesideItsCreatorAndTakesNoSignals() throws {
        let notes = Notes()
        let began = HelperThread.start {
            notes.blocked.withLock { $0 = Self.blockedSignals() }
            notes.thread.withLock { $0 = CurrentProcess.threadID }
            notes.done.signal()
        }
        try #require(began)
        notes.done.wait()
        #expect(notes.blocked.withLock { $0 } == (1..<32).filter { $0 != SIGKILL && $0 != SIGSTOP })
        #expect(notes.thread.withLock { $0 } != CurrentProcess.threadID)
    }

    @Test func theCreatorsOwnSignalMaskStays() throws {
        let before = Self.blockedSignals()
        try #require(HelperThread.start {})
        #expect(Self.blockedSignals() == before)
    }

    @Test func whereNoThreadCanBeMadeTheCreatorIsTold() {
        let script = CallScript(failing: .createThread, with: .resourceTemporarilyUnavailable)
        #expect(!script.run { HelperThread.start { Issue.record("it ran") } })
    }

    @Test func aSemaphoreKeepsWhatWasSignalledBeforeAnybodyWaits() {
        let semaphore = Semaphore()
        for _ in 0..<3 { semaphore.signal() }
        for _ in 0..<3 { semaphore.wait() }
    }

    @Test func everySignalWakesOneWaiter() throws {
        let notes = Notes()
        for _ in 0..<4 {
            let began = HelperThread.start {
                for _ in 0..<1000 {
                    notes.work.wait()
                    notes.count.withLock { $0 += 1 }
                }
                notes.done.signal()
            }
            try #require(began)
        }
        for _ in 0..<4000 { notes.work.signal() }
        for _ in 0..<4 { notes.done.wait() }
        #expect(notes.count.withLock { $0 } == 4000)
    }
}
