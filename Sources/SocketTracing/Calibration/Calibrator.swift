internal import BasicContainers
internal import Glibc
internal import ProbePlanning
internal import KernelLayout
internal import SocketEvents
internal import SocketNames
internal import TraceFS

/// Learns where the members of the kernel's structs lie, from the memory of sockets whose properties we chose.
///
/// Two rounds. The first dumps what the probed functions are passed and finds all that lies there, and the words that
/// may be pointers; the second dumps what lies behind those. Every address is read by the probes' own fetch, which
/// takes no fault (`copy_from_kernel_nofault`): a word that is no pointer reads as zeros.
struct Calibrator: ~Copyable {
    var session: MemorySession
    let symbols: KernelSymbols
    /// How probes fetch what their functions are passed, or what their events tell.
    var convention: CallingConvention
    /// The kernel takes probes on functions, not only on its own events.
    let probesFunctions: Bool
    let room = MessageBuffer()

    private(set) var socketSource: MemorySite?
    private var iterationSource: MemorySite?

    private(set) var sockets: [SocketSample] = []
    private var iterations: [KiocbSample] = []
    private var trials: [FlagTrial] = []
    private var watched: [Watched] = []
    private var watchedTrials: [WatchedTrial] = []
    /// By a function that `sockets[0]` passes when the source of sockets is called for it.
    var reader: MemoryReader?

    /// Bytes of windows. The structs have about 128 (socket; its inode's number was seen at 168 to 272), 104 (msghdr), 48 (iov_iter) and 64 (kiocb); behind
    /// pointers, sk_protocol was seen at 492 to 542, and lock debugging adds to that.
    enum Window {
        static let socket = 320
        static let message = 192
        static let iterator = 96
        static let control = 96
        static let operations = 256
        static let sock = 1056
        static let file = 496
        /// Of what a word of a sock leads to: enough for `struct socket` as far as its sock.
        static let owner = 128
    }

    private init(_ instance: consuming TracerInstance, _ survey: KernelSurvey) throws(TracingError) {
        session = try MemorySession(instance)
        symbols = survey.symbols
        convention = survey.convention
        probesFunctions = survey.capabilities.has(.kernelProbes)
    }

    /// What is to be learnt of the running kernel.
    struct Questions: Sendable {
        /// The layout that the kernel states: only the meaning of flags is asked for, where it does not state that. Nil
        /// where all of it is to be learnt.
        var stated: StructLayout?
        /// How the protocols' own functions are looked for; nil where they are not.
        var protocols: ProtoOpsScan?
        /// What somebody wants to know of sockets that takes experiments of its own.
        var fields: Set<OptionalField> = []

        var isEmpty: Bool { stated?.flagNames != nil && protocols == nil }
    }

    /// What was learnt; what experiments did not show is missing.
    struct Answers: Sendable {
        /// The layout that the kernel states, completed; else that which experiments showed.
        var layout: StructLayout
        var protocols: ProtocolFunctions?
    }

    /// The answers, and the instance in which they were found.
    struct Outcome: ~Copyable {
        let answers: Answers
        /// Nil after an error.
        let instance: TracerInstance?

        consuming func leave() -> TracerInstance? { instance }
    }

    /// Makes the experiments that the questions need, as far as the kernel lets us make them.
    /// - Parameter instance: where they are made; nil where there is none, and so no answers.
    static func answer(
        _ questions: Questions, in instance: consuming TracerInstance?, _ survey: KernelSurvey
    ) -> Outcome {
        var answers = Answers(layout: questions.stated ?? StructLayout())
        guard let instance = instance.take(), var calibrator = try? Calibrator(instance, survey) else {
            return Outcome(answers: answers, instance: nil)
        }
        calibrator.answer(questions, &answers)
        return Outcome(answers: answers, instance: calibrator.leave())
    }

    /// What the experiments showed so far.
    var calibration: Calibration {
        Calibration(
            sockets: SocketSearch(sockets, wordSize: convention.wordSize),
            iterations: IterationSearch(iterations, wordSize: convention.wordSize), flagTrials: trials)
    }

    private consuming func leave() -> TracerInstance { session.leave() }

