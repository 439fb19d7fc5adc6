internal import KernelLayout
internal import RingBuffer
internal import SocketNames

/// Joins what calls were given, what the kernel printed of the sockets and what lay in their memory.
///
/// A thread is in one call at a time, so what it passes after another function belongs to that: a write to the message that it
/// sends, a close to the socket that it releases.
struct RecordedSockets {
    private var known: KnownMemory
    private let wordSize: Int
    private let numbers: ProcessorNumbers
    /// The sockets that live, whose making was seen.
    private var lives: [UInt64: Life] = [:]
    /// Which of them a sock belongs to.
    private var socketOfSock: [UInt64: UInt64] = [:]
    private var threads: [Int32: Thread] = [:]
    /// What was seen of `struct kiocb` for sockets whose file is not known yet.
    private var controls: [UInt64: [MemoryDump]] = [:]

    /// A socket from its making to its end.
    private struct Life {
        var kind: SocketSample.Kind
        var sock: UInt64
        var inode: UInt64?
        var connection = Connection.none
        /// Its sock when TCP was done with it.
        var ended: MemoryDump?

        enum Connection { case none, tried, made }
        /// It is one of TCP, and no raw one.
        let isTCP: Bool
    }

    /// Calls of a thread that others belong to.
    private struct Thread {
        var created: SocketSample.Kind?
        var connecting: UInt64?
        var control: MemoryDump?
        /// The file that it reads, and by which function.
        var reading: (file: UInt64, function: String)?
        var received: Message?
        var closing: (file: UInt64, memory: MemoryDump)?
    }

    /// A message that is sent or received.
    private struct Message {
        /// Of its `struct msghdr`.
        var address: UInt64
        var header: MemoryDump
        var size: UInt64
    }

    /// The layout that a capture shows.
    /// - Parameter numbers: those of the processor that it was made on.
    static func layout(_ capture: MemoryCapture, _ numbers: ProcessorNumbers) -> StructLayout {
        let rows = rows(capture, numbers)
        var sockets = RecordedSockets(
            known: KnownMemory(wordSize: capture.wordSize), wordSize: capture.wordSize, numbers: numbers)
        for (index, call) in capture.calls.enumerated() {
            if let row = rows[index] { sockets.take(row, call.record) } else { sockets.take(call) }
        }
        return sockets.known.layout
    }

    private init(known: KnownMemory, wordSize: Int, numbers: ProcessorNumbers) {
        self.known = known
        self.wordSize = wordSize
        self.numbers = numbers
    }

    // MARK: Calls

    private mutating func take(_ call: MemoryCapture.Call) {
        let record = call.record
        var thread = threads[call.thread] ?? Thread()
        defer { threads[call.thread] = thread }
        switch call.role {
        case .create: thread.created = kind(record)
        case .made: begin(record, thread.created.take())
        case .connect: thread.connecting = connect(record)
        case .connected:
            guard let socket = thread.connecting.take(), let result = record.word("result") else { break }
            connected(socket, Int32(truncatingIfNeeded: result))
        case .ended:
            guard let sock = record.word("sock"), let socket = socketOfSock[sock] else { break }
            lives[socket]?.ended = record.memory("memory")
        case .control: thread.control = record.memory("memory")
        case .message:
            let message = message(record, control: thread.control.take())
            thread.received = call.function.hasSuffix("_recvmsg") ? message : nil
        case .copy:
            guard let message = thread.received.take(), let iterator = record.word("iterator"),
                iterator >= message.address
            else { break }
            known.noteIterator(at: Int(clamping: iterator - message.address), in: message.header, holds: message.size)
        case .file: thread.reading = record.word("file").map { ($0, call.function) }
        case .kiocb:
            guard let reading = thread.reading.take(), let memory = record.memory("memory") else { break }
            known.noteControl(memory, of: reading.file, from: "\(reading.function) \(call.function)")
        case .close:
            thread.closing = record.word("file").flatMap { file in record.memory("memory").map { (file, $0) } }
        case .release: release(record, thread.closing.take())
        case .row: break
        }
    }

    /// What a socket is made as, by the arguments of `__sock_create`: its type has the number that lies in memory.
    private func kind(_ record: MemoryRecord) -> SocketSample.Kind? {
        func argument(_ name: String) -> Int32? { record.word(name).map { Int32(truncatingIfNeeded: $0) } }
        guard let family = argument("family"), let type = argument("type"), let number = argument("protocol") else {
            return nil
        }
        let kept: Int32? =
            switch (family, numbers.genericType(type), number) {
            case (2, 1, 0), (10, 1, 0): 6
            case (2, 2, 0), (10, 2, 0): 17
            case (2, _, _), (10, _, _), (16, _, _): number
            default: nil
            }
        return .init(family: family, type: type, protocol: kept)
    }

