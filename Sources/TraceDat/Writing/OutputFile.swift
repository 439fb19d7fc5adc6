internal import LinuxSystem
internal import SystemPackage

/// The file that a writer makes.
struct OutputFile: ~Copyable {
    let path: FilePath
    let descriptor: Descriptor

    /// Creates `path`, or empties it if it is there. Only a regular file will do: CPU data are moved about in it.
    /// - Parameter isNew: the name must not be there yet, so that no link that somebody put there is followed.
    init(path: FilePath, isNew: Bool = false) throws(TraceDatError) {
        let name = path.string
        let opened = try Self.open(path, isNew ? [.exclusive, .noFollow] : [])
        let kind: FileStatus.Kind
        do {
            kind = try opened.status().kind
        } catch {
            throw TraceDatError(.system(error), path: name, "cannot ask what the file is")
        }
        guard kind == .regular else {
            throw TraceDatError(
                .unsupported, path: name, "not a regular file: a trace.dat cannot be written to it",
                remedy: "record to a file and copy it afterwards")
        }
        do {
            try opened.truncate(to: 0)
        } catch {
            throw TraceDatError(.system(error), path: name, "cannot empty the file")
        }
        self.path = path
        descriptor = opened
    }

    private static func open(_ path: FilePath, _ flags: OpenFlags) throws(TraceDatError) -> Descriptor {
        do {
            return try Descriptor(
                opening: path.string, [.readWrite, .create, .noControllingTerminal, .nonBlocking, flags], mode: 0o644)
        } catch {
            throw TraceDatError(
                .system(error), path: path.string, "cannot create the file",
                remedy: "choose a directory you can write to")
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
        let error = bytes.withUnsafeBytes { descriptor.writeFully(at: offset, from: $0).error }
        if let error { throw failure(error, at: offset, "cannot write") }
    }

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(TraceDatError) {
        do {
            let count = try descriptor.readFully(at: offset, into: buffer)
            // A hole behind the end of the file reads as zeros.
            UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).initializeMemory(as: UInt8.self, repeating: 0)
        } catch {
            throw failure(error, at: offset, "cannot read back what was written")
        }
    }

    func truncate(to size: UInt64) throws(TraceDatError) {
        do {
            try descriptor.truncate(to: size)
        } catch {
            throw failure(error, at: size, "cannot set the file's size")
        }
    }

    func allocate(at offset: UInt64, count: Int) throws(TraceDatError) {
        do {
            try descriptor.allocate(at: offset, count: count)
        } catch {
            throw failure(error, at: offset, "cannot reserve \(count) bytes")
        }
    }

    /// Gives back the blocks between two places of the file.
    func punchHole(from start: UInt64, to end: UInt64) {
        if end > start { descriptor.punchHole(at: start, count: end - start) }
    }

    /// Copies between two places that do not overlap; in the kernel where the file system can.
    func copy(from source: UInt64, to target: UInt64, count: UInt64) throws(TraceDatError) {
        var done: UInt64 = 0
        while done < count {
            let copied = try? descriptor.copyRange(from: source + done, to: target + done, count: count - done)
            guard let copied, copied > 0 else { break }
            done += copied
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
        guard let own = try? descriptor.status(), let named = try? Files.status(of: path.string),
            named.identity == own.identity
        else { return }
        try? Files.unlink(path.string)
    }
}