    private mutating func answer(_ questions: Questions, _ answers: inout Answers) {
        let subjects = OwnSockets()
        guard subjects.count > 0 else { return }
        if !probesFunctions, !lookFromSocks(subjects, stated: questions.stated?[.sockSocket]) { return }
        chooseSocketSource(subjects)
        if let stated = questions.stated {
            if stated.flagNames == nil, let flags = stated[.socketFlags], socketSource != nil {
                runFlags(subjects)
                answers.layout.flagNames = calibration.flagNames(at: flags)
            }
        } else {
            runAll(subjects)
            answers.layout = calibration.layout
            answers.layout.places.merge(findNames(subjects)) { first, _ in first }
            if probesFunctions { answers.layout.places.merge(findDatagrams()) { first, _ in first } }
            answers.layout.places.merge(findOwners(questions.fields, subjects)) { first, _ in first }
        }
        if let search = questions.protocols { answers.protocols = findProtocols(search, subjects.sockets[0]) }
    }

    private mutating func runAll(_ subjects: borrowing OwnSockets) {
        if probesFunctions { chooseIterationSource(subjects) }
        guard socketSource != nil else { return }
        watch(subjects)
        tryFlags(subjects)
        look()
        lookBehind(calibration.sockets, calibration.iterations)
        watch(subjects)
        look()
    }

    /// Runs those that tell the meaning of the flags.
    private mutating func runFlags(_ subjects: borrowing OwnSockets) {
        watch(subjects)
        tryFlags(subjects)
        look()
    }

    // MARK: Sources

    /// Takes the first functions that fire for a call of ours.
    private mutating func chooseSocketSource(_ subjects: borrowing OwnSockets) {
        let sources = probesFunctions ? MemorySite.ofSockets.compactMap { $0.on(symbols) } : [.ofSocketsBehindSocks]
        for source in sources where isFiring(source, window: socketWindow, subjects.sockets[0]) {
            socketSource = source
            return
        }
    }

    private mutating func chooseIterationSource(_ subjects: borrowing OwnSockets) {
        for source in MemorySite.ofIterations.compactMap({ $0.on(symbols) })
        where isFiring(source, window: iterationWindow, subjects.sockets[0]) {
            iterationSource = source
            return
        }
    }

    private mutating func isFiring(
        _ source: MemorySite, window: [FetchArgument], _ socket: borrowing OwnSocket
    ) -> Bool {
        let probes = source.probes(window)
        do {
            try session.add(probes)
        } catch {
            session.disable(probes)
            return false
        }
        let descriptor = socket.descriptor
        let call = session.watch { _ = source.trigger(descriptor, .pieces, room) }
        let records = session.look()[call].filter { source.made($0) }
        if records.count == 1, let function = source.function(of: records[0]) {
            reader = reader ?? MemoryReader(function: function, convention: convention)
            return true
        }
        session.disable(probes)
        return false
    }

    func argument(_ number: Int) -> String {
        convention.argumentText(number) ?? "$arg\(number)"
    }

    private var socketWindow: [FetchArgument] {
        [FetchArgument("first", argument(1), convention.word)]
            + dump("socket", behind: argument(1), bytes: Window.socket)
            + (probesFunctions ? dump("message", behind: argument(2), bytes: Window.message) : [])
    }

    private var iterationWindow: [FetchArgument] {
        dump("control", behind: argument(1), bytes: Window.control)
            + dump("iterator", behind: argument(2), bytes: Window.iterator)
    }

    /// Arrays of at most 63 elements (MAX_ARRAY_LEN is 64) that cover the memory behind a pointer.
    func dump(_ name: String, behind pointer: String, bytes: Int) -> [FetchArgument] {
        let longest = 63 * 8
        return stride(from: 0, to: bytes, by: longest).map { start in
            let words = min(longest, bytes - start) / 8
            return FetchArgument("\(name)_\(start)", "+\(start)(\(pointer))", "x64[\(words)]")
        }
    }

    // MARK: Experiments

    /// A call that was made and not yet looked at.
    private struct Watched {
        enum Purpose {
            case sample
            /// A read or write, of the socket that the call of this number is about.
            case iteration(socket: Int)
            /// The states of a flag.
            case memory
        }

