internal import BasicContainers
internal import Glibc
internal import ProbePlan
internal import SocketAliases
internal import TraceFS

/// Learns where the members of the kernel's structs lie, from the memory of sockets whose properties we chose.
///
/// Two rounds. The first dumps what the probed functions are passed and finds all that lies there, and the words that
/// may be pointers; the second dumps what lies behind those. Every address is read by the probes' own fetch, which
/// takes no fault (`copy_from_kernel_nofault`): a word that is no pointer reads as zeros.
struct Calibrator: ~Copyable {
    private var session: DumpSession
    private let symbols: KernelSymbols
    private let convention: CallingConvention
    private let room = MessageRoom()

    private var socketSource: DumpSource?
    private var iterationSource: DumpSource?

    private var sockets: [SocketSample] = []
    private var iterations: [IterationSample] = []
    private var trials: [FlagTrial] = []

    /// Bytes of windows. The structs have about 128 (socket), 104 (msghdr), 48 (iov_iter) and 64 (kiocb); behind
    /// pointers, sk_protocol was seen at 492 to 542, and lock debugging adds to that.
    private enum Window {
        static let socket = 256
        static let message = 192
        static let iterator = 96
        static let control = 96
        static let operations = 256
        static let sock = 1056
        static let file = 496
    }

    init(_ directory: TracingDirectory, symbols: KernelSymbols, convention: CallingConvention) throws(TracingError) {
        session = try DumpSession(directory)
        self.symbols = symbols
        self.convention = convention
    }

    /// Runs every experiment that the kernel lets us make; what fails is missing in the result.
    consuming func run() -> Calibration {
        let wordSize = convention.wordSize
        let subjects = TestSockets()
        chooseSources(subjects)
        if socketSource != nil {
            look(at: subjects)
            tryFlags(subjects)
            lookBehind(SocketSearch(sockets, wordSize: wordSize), IterationSearch(iterations, wordSize: wordSize))
            look(at: subjects)
        }
        session.remove()
        return Calibration(
            sockets: SocketSearch(sockets, wordSize: wordSize),
            iterations: IterationSearch(iterations, wordSize: wordSize), flagTrials: trials)
    }

    /// The layout of the running kernel as it was learnt; of what cannot be learnt nothing is said.
    static func layout(
        _ directory: TracingDirectory, symbols: KernelSymbols, convention: CallingConvention
    ) -> StructLayout {
        guard let calibrator = try? Calibrator(directory, symbols: symbols, convention: convention) else {
            return StructLayout()
        }
        return calibrator.run().layout
    }

    // MARK: Sources

    /// Takes the first functions that fire for a call of ours.
    private mutating func chooseSources(_ subjects: borrowing TestSockets) {
        guard subjects.count > 0 else { return }
        for source in DumpSource.ofSockets.compactMap({ $0.on(symbols) })
        where isFiring(source, window: socketWindow, subjects.sockets[0]) {
            socketSource = source
            break
        }
        for source in DumpSource.ofIterations.compactMap({ $0.on(symbols) })
        where isFiring(source, window: iterationWindow, subjects.sockets[0]) {
            iterationSource = source
            break
        }
    }

    private mutating func isFiring(
        _ source: DumpSource, window: [FetchArgument], _ socket: borrowing TestSocket
    ) -> Bool {
        let probes = source.probes(window)
        do {
            try session.add(probes)
        } catch {
            session.disable(probes)
            return false
        }
        let descriptor = socket.descriptor
        let records = session.observe { _ = source.trigger(descriptor, .pieces, room) }
        if records.count(where: { source.made($0) }) == 1 { return true }
        session.disable(probes)
        return false
    }

    private func argument(_ number: Int) -> String {
        convention.argumentText(number) ?? "$arg\(number)"
    }

    private var socketWindow: [FetchArgument] {
        [FetchArgument("first", argument(1), convention.word)]
            + dump("socket", behind: argument(1), bytes: Window.socket)
            + dump("message", behind: argument(2), bytes: Window.message)
    }

    private var iterationWindow: [FetchArgument] {
        dump("control", behind: argument(1), bytes: Window.control)
            + dump("iterator", behind: argument(2), bytes: Window.iterator)
    }

    /// Arrays of at most 63 elements (MAX_ARRAY_LEN is 64) that cover the memory behind a pointer.
    private func dump(_ name: String, behind pointer: String, bytes: Int) -> [FetchArgument] {
        let longest = 63 * 8
        return stride(from: 0, to: bytes, by: longest).map { start in
            let words = min(longest, bytes - start) / 8
            return FetchArgument("\(name)_\(start)", "+\(start)(\(pointer))", "x64[\(words)]")
        }
    }

    // MARK: Experiments

    /// Makes the calls on every socket, once, and keeps what was seen.
    private mutating func look(at subjects: borrowing TestSockets) {
        for index in 0..<subjects.count {
            guard let sample = socketSample(of: subjects.sockets[index], index.isMultiple(of: 2) ? .pieces : .whole)
            else {
                continue
            }
            sockets.append(sample)
            let descriptor = subjects.sockets[index].descriptor
            for form in DumpSource.Form.allCases {
                if let sample = iterationSample(descriptor, of: sample, form) { iterations.append(sample) }
            }
        }
    }

