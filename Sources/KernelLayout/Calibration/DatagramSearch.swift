/// Finds what tells between whom a datagram goes, from records of datagrams whose ends we chose.
///
/// Addresses and ports lie side by side in the order of the network, so each experiment has a pattern of 12 bytes and more
/// that nothing else holds.
package struct DatagramSearch: Sendable {
    /// Memory, and the bytes that lie somewhere in it; nil stands for any byte.
    package struct Sample: Sendable {
        package var memory: MemoryDump
        package var pattern: [UInt8?]

        package init(_ memory: MemoryDump, holds pattern: [UInt8?]) {
            self.memory = memory
            self.pattern = pattern
        }

        func matches(at offset: Int) -> Bool {
            guard offset >= 0, offset + pattern.count <= memory.bytes.count else { return false }
            return pattern.indices.allSatisfy { pattern[$0] == nil || pattern[$0] == memory.bytes[offset + $0] }
        }
    }

    /// Routes as `struct flowi4`: both addresses "must be grouped, same order as in IP header" (include/net/flow.h), the ports
    /// follow, that of the destination first.
    package var routesIPv4: [Sample] = []
    /// Routes as `struct flowi6`: the destination, the source, the flow label, the ports.
    package var routesIPv6: [Sample] = []
    /// What lies before the places that the words of a `struct sk_buff` point to, by the words' offsets: the ends in the IPv4
    /// header, and the ports in the UDP header behind it.
    package var headers: [[Int: Sample]] = []
    /// Words of a `struct sk_buff`, and the sock that it belongs to.
    package var buffers: [Observation] = []

    package init() {}

    /// What follows from them; what too few or ambiguous experiments leave open is missing.
    package var places: [StructLayout.Member: StructLayout.Place] {
        var places: [StructLayout.Member: StructLayout.Place] = [:]
        if let route = Self.offset(in: routesIPv4) {
            places[.flowLocalIPv4] = Self.place(route, 4)
            places[.flowRemoteIPv4] = Self.place(route + 4, 4)
            places[.flowRemotePortIPv4] = Self.place(route + 8, 2)
            places[.flowLocalPortIPv4] = Self.place(route + 10, 2)
        }
        if let route = Self.offset(in: routesIPv6) {
            places[.flowRemoteIPv6] = Self.place(route, 16)
            places[.flowLocalIPv6] = Self.place(route + 16, 16)
            places[.flowRemotePortIPv6] = Self.place(route + 36, 2)
            places[.flowLocalPortIPv6] = Self.place(route + 38, 2)
        }
        places[.bufferData] = dataOffset.map { Self.place($0, Self.wordSize) }
        places[.bufferSock] = buffers.place(widths: [Self.wordSize], distinct: 3)
        return places
    }

    private static var wordSize: Int { 8 }

    private static func place(_ offset: Int, _ width: Int) -> StructLayout.Place {
        .init(offset: offset, width: width, source: .calibrated)
    }

    /// The one offset at which every memory holds its bytes.
    static func offset(in samples: [Sample]) -> Int? {
        guard samples.count >= 3, Set(samples.map(\.pattern)).count >= 3, let first = samples.first else { return nil }
        let found = stride(from: 0, to: first.memory.bytes.count, by: 4).filter { offset in
            samples.allSatisfy { $0.matches(at: offset) }
        }
        return found.count == 1 ? found[0] : nil
    }

    private var dataOffset: Int? {
        guard headers.count >= 3, let first = headers.first else { return nil }
        let found = first.keys.filter { word in headers.allSatisfy { $0[word]?.matches(at: 0) == true } }
        return found.count == 1 ? found[0] : nil
    }
}
