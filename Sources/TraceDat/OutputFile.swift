internal import CLinux
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The file that a writer makes.
struct OutputFile: ~Copyable {
    let path: FilePath
    let descriptor: OwnedDescriptor

    /// Creates `path`, or empties it if it is there. Only a regular file will do: CPU data are moved about in it.
    /// - Parameter isNew: the name must not be there yet, so that no link that somebody put there is followed.
    init(path: FilePath, isNew: Bool = false) throws(TraceDatError) {
        let name = path.string
        let opened = try Self.open(path, flags: isNew ? O_EXCL | O_NOFOLLOW : 0)
        let problem: TraceDatError? =
            switch Syscalls.status(opened.raw) {
            case .failure(let error): TraceDatError(.system(error), path: name, "cannot ask what the file is")
            case .success(let information) where information.st_mode & S_IFMT != S_IFREG:
                TraceDatError(
                    .unsupported, path: name, "this is no regular file, a trace.dat cannot be written to it",
                    remedy: "record to a file and copy it afterwards")
            case .success: nil
            }
        if let problem { throw problem }
        if let error = Syscalls.truncate(opened.raw, to: 0) {
            throw TraceDatError(.system(error), path: name, "cannot empty the file")
        }
        self.path = path
        descriptor = opened
    }

    private static func open(_ path: FilePath, flags: Int32) throws(TraceDatError) -> OwnedDescriptor {
        do {
            return try OwnedDescriptor(path: path, flags: O_RDWR | O_CREAT | O_NOCTTY | O_NONBLOCK | flags)
        } catch {
            throw TraceDatError(
                .system(error), path: path.string, "cannot create the file",
                remedy: "name a folder in which you may write")
        }
    }

    func failure(_ error: Errno, at offset: UInt64? = nil, _ problem: String) -> TraceDatError {
        let isFull = error == .noSpace || error == .diskQuotaExceeded || error == .fileTooLarge
        return TraceDatError(
            isFull ? .noSpace : .system(error), path: path.string, offset: offset,
            isFull ? "\(problem): \(error)" : problem,
            remedy: isFull ? "make room on the disk, or record to another" : "")
    }

    func write(_ bytes: [UInt8], at offset: UInt64) throws(TraceDatError) {
        let error = bytes.withUnsafeBytes { Syscalls.writeFully(descriptor.raw, at: offset, from: $0).error }
        if let error { throw failure(error, at: offset, "cannot write") }
    }

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(TraceDatError) {
        switch Syscalls.readFully(descriptor.raw, at: offset, into: buffer) {
        case .failure(let error): throw failure(error, at: offset, "cannot read back what was written")
        case .success(let count) where count < buffer.count:
            // A hole behind the end of the file reads as zeros.
            UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).initializeMemory(as: UInt8.self, repeating: 0)
        case .success: break
        }
    }

    func truncate(to size: UInt64) throws(TraceDatError) {
        if let error = Syscalls.truncate(descriptor.raw, to: size) {
            throw failure(error, at: size, "cannot set the file's size")
        }
    }

    func allocate(at offset: UInt64, count: Int) throws(TraceDatError) {
        if let error = Syscalls.allocate(descriptor.raw, at: offset, count: count) {
            throw failure(error, at: offset, "cannot reserve \(count) bytes")
        }
    }

    /// Gives back the blocks between two places of the file.
    func punchHole(from start: UInt64, to end: UInt64) {
        if end > start { Syscalls.punchHole(descriptor.raw, at: start, count: end - start) }
    }

    /// Copies between two places that do not overlap; in the kernel where the file system can.
    func copy(from source: UInt64, to target: UInt64, count: UInt64) throws(TraceDatError) {
        var done: UInt64 = 0
        while done < count {
            var from = Int64(source + done)
            var to = Int64(target + done)
            let result = Syscalls.retrying {
                Int(linux_copy_range(descriptor.raw, &from, descriptor.raw, &to, UInt(count - done)))
            }
            guard case .success(let copied) = result, copied > 0 else { break }
            done += UInt64(copied)
        }
        guard done < count else { return }
        var buffer = [UInt8](repeating: 0, count: Int(min(count - done, 1 << 18)))
        while done < count {
            let length = Int(min(UInt64(buffer.count), count - done))
            var failure: TraceDatError?
            buffer.withUnsafeMutableBytes { bytes in
                let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<length])
                do throws(TraceDatError) { try read(at: source + done, into: part) } catch { failure = error }
            }
            if let failure { throw failure }
            try write(length == buffer.count ? buffer : Array(buffer[..<length]), at: target + done)
            done += UInt64(length)
        }
    }

    /// Removes the file, unless its name now belongs to another.
    func remove() {
        guard case .success(let own) = Syscalls.status(descriptor.raw) else { return }
        var named = stat()
        path.withPlatformString { name in
            if stat(name, &named) == 0, named.st_dev == own.st_dev, named.st_ino == own.st_ino { _ = unlink(name) }
        }
    }
}
