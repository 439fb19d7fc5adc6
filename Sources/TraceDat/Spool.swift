internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Copies a stream to a temporary file that has no name and vanishes with its descriptor.
enum Spool {
    static func copy(_ source: Int32, name: String, size: inout UInt64) throws(TraceDatError) -> OwnedDescriptor {
        let folder = temporaryFolder()
        let target = try unnamedFile(in: folder, name: name)
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        var position: UInt64 = 0
        while true {
            let (count, failure) = buffer.withUnsafeMutableBytes { bytes -> (Int, TraceDatError?) in
                switch Syscalls.readStream(source, into: bytes) {
                case .failure(let error):
                    return (0, TraceDatError(.system(error), path: name, offset: position, "cannot read the stream"))
                case .success(let count):
                    let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
                    guard let error = Syscalls.writeFully(target.raw, at: position, from: part).error else {
                        return (count, nil)
                    }
                    return (
                        0,
                        TraceDatError(
                            error == .noSpace ? .noSpace : .system(error), path: name, offset: position,
                            "cannot keep the stream in a temporary file under \(folder)",
                            remedy: "store it in a file first, or set TMPDIR to a folder with room")
                    )
                }
            }
            if let failure { throw failure }
            if count == 0 {
                size = position
                return target
            }
            position += UInt64(count)
        }
    }

    private static func temporaryFolder() -> String {
        guard let value = getenv("TMPDIR"), value.pointee != 0 else { return "/var/tmp" }
        return String(cString: value)
    }

    private static func unnamedFile(in folder: String, name: String) throws(TraceDatError) -> OwnedDescriptor {
        var template = Array("\(folder)/sockftrace-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw TraceDatError(
                .system(Errno(rawValue: errno)), path: name, "cannot make a temporary file under \(folder)",
                remedy: "store the stream in a file first, or set TMPDIR")
        }
        _ = unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return OwnedDescriptor(owning: descriptor)
    }
}
