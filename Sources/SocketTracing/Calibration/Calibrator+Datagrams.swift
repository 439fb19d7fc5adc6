internal import BasicContainers
internal import KernelLayout
internal import ProbePlanning

/// Sends datagrams between ends that we chose, and looks at the functions that show where from and where to.
extension Calibrator {
    /// A function, and what is recorded there.
    private enum Site: String, CaseIterable {
        case routeIPv4, routeIPv6, header, buffer

        var function: KernelFunction {
            switch self {
            case .routeIPv4: .routeIPv4
            case .routeIPv6: .routeIPv6
            case .header: .udpConsume
            case .buffer: .freeDatagram
            }
        }
    }

    /// Bytes of windows. `struct flowi6` has 88; `data` was seen at 200 to 216 of `struct sk_buff`, behind which lies another
    /// one, of an earlier message of the same sock.
    private enum DatagramWindow {
        static let route = 128
        static let buffer = 232
        /// Of the end of an IPv4 header (source and destination) and a UDP header.
        static let header = 16
    }

    /// How often each is tried.
    private static var tries: Int { 4 }

    /// What the experiments show; nothing where the kernel has none of the functions.
    mutating func findDatagrams() -> [StructLayout.Member: StructLayout.Place] {
        let added = Site.allCases.flatMap { probes(at: $0) }
        // One that is refused leaves its members unknown.
        for probe in added { try? session.add([probe]) }
        defer { session.disable(added) }

        var exchanges: [(call: Int, pattern: OwnDatagram.Pattern)] = []
        var passed: [Int] = []
        for _ in 0..<Self.tries {
            if let datagram = OwnDatagram.ipv4() {
                exchanges.append((session.watch { datagram.pass() }, datagram.pattern))
            }
            if let datagram = OwnDatagram.ipv6() {
                exchanges.append((session.watch { datagram.pass() }, datagram.pattern))
            }
        }
        // All at once: of one that is closed the next one has the memory.
        var pairs = UniqueArray<OwnSocketPair>()
        for _ in 0..<2 {
            if let pair = OwnSocketPair(type: OwnSocket.datagram) { pairs.append(pair) }
        }
        for index in 0..<pairs.count {
            let (first, second) = (pairs[index].first.descriptor, pairs[index].second.descriptor)
            // There and back: who receives the one has sent the other.
            passed.append(session.watch { OwnDatagram.pass(from: first, to: second) })
            passed.append(session.watch { OwnDatagram.pass(from: second, to: first) })
        }
        let records = session.look()
        var search = DatagramSearch()
        for exchange in exchanges { search.add(records[exchange.call], exchange.pattern) }
        search.addBuffers(passed.map { call in records[call].first { $0.event == Self.event(.buffer) } })
        return search.places
    }

    private static func event(_ site: Site) -> String { "datagram_\(site.rawValue)" }

    private func probes(at site: Site) -> [MemoryProbe] {
        site.function.symbols(.iterators).filter { symbols.canProbe($0) }.map {
            MemoryProbe(symbol: $0, event: Self.event(site), arguments: arguments(of: site))
        }
    }

    private func arguments(of site: Site) -> [FetchArgument] {
        switch site {
        case .routeIPv4, .routeIPv6: dump("route", behind: argument(2), bytes: DatagramWindow.route)
        case .header:
            stride(from: 0, to: DatagramWindow.buffer, by: convention.wordSize).map { offset in
                FetchArgument(
                    "before_\(offset)", "-\(DatagramWindow.header)(+\(offset)(\(argument(2))))",
                    "x64[\(DatagramWindow.header / 8)]")
            }
        case .buffer:
            [FetchArgument("sock", argument(1), convention.word)]
                + dump("buffer", behind: argument(2), bytes: DatagramWindow.buffer)
        }
    }
}

extension DatagramSearch {
    fileprivate mutating func add(_ records: [MemoryRecord], _ pattern: OwnDatagram.Pattern) {
        let routes = records.filter { $0.event == "datagram_\(pattern.isIPv6 ? "routeIPv6" : "routeIPv4")" }
        if routes.count == 1, let memory = routes[0].memory("route") {
            let sample = Sample(memory, holds: pattern.route)
            if pattern.isIPv6 { routesIPv6.append(sample) } else { routesIPv4.append(sample) }
        }
        let consumed = records.filter { $0.event == "datagram_header" }
        guard !pattern.isIPv6, consumed.count == 1 else { return }
        headers.append(
            consumed[0].fields.reduce(into: [:]) { samples, field in
                guard let offset = Int(field.key.dropFirst("before_".count)) else { return }
                samples[offset] = Sample(field.value, holds: pattern.header)
            })
    }

    /// - Parameter records: of messages between two sockets, there and back, pair by pair.
    fileprivate mutating func addBuffers(_ records: [MemoryRecord?]) {
        for index in stride(from: 0, to: records.count - 1, by: 2) {
            guard let there = records[index], let back = records[index + 1] else { continue }
            for (record, other) in [(there, back), (back, there)] {
                guard let memory = record.memory("buffer"), let sender = other.word("sock") else { continue }
                buffers.append(Observation(memory, holds: sender))
            }
        }
    }
}