    private mutating func begin(_ record: MemoryRecord, _ kind: SocketSample.Kind?) {
        guard let socket = record.word("socket"), let sock = record.word("sock"), socket != 0 else { return }
        end(socket)
        guard let kind else { return }
        let isStream = numbers.genericType(kind.type) == 1
        lives[socket] = Life(kind: kind, sock: sock, isTCP: isStream && kind.protocol == 6)
        socketOfSock[sock] = socket
    }

    private mutating func end(_ socket: UInt64) {
        controls[socket] = nil
        if let life = lives.removeValue(forKey: socket) { socketOfSock[life.sock] = nil }
    }

    /// - Returns: the socket, where this is the first time that it connects.
    private mutating func connect(_ record: MemoryRecord) -> UInt64? {
        guard let socket = record.word("socket"), let memory = record.memory("memory"), let life = lives[socket],
            life.isTCP, life.connection == .none
        else { return nil }
        note(life, memory)
        known.note(.socketState, in: memory, holds: 1)
        lives[socket]?.connection = .tried
        return socket
    }

    private mutating func connected(_ socket: UInt64, _ result: Int32) {
        if result == 0 { lives[socket]?.connection = .made }
        // It takes the error out of the sock, once TCP is done with that.
        if result < 0, let memory = lives[socket]?.ended {
            known.note(.sockError, in: memory, holds: UInt64(result.magnitude))
        }
    }

    private mutating func message(_ record: MemoryRecord, control: MemoryDump?) -> Message? {
        guard let socket = record.word("socket"), let header = record.word("header"), let size = record.word("size"),
            let memory = record.memory("memory"), let message = record.memory("message")
        else { return nil }
        if let control { controls[socket, default: []].append(control) }
        known.note(.messageCount, in: message, holds: size)
        if let life = lives[socket] {
            note(life, memory)
            if life.isTCP, life.connection == .made { known.note(.socketState, in: memory, holds: 3) }
        }
        return Message(address: header, header: message, size: size)
    }

    private mutating func release(_ record: MemoryRecord, _ closing: (file: UInt64, memory: MemoryDump)?) {
        guard let socket = record.word("socket"), let memory = record.memory("memory") else { return }
        if let closing {
            known.note(.filePrivateData, in: closing.memory, holds: socket)
            for control in controls[socket] ?? [] { known.noteControl(control, of: closing.file, from: "sockets") }
        }
        if let life = lives[socket] {
            note(life, memory)
            let words = (0..<16).map { $0 * wordSize }
            let behind = words.compactMap { word in record.memory("behind_\(word)").map { (word, $0) } }
            known.note(life.kind, at: socket, memory, behind: Dictionary(uniqueKeysWithValues: behind))
        }
        end(socket)
    }

    private mutating func note(_ life: Life, _ memory: MemoryDump) {
        known.note(.socketType, in: memory, holds: UInt64(life.kind.type))
        known.note(.socketSock, in: memory, holds: life.sock)
        if let inode = life.inode { known.note(.socketInode, in: memory, holds: inode) }
    }

    // MARK: Rows

    private mutating func take(_ row: SocketRow, _ record: MemoryRecord) {
        guard let sock = record.word("sock"), let memory = record.memory("memory") else { return }
        for (member, value) in row.facts { known.note(member, in: memory, holds: value) }
        // No call of ours failed yet.
        if row.isConnection, socketOfSock[sock] != nil { known.note(.sockError, in: memory, holds: 0) }
        if let socket = socketOfSock[sock] {
            known.note(.sockSocket, in: memory, holds: socket)
            lives[socket]?.inode = row.inode
        }
    }

    /// The rows by the calls that printed them, where their numbers agree. The kernel passes the function for the header, too,
    /// and twice for a line for which it had no room.
    private static func rows(_ capture: MemoryCapture, _ numbers: ProcessorNumbers) -> [Int: SocketRow] {
        var found: [Int: SocketRow] = [:]
        for (file, text) in capture.rows {
            guard let end = text.firstIndex(of: "\n"), let reader = Int32(text[..<end]) else { continue }
            let rows = SocketRow.rows(
                of: file, text[text.index(after: end)...], isBigEndian: capture.byteOrder == .big, numbers)
            var calls: [Int] = []
            var last: UInt64?
            for (index, call) in capture.calls.enumerated() where call.thread == reader && call.role == .row {
                guard let sock = call.record.word("sock"), sock != 1, sock != last else { continue }
                last = sock
                calls.append(index)
            }
            guard calls.count == rows.count else { continue }
            for (call, row) in zip(calls, rows) { found[call] = row }
        }
        return found
    }
}
