internal import CLinux
internal import Glibc
internal import SystemPackage

/// Where events are written: standard output or a file.
///
/// Into anything but a file, no write is begun that could not end at once: the descriptor is polled together with the
/// signals and takes whole lines of at most PIPE_BUF bytes. So a reader that waits (`less`) does not keep the
/// trace from ending, and one that reads gets whole lines.
struct EventSink: ~Copyable {
    /// Why nothing more can be written.
    enum End: Equatable {
        /// The reader went away, as `head` does: it has what it wanted.
        case closed
        /// The end was asked for while the reader did not read.
        case abandoned
        case failed(Errno)
    }

    let descriptor: Int32
    /// As it is called in messages.
    let name: String
    private let isOwned: Bool
    /// A file takes any number of bytes at once.
    private let isFile: Bool
    /// Set once; from then on nothing is written.
    private(set) var end: End?

    /// How long a reader may stand still after the end was asked for, in milliseconds.
    private static let patience: Int32 = 2000

    /// How long to wait for room before looking for signals again, in milliseconds.
    private static let pause: Int32 = 50

    /// What a pipe takes whole or not at all (PIPE_BUF).
    private static let piece = 4096

    /// Standard output, which whoever started this may have closed.
    init() throws(CommandFailure) {
        guard fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE != O_RDONLY else {
            throw CommandFailure("cannot write to standard output: it is not open for writing")
        }
        self.init(descriptor: STDOUT_FILENO, name: "standard output", isOwned: false)
    }

    /// A file, which is made or emptied, or a FIFO, which is written to when somebody reads it.
    /// - Parameters:
    ///   - inputs: files that are read meanwhile, and so must not be this one.
    ///   - signals: ends the wait for a reader; nil where a signal ends the process.
    init(creating path: String, besides inputs: [String], _ signals: SignalWatch?) throws {
        let descriptor = try Self.open(path, signals)
        do {
            try Self.empty(descriptor, path, besides: inputs)
        } catch {
            close(descriptor)
            throw error
        }
        self.init(descriptor: descriptor, name: path, isOwned: true)
    }

    private static func open(_ path: String, _ signals: SignalWatch?) throws -> Int32 {
        while true {
            let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0o666)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFL, O_WRONLY)
                return descriptor
            }
            // A FIFO that nobody reads yet.
            guard SystemError.current == .noSuchAddressOrDevice, isPipe(path) else {
                throw failure(path, SystemError.current)
            }
            if let signals {
                _ = signals.wait(milliseconds: pause)
                try signals.check()
            } else {
                poll(nil, 0, pause)
            }
        }
    }

    private static func isPipe(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO
    }

    private static func failure(_ path: String, _ error: Errno) -> CommandFailure {
        CommandFailure("cannot write the events to \(path): \(error)")
    }

    /// Empties a file, which is not done on opening it: it may be one of the inputs.
    private static func empty(_ descriptor: Int32, _ path: String, besides inputs: [String]) throws(CommandFailure) {
        var own = stat()
        guard fstat(descriptor, &own) == 0, own.st_mode & S_IFMT == S_IFREG else { return }
        for input in inputs {
            var facts = stat()
            let isFound = input == "-" ? fstat(STDIN_FILENO, &facts) == 0 : stat(input, &facts) == 0
            guard isFound, facts.st_dev == own.st_dev, facts.st_ino == own.st_ino else { continue }
            throw CommandFailure(
                "cannot write the events to \(path): it is the recording that is read\nFix: give -o another name",
                status: .badUsage)
        }
        guard ftruncate(descriptor, 0) == 0 else { throw failure(path, SystemError.current) }
    }

    private init(descriptor: Int32, name: String, isOwned: Bool) {
        var facts = stat()
        let isFound = fstat(descriptor, &facts) == 0
        // /dev/null counts as one: it never makes a writer wait.
        let isDevice = facts.st_mode & S_IFMT == S_IFCHR && isatty(descriptor) == 0
        isFile = isFound && (isDevice || [S_IFREG, S_IFBLK].contains(facts.st_mode & S_IFMT))
        self.descriptor = descriptor
        self.name = name
        self.isOwned = isOwned
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Writes all bytes, or as many as it can until the sink ends.
    /// - Parameter signals: nil where a signal may end the process in the middle of it.
    mutating func write(_ bytes: UnsafeRawBufferPointer, _ signals: SignalWatch?) {
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty, end == nil {
            if let signals, !isFile {
                guard isReady(signals) else { return }
            }
            let size = isFile ? rest.count : Self.wholeLines(of: rest)
            let count = Glibc.write(descriptor, rest.baseAddress, size)
            if count >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else {
                take(SystemError.current)
            }
        }
    }

    private mutating func take(_ error: Errno) {
        switch error {
        case .interrupted: break
        case .resourceTemporarilyUnavailable:
            // Somebody made it non-blocking.
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&entry, 1, Self.pause)
        case .brokenPipe: end = .closed
        default: end = .failed(error)
        }
    }

    /// Notes that the reader has gone, as poll(2) tells even while there is nothing to write.
    mutating func notice(_ wake: SignalWatch.Wake) {
        if !isFile, end == nil, wake.output & Int16(POLLERR | POLLHUP) != 0 { end = .closed }
    }

    /// Waits until a write would not block. False where the sink has ended.
    private mutating func isReady(_ signals: SignalWatch) -> Bool {
        while true {
            let wake = signals.wait(
                milliseconds: signals.stopRequested ? Self.patience : -1, output: descriptor, events: Int16(POLLOUT))
            if wake.output & Int16(POLLNVAL) != 0 {
                end = .failed(.badFileDescriptor)
                return false
            }
            if wake.output & Int16(POLLERR | POLLHUP) != 0 {
                end = .closed
                return false
            }
            if wake.output & Int16(POLLOUT) != 0 { return true }
            // A second request, or none that was heeded for so long.
            let isOver = signals.stopRequests.count > 1 || (signals.stopRequested && !wake.stopRequested)
            if isOver, !wake.childChanged {
                end = .abandoned
                return false
            }
        }
    }

    /// The length of as many whole lines as one piece holds; of the piece where a line is longer.
    private static func wholeLines(of bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count > piece else { return bytes.count }
        let last = bytes[..<piece].lastIndex(of: UInt8(ascii: "\n"))
        return last.map { $0 + 1 } ?? piece
    }
}
