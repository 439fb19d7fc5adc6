internal import CLinux
package import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Both ends of a pipe, close-on-exec.
package struct Pipe: ~Copyable, Sendable {
    package let readEnd: Descriptor
    package let writeEnd: Descriptor

    /// - Parameter capacity: bytes it should hold; without the right to so many, or nil, it has the kernel's 16 pages.
    package init(capacity: Int32? = nil) throws(Errno) {
        var ends: (Int32, Int32) = (-1, -1)
        _ = try SystemCall.make(.pipe) {
            withUnsafeMutableBytes(of: &ends) { bytes in
                bytes.withMemoryRebound(to: Int32.self) { linux_pipe($0.baseAddress) }
            }
        }
        readEnd = Descriptor(owning: ends.0)
        writeEnd = Descriptor(owning: ends.1)
        // F_SETPIPE_SZ of linux/fcntl.h, which is declared only under _GNU_SOURCE.
        if let capacity { _ = fcntl(writeEnd.raw, 1031, capacity) }
    }
}
