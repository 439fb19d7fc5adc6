internal import Glibc
internal import KernelLayout
internal import SocketEvents

/// What a socket of our own is bound and connected to.
extension OwnSocket {
    /// As getsockname(2) has it; nil where the call fails.
    var localName: MemoryDump? { name { getsockname(descriptor, $0, $1) } }

    /// As getpeername(2) has it; nil where the call fails, as where it has no peer.
    var remoteName: MemoryDump? { name { getpeername(descriptor, $0, $1) } }

    /// The `struct sockaddr_un` that it is bound to, of AF_UNIX; the family alone where it has no name.
    var localUnixName: [UInt8]? {
        kind.family == AF_UNIX ? wholeName { getsockname(descriptor, $0, $1) } : nil
    }

    /// Binds to a name of so many random letters that only this network namespace has (unix(7), "abstract").
    consuming func withRandomName(letters: Int) -> OwnSocket {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address) { address in
            let start = MemoryLayout<sa_family_t>.size + 1
            for index in start..<start + letters {
                address[index] = .random(in: UInt8(ascii: "a")...UInt8(ascii: "z"))
            }
            address.withMemoryRebound(to: sockaddr.self) { name in
                guard let name = name.baseAddress else { return }
                _ = bind(descriptor, name, socklen_t(start + letters))
            }
        }
        return self
    }

    /// Its inode and the owner of that, as fstat(2) has them.
    var identity: (inode: UInt64, user: UInt64)? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? (UInt64(status.st_ino), UInt64(status.st_uid)) : nil
    }

    /// Binds to a port of 127.0.0.1 that the kernel chooses.
    func bindToLoopback() -> Bool {
        Self.withAddress(AF_INET, Self.loopback, [0, 0]) { bind(descriptor, $0, $1) == 0 }
    }

    /// Asks to be connected to where another one of AF_INET is bound.
    /// - Returns: an error number; 0 where it is connected.
    func connect(to other: borrowing OwnSocket) -> Int32 {
        guard let name = other.localName else { return errno }
        return name.bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { name in
                name.baseAddress.map {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 ? 0 : errno
                } ?? EINVAL
            }
        }
    }

    static let loopback: [UInt8] = [127, 0, 0, 1]

    /// The address that a call gives; nil where it gives none.
    private func name(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> MemoryDump? {
        wholeName(call, atLeast: 32).map { MemoryDump(Array($0.prefix(32))) }
    }

    /// - Parameter least: bytes that are given even where the address is shorter.
    private func wholeName(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32, atLeast least: Int = 0
    ) -> [UInt8]? {
        withUnsafeTemporaryAllocation(byteCount: MemoryLayout<sockaddr_storage>.size, alignment: 16) { room in
            room.initializeMemory(as: UInt8.self, repeating: 0)
            var length = socklen_t(room.count)
            let status = room.withMemoryRebound(to: sockaddr.self) { name in
                name.baseAddress.map { call($0, &length) } ?? -1
            }
            return status == 0 ? Array(room.prefix(max(Int(length), least))) : nil
        }
    }

    /// `struct sockaddr_in` or `sockaddr_in6`: the family, the port; the host is at 4 or 8.
    static func withAddress<Result>(
        _ family: Int32, _ host: [UInt8], _ port: [UInt8], _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var storage = sockaddr_storage()
        let (offset, length) =
            family == AF_INET ? (4, MemoryLayout<sockaddr_in>.size) : (8, MemoryLayout<sockaddr_in6>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            let bytes = UnsafeMutableRawBufferPointer(start: storage, count: MemoryLayout<sockaddr_storage>.size)
            bytes.storeBytes(of: sa_family_t(family), as: sa_family_t.self)
            for (index, byte) in port.enumerated() { bytes[2 + index] = byte }
            for (index, byte) in host.enumerated() { bytes[offset + index] = byte }
            return storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}

extension MemoryDump {
    /// The port of a `struct sockaddr_in` or `sockaddr_in6`, as a number of this machine.
    var port: UInt64? { integer(at: 2, width: 2).map { UInt64(UInt16(truncatingIfNeeded: $0).bigEndian) } }

    /// A `struct sockaddr_in` as events have it.
    var addressIPv4: SocketAddress? {
        port.map { SocketAddress(.ipv4, bytes[4..<8], port: UInt32(truncatingIfNeeded: $0)) }
    }
}
