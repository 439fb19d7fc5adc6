internal import Glibc
internal import LinuxSystem
internal import ProbeContract
internal import ProbePlanning
internal import KernelLayout

/// Functions that get a struct we look for in their first argument, or an event that leads to one, and the call that leads to
/// them.
///
/// Presence of a symbol is no promise: compilers leave copies behind that nobody calls. The first source that fires is
/// taken.
struct MemorySite: Sendable {
    /// What is looked at; it begins the names of its events.
    private var subject: String
    /// Exactly one of them fires for a call.
    var functions: [String]
    var call: Call

    enum Call: Sendable {
        /// recvmsg(2) on a socket that has nothing to receive.
        case receive
        /// sendmsg(2).
        case send
        /// read(2) or readv(2).
        case read
        /// write(2) or writev(2).
        case write
    }

    init(_ function: KernelFunction, _ call: Call) {
        let subject =
            switch call {
            case .receive, .send: "socket"
            case .read, .write: "iteration"
            }
        self.init(subject, functions: function.symbols(.iterators), call: call)
    }

    private init(_ subject: String, functions: [String], call: Call) {
        self.subject = subject
        self.functions = functions
        self.call = call
    }

    /// `(struct socket *, struct msghdr *, …)`. Receiving comes first: it moves nothing.
    static let ofSockets = [
        MemorySite(.sysRecvmsg, .receive), MemorySite(.sockRecvmsg, .receive), MemorySite(.securityRecvmsg, .receive),
        MemorySite(.protocolRecvmsg, .receive), MemorySite(.sysSendmsg, .send), MemorySite(.sockSendmsgInner, .send),
        MemorySite(.securitySendmsg, .send), MemorySite(.protocolSendmsg, .send),
    ]

    /// `(struct kiocb *, struct iov_iter *)`, since 4.1.
    static let ofIterations = [MemorySite(.readIter, .read), MemorySite(.writeIter, .write)]

    /// The kernel's own event of a message that was received, for kernels without kprobes: it has the sock.
    static let ofSocks = MemorySite("sock", functions: [MessageEvent.received.rawValue], call: .receive)
    /// The same, to look at the socket behind the sock.
    static let ofSocketsBehindSocks = MemorySite("socket", functions: ofSocks.functions, call: .receive)

    /// The source with those of its functions that the kernel has; nil where it has none.
    func on(_ symbols: KernelSymbols) -> MemorySite? {
        let present = functions.filter { symbols.canProbe($0) }
        return present.isEmpty ? nil : MemorySite(subject, functions: present, call: call)
    }

    // MARK: Events

    /// Begins the names of its events, and no other source's.
    private var name: String { "\(subject)_\(FrameEventName.word(for: functions[0]))" }

    /// Probes on all the functions.
    /// - Parameter number: of a window behind pointers; nil for the window on the arguments.
    func probes(_ arguments: [FetchArgument], number: Int? = nil) -> [MemoryProbe] {
        functions.enumerated().map { index, function in
            let suffix = number.map { "behind\($0)_\(index)" } ?? "given_\(index)"
            return MemoryProbe(symbol: function, event: "\(name)_\(suffix)", arguments: arguments)
        }
    }

    /// The record is of a window on the arguments.
    func made(_ record: MemoryRecord) -> Bool { record.event.hasPrefix("\(name)_given_") }

    /// The function that made a record of a window on the arguments.
    func function(of record: MemoryRecord) -> String? {
        guard made(record), let index = record.event.split(separator: "_").last.flatMap({ Int($0) }),
            functions.indices.contains(index)
        else { return nil }
        return functions[index]
    }

    /// The record is of a window behind pointers.
    func madeBehind(_ record: MemoryRecord) -> Bool { record.event.hasPrefix("\(name)_behind") }

    private var isLookedAtAfterwards: Bool { functions == Self.ofSocks.functions }

    // MARK: Calls

    /// The form of a call. Each has a caller of its own in the kernel, so that what lies on the stack beside a struct,
    /// copies of its members among it, differs.
    enum Form: CaseIterable, Sendable {
        /// One buffer.
        case whole
        /// Three.
        case pieces
        /// splice(2) into a pipe. Stream sockets have their own way for it, past the probed function.
        case splice
    }

    /// Makes the call; whether it succeeds does not matter, only what it asks for.
    /// - Returns: the bytes asked for, where they are ours to choose.
    func trigger(_ descriptor: Int32, _ form: Form, _ room: borrowing MessageBuffer) -> Int? {
        let length = MessageBuffer.randomLength()
        switch (call, form) {
        case (.read, .whole): _ = Glibc.read(descriptor, room.base, length)
        case (.write, .whole): _ = Glibc.write(descriptor, room.base, length)
        case (_, .splice):
            splice(descriptor, length)
            return nil
        default:
            room.withVectors(length, pieces: form == .pieces) { vectors in
                pass(vectors, descriptor)
            }
        }
        return length
    }

    private func pass(_ vectors: UnsafeMutableBufferPointer<iovec>, _ descriptor: Int32) {
        var header = msghdr()
        header.msg_iov = vectors.baseAddress
        header.msg_iovlen = .init(vectors.count)
        // A call whose end is looked at must not take the socket's pending error with it.
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL | (isLookedAtAfterwards ? MSG_ERRQUEUE : 0))
        switch call {
        case .read: _ = readv(descriptor, vectors.baseAddress, Int32(vectors.count))
        case .write: _ = writev(descriptor, vectors.baseAddress, Int32(vectors.count))
        case .send: _ = sendmsg(descriptor, &header, flags)
        case .receive: _ = recvmsg(descriptor, &header, flags)
        }
    }

    private func splice(_ descriptor: Int32, _ length: Int) {
        guard let pipe = try? Pipe() else { return }
        _ = try? Descriptor.splice(from: descriptor, to: pipe.writeEnd, count: length, waits: false)
    }
}
