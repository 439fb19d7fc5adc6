internal import LinuxSystem
internal import SystemPackage

/// The file that a writer makes.
struct OutputFile: ~Copyable {
    let path: FilePath
    let opened: OutputName

    /// Creates `path`, for nobody else to read, or empties it if it is there. Only a regular file will do: CPU data are
    /// moved about in it. The lock on it is held until the writer goes.
    init(path: FilePath) throws(TraceDatError) {
        let opened = try Self.open(path)
        try Self.checkKind(opened.file, path)
        // Where the file system knows no locks, two recorders are not told apart.
        guard (try? opened.file.lock(waits: false)) != false else {
            throw TraceDatError(
                .busy, path: path.string, "another recording is being written to this file",
                remedy: "record to a file of its own")
        }
        // Who follows a file whose writer cannot be seen takes it for one that nobody writes.
        try? opened.file.set(.writer)
        do {
            try opened.file.truncate(to: 0)
        } catch {
            throw TraceDatError(.system(error), path: path.string, "cannot empty the file")
        }
        self.path = path
        self.opened = opened
    }

    /// An empty file that is to take another's place.
    init(successorOf other: borrowing OutputFile, suffix: String) throws(TraceDatError) {
        do {
            opened = try other.opened.successor(suffix: suffix)
        } catch {
            throw other.failure(error, "cannot make a file beside it")
        }
        path = other.path
    }

    private static func open(_ path: FilePath) throws(TraceDatError) -> OutputName {
        let name = path.string
        do throws(OutputRefusal) {
            // Non-blocking: a FIFO is refused, not waited for.
            return try OutputName(
                opening: name, [.readWrite, .create, .noControllingTerminal, .nonBlocking], mode: 0o600)
        } catch {
            switch error {
            case .anotherUsersLink:
                throw TraceDatError(
                    .unsupported, path: name, "this is a symbolic link of another user's where everybody may put files",
                    remedy: "name a file in a directory of your own")
            case .anotherUsersFile:
                throw TraceDatError(
                    .unsupported, path: name, "this is a file of another user's where everybody may put files",
                    remedy: "name a file in a directory of your own")
            case .system(let code):
                throw TraceDatError(
                    .system(code), path: name, "cannot create the file",
                    remedy: "choose a directory you can write to")
            }
        }
    }

    private static func checkKind(_ file: borrowing Descriptor, _ path: FilePath) throws(TraceDatError) {
        let kind: FileStatus.Kind
        do {
            kind = try file.status().kind
        } catch {
            throw TraceDatError(.system(error), path: path.string, "cannot ask what the file is")
        }
        guard kind == .regular else {
            throw TraceDatError(
                .unsupported, path: path.string, "not a regular file: a trace.dat cannot be written to it",
                remedy: "record to a file and copy it afterwards")
        }
    }

    /// Throws where the file's name is no longer its own: who looks for the recording there finds none, or another.
    func checkName() throws(TraceDatError) {
        guard !opened.isInPlace else { return }
        let isGone = (try? opened.file.status())?.links == 0
        throw TraceDatError(
            .displaced, path: path.string,
            isGone
                ? "the file was removed while it was being written: the recording is lost"
                : "the file was given another name while it was being written: the recording is complete, but not here",
            remedy: isGone ? "record again" : "find it where it was moved to")
    }

    func failure(_ error: Errno, at offset: UInt64? = nil, _ problem: String) -> TraceDatError {
        let isFull = error == .noSpace || error == .diskQuotaExceeded || error == .fileTooLarge
        return TraceDatError(
            isFull ? .noSpace : .system(error), path: path.string, offset: offset,
            isFull ? "\(problem): \(error)" : problem,
            remedy: isFull ? "make room on the disk, or record to another" : "")
    }

    func write(_ bytes: [UInt8], at offset: UInt64) throws(TraceDatError) {
        let error = bytes.withUnsafeBytes { opened.file.writeFully(at: offset, from: $0).error }
        if let error { throw failure(error, at: offset, "cannot write") }
    }

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(TraceDatError) {
        do {
            let count = try opened.file.readFully(at: offset, into: buffer)
            // A hole behind the end of the file reads as zeros.
            UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).initializeMemory(as: UInt8.self, repeating: 0)
        } catch {
            throw failure(error, at: offset, "cannot read back what was written")
        }
    }

    func truncate(to size: UInt64) throws(TraceDatError) {
        do {
            try opened.file.truncate(to: size)
        } catch {
            throw failure(error, at: size, "cannot set the file's size")
        }
    }

    func allocate(at offset: UInt64, count: Int) throws(TraceDatError) {
        do {
            try opened.file.allocate(at: offset, count: count)
        } catch {
            throw failure(error, at: offset, "cannot reserve \(count) bytes")
        }
    }

    /// Gives back the blocks between two places of the file.
    func punchHole(from start: UInt64, to end: UInt64) {
        if end > start { opened.file.punchHole(at: start, count: end - start) }
    }

    /// Copies between two places that do not overlap; in the kernel where the file system can.
    func copy(from source: UInt64, to target: UInt64, count: UInt64) throws(TraceDatError) {
        var done: UInt64 = 0
        while done < count {
            let copied = try? opened.file.copyRange(from: source + done, to: target + done, count: count - done)
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
}
