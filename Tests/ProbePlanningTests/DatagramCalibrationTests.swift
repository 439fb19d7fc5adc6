import Testing

@testable import KernelLayout

@Suite struct DatagramCalibrationTests {
    private func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: .min ... .max) } }

    /// A route with both ends at an offset, and how those look.
    private func route(at offset: Int, again: Int? = nil) -> DatagramSearch.Sample {
        let ends = noise(12)
        var memory = noise(128)
        for start in [offset, again].compactMap({ $0 }) { memory.replaceSubrange(start..<start + 12, with: ends) }
        return .init(MemoryDump(memory), holds: ends)
    }

    @Test func `Both ends of a route are found where they lie side by side`() {
        var search = DatagramSearch()
        search.routesIPv4 = (0..<3).map { _ in route(at: 40) }
        #expect(search.places[.flowLocalIPv4] == .init(offset: 40, width: 4, source: .calibrated))
        #expect(search.places[.flowRemoteIPv4] == .init(offset: 44, width: 4, source: .calibrated))
        #expect(search.places[.flowRemotePortIPv4] == .init(offset: 48, width: 2, source: .calibrated))
        #expect(search.places[.flowLocalPortIPv4] == .init(offset: 50, width: 2, source: .calibrated))
    }

    @Test func `A copy behind the route, or too few routes, leave it unknown`() {
        var search = DatagramSearch()
        search.routesIPv4 = (0..<3).map { _ in route(at: 40, again: 100) }
        #expect(search.places.isEmpty)
        search.routesIPv4 = (0..<2).map { _ in route(at: 40) }
        #expect(search.places.isEmpty)
        let same = route(at: 40)
        search.routesIPv4 = [same, same, same]
        #expect(search.places.isEmpty)
    }

    @Test func `The flow label of an IPv6 route may be anything`() {
        let loopback = Array(repeating: 0, count: 15) + [1 as UInt8]
        var search = DatagramSearch()
        search.routesIPv6 = (0..<3).map { _ in
            let ports = noise(4)
            var memory = noise(128)
            memory.replaceSubrange(40..<80, with: loopback + loopback + noise(4) + ports)
            return .init(MemoryDump(memory), holds: loopback + loopback + [nil, nil, nil, nil] + ports)
        }
        #expect(search.places[.flowRemoteIPv6] == .init(offset: 40, width: 16, source: .calibrated))
        #expect(search.places[.flowLocalPortIPv6] == .init(offset: 78, width: 2, source: .calibrated))
    }

    @Test func `The data of a buffer is behind the one word before whose target the headers lie`() {
        func sample(_ words: Set<Int>) -> [Int: DatagramSearch.Sample] {
            let ends = noise(12)
            return stride(from: 0, to: 232, by: 8).reduce(into: [:]) { samples, word in
                samples[word] = .init(MemoryDump((words.contains(word) ? ends : noise(12)) + noise(4)), holds: ends)
            }
        }
        var search = DatagramSearch()
        search.headers = (0..<3).map { _ in sample([208]) }
        #expect(search.places == [.bufferData: .init(offset: 208, width: 8, source: .calibrated)])
        search.headers = (0..<3).map { _ in sample([200, 208]) }
        #expect(search.places.isEmpty)
    }

    @Test func `The owner of a buffer is the sock that sent it`() {
        var search = DatagramSearch()
        search.buffers = (1...4).map { number in
            var memory = noise(232)
            let sock = 0xffff_8880_0600_0000 + UInt64(number) * 0x400
            withUnsafeBytes(of: sock) { memory.replaceSubrange(24..<32, with: $0) }
            return Observation(MemoryDump(memory), holds: sock)
        }
        #expect(search.places == [.bufferSock: .init(offset: 24, width: 8, source: .calibrated)])
    }
}
