#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A count that threads raise and wait for (sem_overview(7)).
///
/// Sendable: the functions of `sem_t` are made for several threads at once.
package final class Semaphore: @unchecked Sendable {
    /// At one address for as long as it lives, as `sem_t` must be.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    /// Begins at 0.
    package init() {
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Adds one, and wakes a thread that waits.
    package func signal() {
        sem_post(semaphore)
    }

    /// Takes one away, and waits until there is one.
    package func wait() {
        while sem_wait(semaphore) != 0, errno == EINTR {}
    }
}
