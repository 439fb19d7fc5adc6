internal import BasicContainers
internal import KernelLayout
internal import ProbePlanning

/// Kernels without kprobes: an event probe has the sock, and behind it lies the socket. Once it is known where, all else is
/// learnt as with a function that is passed the socket.
extension Calibrator {
    /// - Parameter stated: where in a sock the address of its socket lies; nil where that is to be found out.
    /// - Returns: false where it was not.
    mutating func lookFromSocks(_ subjects: borrowing OwnSockets, stated: StructLayout.Place?) -> Bool {
        convention = CallingConvention(registers: ["$sk"], wordSize: convention.wordSize)
        guard let place = stated ?? findOwner(subjects) else { return false }
        convention = CallingConvention(registers: ["+\(place.offset)($sk)"], wordSize: convention.wordSize)
        return true
    }

    private mutating func findOwner(_ subjects: borrowing OwnSockets) -> StructLayout.Place? {
        let site = MemorySite.ofSocks
        let window =
            [FetchArgument("sock", argument(1), convention.word)]
            + dump("memory", behind: argument(1), bytes: Window.sock)
        let given = site.probes(window)
        guard (try? session.add(given)) != nil else { return nil }
        let socks = samples(of: subjects, at: site)
        let search = OwnerSearch(socks, wordSize: convention.wordSize)
        let behind = addProbes(site, search.candidates.map { ($0, Window.owner) })
        defer { session.disable(given + behind) }
        return OwnerSearch(samples(of: subjects, at: site), wordSize: convention.wordSize).socket
    }

    /// The socks of all sockets, with what lies behind their words as far as probes record that.
    private mutating func samples(of subjects: borrowing OwnSockets, at site: MemorySite) -> [SocketSample] {
        var calls: [(number: Int, kind: SocketSample.Kind)] = []
        for index in 0..<subjects.count {
            let descriptor = subjects.sockets[index].descriptor
            let number = session.watch { _ = site.trigger(descriptor, .whole, room) }
            calls.append((number, subjects.sockets[index].kind))
        }
        let records = session.look()
        return calls.compactMap { call in
            let given = records[call.number].filter { site.made($0) }
            guard given.count == 1, let address = given[0].word("sock"), let memory = given[0].memory("memory") else {
                return nil
            }
            var sample = SocketSample(
                kind: call.kind, state: nil, length: 0, address: address, memory: memory, message: MemoryDump([]))
            sample.behind = behind(records[call.number].filter { site.madeBehind($0) })
            return sample
        }
    }
}