    private mutating func socketSample(of socket: borrowing TestSocket, _ form: DumpSource.Form) -> SocketSample? {
        guard let source = socketSource else { return nil }
        var length: Int?
        let descriptor = socket.descriptor
        let records = session.observe { length = source.trigger(descriptor, form, room) }
            .filter { source.made($0) || source.madeBehind($0) }
        guard let length, records.count(where: { source.made($0) }) == 1,
            let record = records.first(where: { source.made($0) }), let address = record.word("first"),
            let window = record.memory("socket"), let message = record.memory("message")
        else { return nil }
        var sample = SocketSample(
            kind: socket.kind, state: socket.state, length: UInt64(length), address: address, memory: window,
            message: message)
        sample.behind = behind(records)
        return sample
    }

    private mutating func iterationSample(
        _ descriptor: Int32, of socket: SocketSample, _ form: DumpSource.Form
    ) -> IterationSample? {
        guard let source = iterationSource else { return nil }
        var length: Int?
        let records = session.observe { length = source.trigger(descriptor, form, room) }
            .filter { source.made($0) || source.madeBehind($0) }
        guard records.count(where: { source.made($0) }) == 1,
            let record = records.first(where: { source.made($0) }),
            let control = record.memory("control"), let iterator = record.memory("iterator")
        else { return nil }
        var sample = IterationSample(
            length: length.map { UInt64($0) }, socket: socket, control: control, iterator: iterator)
        sample.behind = behind(records)
        return sample
    }

    // MARK: Behind pointers

    /// Adds probes that record what lies behind words of the structs.
    private mutating func lookBehind(_ search: SocketSearch, _ iteration: IterationSearch) {
        // Each probe costs the kernel a grace period to take away, so the file is looked at through the socket.
        let files = Set(iteration.fileWords.map(\.socket))
        if let socketSource {
            let socks = search.sockCandidates.filter { !files.contains($0) }
            addProbes(
                socketSource,
                search.opsCandidates.map { ($0, Window.operations) } + files.sorted().map { ($0, Window.file) }
                    + socks.map { ($0, Window.sock) })
        }
        if let iterationSource, files.isEmpty {
            addProbes(iterationSource, iteration.fileCandidates.map { ($0, Window.file) })
        }
    }

    /// Bytes of windows in one record: kernels since 6.1 take no probe whose record may pass 3,072 (MAX_PROBE_EVENT_SIZE
    /// in kernel/trace/trace_probe.h).
    private static let recordRoom = 2900

    /// Packs windows into as few probes as a record's size allows.
    private mutating func addProbes(_ source: DumpSource, _ pointers: [(offset: Int, bytes: Int)]) {
        var packs: [[FetchArgument]] = []
        var room = 0
        for (offset, bytes) in pointers {
            let arguments = dump("behind_\(offset)", behind: "+\(offset)(\(argument(1)))", bytes: bytes)
            if bytes > room {
                packs.append([])
                room = Self.recordRoom
            }
            packs[packs.count - 1] += arguments
            room -= bytes
        }
        for (number, pack) in packs.enumerated() {
            // One that is refused leaves its members unknown.
            try? session.add(source.probes(pack, number: number))
        }
    }

    private func behind(_ records: [DumpRecord]) -> [Int: MemoryDump] {
        var found: [Int: MemoryDump] = [:]
        for record in records {
            for name in Set(record.fields.keys.compactMap { DumpRecord.base(of: $0) }) {
                guard name.hasPrefix("behind_"), let offset = Int(name.dropFirst("behind_".count)) else { continue }
                found[offset] = record.memory(name)
            }
        }
        return found
    }

    // MARK: Flags

    /// Switches options that have a bit in `socket.flags`, and fills a send buffer.
    private mutating func tryFlags(_ subjects: borrowing TestSockets) {
        for index in 0..<subjects.count {
            guard [AF_UNIX, AF_NETLINK].contains(subjects.sockets[index].kind.family) else { continue }
            for (flag, option) in FlagOption.all {
                tryOption(flag, option, subjects.sockets[index])
            }
        }
        for _ in 0..<3 {
            guard let pair = TestSocketPair(type: TestSocket.stream) else { continue }
            tryFilling(pair.first)
        }
    }

    private mutating func tryOption(_ flag: SocketFlag, _ option: Int32, _ socket: borrowing TestSocket) {
        guard trials.count(where: { $0.flag == flag }) < 3, let off = memory(of: socket) else { return }
        guard socket.set(option, true) else { return }
        let on = memory(of: socket)
        guard socket.set(option, false) else { return }
        if let on { trials.append(FlagTrial(flag, off: off, on: on, offAgain: memory(of: socket))) }
    }

    private mutating func tryFilling(_ socket: borrowing TestSocket) {
        var size: Int32 = 1
        setsockopt(socket.descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        guard let off = memory(of: socket) else { return }
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        // The smallest send buffer holds a few such messages.
        for _ in 0..<4096 where send(socket.descriptor, room.base, 1024, flags) < 0 { break }
        if let on = memory(of: socket) { trials.append(FlagTrial(.noSpace, off: off, on: on)) }
    }

    private mutating func memory(of socket: borrowing TestSocket) -> MemoryDump? {
        socketSample(of: socket, .whole)?.memory
    }
}

/// Options of SOL_SOCKET that had or have a bit in `socket.flags` (include/uapi/asm-generic/socket.h).
private enum FlagOption {
    static let all: [(SocketFlag, Int32)] = [(.passCred, SO_PASSCRED), (.passSec, SO_PASSSEC), (.passPidFD, 76)]
}
