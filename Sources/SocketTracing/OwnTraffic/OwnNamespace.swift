internal import BasicContainers
internal import CLinux
internal import Glibc
internal import KernelLayout
internal import LinuxSystem
internal import Synchronization

/// Sockets of our own in another network namespace, which goes with the last of them.
struct OwnNamespace: ~Copyable {
    private(set) var sockets = UniqueArray<OwnSocket>()
    /// Its inode number.
    let number: UInt64

    /// Nil where none can be made: for want of privilege, or where the kernel has only one.
    init?() {
        let maker = Maker()
        guard HelperThread.start({ maker.run() }) else { return nil }
        maker.isDone.wait()
        guard let made = maker.made.withLock({ $0 }) else { return nil }
        number = made.number
        for descriptor in made.descriptors {
            let kind = SocketSample.Kind(family: AF_UNIX, type: OwnSocket.stream, protocol: nil)
            sockets.append(OwnSocket(descriptor, kind, state: 1))
        }
    }

    /// The inode number of the namespace that the calling thread is in; nil where it cannot be told.
    static var current: UInt64? { (try? Files.status(of: "/proc/thread-self/ns/net"))?.identity.inode }

    /// Work of a thread that leaves the namespace, and ends.
    private final class Maker: Sendable {
        let isDone = Semaphore()
        let made = Mutex<(number: UInt64, descriptors: [Int32])?>(nil)

        func run() {
            defer { isDone.signal() }
            let before = OwnNamespace.current
            guard linux_leave_network() == 0, let number = OwnNamespace.current, number != before else { return }
            let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let descriptors = (0..<3).map { _ in socket(AF_UNIX, OwnSocket.stream | flags, 0) }.filter { $0 >= 0 }
            made.withLock { $0 = (number, descriptors) }
        }
    }
}
