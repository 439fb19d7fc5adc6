internal import CLinux
internal import Glibc
internal import ProbePlanning
internal import KernelLayout

/// A socket of our own whose properties we chose. Nothing is ever sent through it beyond this machine's memory.
struct OwnSocket: ~Copyable {
    let descriptor: Int32
    let kind: SocketSample.Kind
    /// SS_UNCONNECTED (1) or SS_CONNECTED (3); nil where kernels disagree.
    var state: Int32?
    /// Whatever it sends is refused.
    var isRefused = false

    /// Takes over a descriptor.
    init(_ descriptor: Int32, _ kind: SocketSample.Kind, state: Int32?) {
        self.descriptor = descriptor
        self.kind = kind
        self.state = state
    }

    /// socket(2), non-blocking; nil where the kernel does not give one.
    init?(family: Int32, type: Int32, argument: Int32 = 0, protocol: Int32?) {
        let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type | flags, argument)
        guard descriptor >= 0 else { return nil }
        self.init(descriptor, .init(family: family, type: type, protocol: `protocol`), state: 1)
    }

    static let stream = Int32(SOCK_STREAM.rawValue)
    static let datagram = Int32(SOCK_DGRAM.rawValue)
    static let raw = Int32(SOCK_RAW.rawValue)
    static let sequenced = Int32(SOCK_SEQPACKET.rawValue)

    /// Switches an option of SOL_SOCKET. False where the kernel does not take it.
    func set(_ option: Int32, _ on: Bool) -> Bool {
        var value: Int32 = on ? 1 : 0
        return setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }

    deinit {
        close(descriptor)
    }
}

/// Two AF_UNIX sockets made as a pair.
struct OwnSocketPair: ~Copyable {
    let first: OwnSocket
    let second: OwnSocket

    /// socketpair(2), non-blocking; nil where the kernel does not give one.
    init?(type: Int32) {
        var ends: (Int32, Int32) = (-1, -1)
        let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let status = withUnsafeMutableBytes(of: &ends) { ends in
            ends.withMemoryRebound(to: Int32.self) { socketpair(AF_UNIX, type | flags, 0, $0.baseAddress) }
        }
        guard status == 0 else { return nil }
        let kind = SocketSample.Kind(family: AF_UNIX, type: type, protocol: nil)
        // Of datagram pairs, and in 7.x of all, only `sk_state` tells that they are connected (unix_socketpair).
        first = OwnSocket(ends.0, kind, state: nil)
        second = OwnSocket(ends.1, kind, state: nil)
    }
}

/// Memory for messages. It is offered to calls that move nothing, so it is hardly ever touched.
struct MessageBuffer: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer

    static let size = 256 << 10

    init() {
        memory = .allocate(byteCount: Self.size, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// An odd number of bytes that no other field is likely to hold, different each time.
    static func randomLength() -> Int {
        Int.random(in: 40_001..<size / 2) * 2 - 1
    }

    /// The first `length` bytes, whole or in three unequal pieces, of which none has the length of all.
    func withVectors(_ length: Int, pieces: Bool, _ body: (UnsafeMutableBufferPointer<iovec>) -> Void) {
        let lengths = pieces ? [length / 3 + 5, length / 4, length - length / 3 - 5 - length / 4] : [length]
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: lengths.count) { vectors in
            for (index, length) in lengths.enumerated() {
                vectors.initializeElement(at: index, to: iovec(iov_base: memory.baseAddress, iov_len: length))
            }
            body(vectors)
        }
    }

    /// The memory as one piece.
    var base: UnsafeMutableRawPointer? { memory.baseAddress }

    deinit {
        memory.deallocate()
    }
}