        var number: Int
        var purpose: Purpose
        var kind: SocketSample.Kind
        var state: Int32?
        var length: Int?
        /// What system calls said of the socket.
        var facts: [StructLayout.Member: UInt64] = [:]
        var name: [UInt8]?
        var subject = 0
        var peer: Int?
    }

    /// Three or two calls between which a flag came and went.
    private struct WatchedTrial {
        var flag: SocketFlag
        var off: Int
        var on: Int
        var offAgain: Int?
    }

    /// Makes the calls on every socket, once.
    private mutating func watch(_ subjects: borrowing OwnSockets) {
        for index in 0..<subjects.count {
            let facts = subjects.sockets[index].facts()
            guard let socket = watch(subjects.sockets[index], index.isMultiple(of: 2) ? .pieces : .whole, .sample)
            else { continue }
            watched[watched.count - 1].facts = facts
            watched[watched.count - 1].name = subjects.sockets[index].localUnixName
            watched[watched.count - 1].subject = index
            watched[watched.count - 1].peer = subjects.peers[index]
            guard let source = iterationSource else { continue }
            for form in MemorySite.Form.allCases {
                watch(subjects.sockets[index], form, .iteration(socket: socket), source)
            }
        }
    }

    private mutating func watch(
        _ socket: borrowing OwnSocket, _ form: MemorySite.Form, _ purpose: Watched.Purpose
    ) -> Int? {
        socketSource.map { watch(socket, form, purpose, $0) }
    }

    @discardableResult
    private mutating func watch(
        _ socket: borrowing OwnSocket, _ form: MemorySite.Form, _ purpose: Watched.Purpose, _ source: MemorySite
    ) -> Int {
        var length: Int?
        let descriptor = socket.descriptor
        let number = session.watch { length = source.trigger(descriptor, form, room) }
        watched.append(
            Watched(number: number, purpose: purpose, kind: socket.kind, state: socket.state, length: length))
        return number
    }

    /// Keeps what was seen of all the calls since the last look.
    private mutating func look() {
        let records = session.look()
        var samples: [Int: SocketSample] = [:]
        for call in watched {
            switch call.purpose {
            case .sample, .memory: samples[call.number] = socketSample(of: call, records[call.number])
            case .iteration(let socket):
                guard let socket = samples[socket] else { continue }
                if let sample = iterationSample(of: call, socket, records[call.number]) { iterations.append(sample) }
            }
            if case .sample = call.purpose, let sample = samples[call.number] { sockets.append(sample) }
        }
        for trial in watchedTrials {
            guard let off = samples[trial.off]?.memory, let on = samples[trial.on]?.memory else { continue }
            let offAgain = trial.offAgain.map { samples[$0]?.memory }
            // One whose end was not seen is none.
            if case .some(.none) = offAgain { continue }
            trials.append(FlagTrial(trial.flag, off: off, on: on, offAgain: offAgain ?? nil))
        }
        watched.removeAll()
        watchedTrials.removeAll()
    }

    private func socketSample(of call: Watched, _ records: [MemoryRecord]) -> SocketSample? {
        guard let source = socketSource, let length = call.length,
            records.count(where: { source.made($0) }) == 1,
            let record = records.first(where: { source.made($0) }), let address = record.word("first"),
            let window = record.memory("socket")
        else { return nil }
        var sample = SocketSample(
            kind: call.kind, state: call.state, length: UInt64(length), address: address, memory: window,
            message: record.memory("message") ?? MemoryDump([]))
        sample.behind = behind(records.filter { source.madeBehind($0) })
        sample.facts = call.facts
        sample.name = call.name
        sample.subject = call.subject
        sample.peer = call.peer
        return sample
    }

    private func iterationSample(
        of call: Watched, _ socket: SocketSample, _ records: [MemoryRecord]
    ) -> KiocbSample? {
        guard let source = iterationSource, records.count(where: { source.made($0) }) == 1,
            let record = records.first(where: { source.made($0) }),
            let control = record.memory("control"), let iterator = record.memory("iterator")
        else { return nil }
        var sample = KiocbSample(
            length: call.length.map { UInt64($0) }, socket: socket, control: control, iterator: iterator)
        sample.behind = behind(records.filter { source.madeBehind($0) })
        return sample
    }

