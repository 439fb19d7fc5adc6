internal import BasicContainers
internal import KernelLayout
internal import ProbePlanning

/// What is found by following pointers from one piece of the kernel's memory to the next.
extension Calibrator {
    mutating func findProtocols(
        _ search: ProtoOpsScan, _ socket: borrowing OwnSocket
    ) -> ProtocolFunctions? {
        guard socketSource != nil, reader != nil else { return nil }
        return search.run { windows in read(windows, socket) }
    }

    mutating func findNames(
        _ subjects: borrowing OwnSockets
    ) -> [StructLayout.Member: StructLayout.Place] {
        let search = calibration.sockets
        guard let sock = search.sock?.sock else { return [:] }
        let names = NameSearch(search, behind: sock.offset)
        let targets = names.targets
        let memories = read(targets.map(\.address), bytes: NameSearch.window, subjects)
        return names.places(zip(targets, memories).compactMap { target, memory in memory.map { (target, $0) } })
    }

    // MARK: Reading

    /// What lies in some places of the kernel's memory; nil for what could not be read.
    private mutating func read(
        _ windows: [ProtoOpsScan.Window], _ socket: borrowing OwnSocket
    ) -> [MemoryDump?] {
        guard let source = socketSource, var reader else { return windows.map { _ in nil } }
        let descriptor = socket.descriptor
        defer { self.reader = reader }
        return reader.read(windows, in: &session) { _ = source.trigger(descriptor, .whole, room) }
    }

    /// What lies behind some addresses.
    mutating func read(
        _ addresses: [UInt64], bytes: Int, _ subjects: borrowing OwnSockets
    ) -> [MemoryDump?] {
        guard !addresses.isEmpty else { return [] }
        let words = bytes / convention.wordSize
        return read(addresses.map { .init(address: $0, words: words) }, subjects.sockets[0])
    }

    /// The socks of samples, as far as they are known.
    func socks(of samples: [SocketSample]) -> [MemoryDump] {
        guard let sock = calibration.sockets.sock?.sock else { return [] }
        return samples.compactMap { $0.behind[sock.offset] }
    }
}
