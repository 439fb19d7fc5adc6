internal import CLinux

/// A ring of io_uring(7) of this process, where the kernel lets it have one.
///
/// What it is asked for is done at once, in the calling thread, since nothing has to be waited for.
struct OwnRing: ~Copyable {
    private var ring = linux_ring()

    init() {
        _ = linux_ring_open(&ring)
    }

    private var isOpen: Bool { ring.descriptor >= 0 }

    /// - Returns: bytes, or a negative number.
    mutating func send(_ socket: Int32, _ base: UnsafeMutableRawPointer?, _ size: Int, _ flags: Int32) -> Int {
        isOpen ? linux_ring_send(&ring, socket, base, UInt32(size), UInt32(bitPattern: flags)) : -1
    }

    /// - Returns: bytes, or a negative number.
    mutating func receive(_ socket: Int32, _ base: UnsafeMutableRawPointer?, _ size: Int, _ flags: Int32) -> Int {
        isOpen ? linux_ring_receive(&ring, socket, base, UInt32(size), UInt32(bitPattern: flags)) : -1
    }

    deinit {
        var ring = ring
        linux_ring_close(&ring)
    }
}