    /// Takes samples of other sockets, beside those that all else is learnt from.
    mutating func samples(of others: borrowing UniqueArray<OwnSocket>) -> [SocketSample] {
        let before = sockets.count
        for index in 0..<others.count { _ = watch(others[index], .whole, .sample) }
        look()
        let samples = Array(sockets[before...])
        sockets.removeSubrange(before...)
        return samples
    }

    // MARK: Behind pointers

    /// Adds probes that record what lies behind words of the structs.
    private mutating func lookBehind(_ search: SocketSearch, _ iteration: IterationSearch) {
        // Each probe costs the kernel a grace period to switch off, so the file is looked at through the socket.
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

    /// Packs windows into as few probes as a record's size allows.
    @discardableResult
    mutating func addProbes(_ source: MemorySite, _ pointers: [(offset: Int, bytes: Int)]) -> [MemoryProbe] {
        var packs: [[FetchArgument]] = []
        var room = 0
        for (offset, bytes) in pointers {
            let arguments = dump("behind_\(offset)", behind: "+\(offset)(\(argument(1)))", bytes: bytes)
            if bytes > room {
                packs.append([])
                room = MemoryProbe.recordRoom
            }
            packs[packs.count - 1] += arguments
            room -= bytes
        }
        let probes = packs.enumerated().map { number, pack in source.probes(pack, number: number) }
        // One that is refused leaves its members unknown.
        for probe in probes { try? session.add(probe) }
        return probes.flatMap { $0 }
    }

    func behind(_ records: [MemoryRecord]) -> [Int: MemoryDump] {
        var found: [Int: MemoryDump] = [:]
        for record in records {
            for name in Set(record.fields.keys.compactMap { MemoryRecord.base(of: $0) }) {
                guard name.hasPrefix("behind_"), let offset = Int(name.dropFirst("behind_".count)) else { continue }
                found[offset] = record.memory(name)
            }
        }
        return found
    }

    // MARK: Flags

    /// Switches options that have a bit in `socket.flags`, and fills a send buffer.
    private mutating func tryFlags(_ subjects: borrowing OwnSockets) {
        for index in 0..<subjects.count {
            guard [AF_UNIX, AF_NETLINK].contains(subjects.sockets[index].kind.family) else { continue }
            for (flag, option) in FlagOption.all {
                tryOption(flag, option, subjects.sockets[index])
            }
        }
        for _ in 0..<3 {
            guard let pair = OwnSocketPair(type: OwnSocket.stream) else { continue }
            tryFilling(pair.first)
        }
    }

    private mutating func tryOption(_ flag: SocketFlag, _ option: Int32, _ socket: borrowing OwnSocket) {
        guard watchedTrials.count(where: { $0.flag == flag }) < 3, let off = watch(socket, .whole, .memory),
            socket.set(option, true)
        else { return }
        let on = watch(socket, .whole, .memory)
        guard socket.set(option, false), let on, let offAgain = watch(socket, .whole, .memory) else { return }
        watchedTrials.append(WatchedTrial(flag: flag, off: off, on: on, offAgain: offAgain))
    }

    private mutating func tryFilling(_ socket: borrowing OwnSocket) {
        var size: Int32 = 1
        setsockopt(socket.descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        guard let off = watch(socket, .whole, .memory) else { return }
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        // The smallest send buffer holds a few such messages.
        for _ in 0..<4096 where send(socket.descriptor, room.base, 1024, flags) < 0 { break }
        if let on = watch(socket, .whole, .memory) {
            watchedTrials.append(WatchedTrial(flag: .noSpace, off: off, on: on))
        }
    }
}

/// Options of SOL_SOCKET that had or have a bit in `socket.flags` (include/uapi/asm-generic/socket.h).
private enum FlagOption {
    static let all: [(SocketFlag, Int32)] = [(.passCred, SO_PASSCRED), (.passSec, SO_PASSSEC), (.passPidFD, 76)]
}
