import Testing

@testable import KernelLayout

/// Socks whose members lie where a test wants them, with noise everywhere else.
private struct MadeUpSocks {
    var head = 0
    var remoteIPv6 = 56
    var inode = 192
    var user = 132
    var back = 624
    var peer = 864
    var error = 544
    /// The flow of the last route, which holds the same addresses in another order.
    var flow = 700
    var hasFlow = true

    static let sockPointer = 24

    func samples(random: inout some RandomNumberGenerator) -> [SocketSample] {
        (0..<12).map { sample(number: $0, random: &random) }
    }

    private func noise(_ count: Int, _ random: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    private func sock(_ number: Int) -> UInt64 { 0xffff_8880_0600_0000 + UInt64(number) * 0x1000 }

    private func sample(number: Int, random: inout some RandomNumberGenerator) -> SocketSample {
        let family: Int32 = [2, 10, 1][number % 3]
        let address = 0xffff_8880_0400_0000 + UInt64(number) * 0x340
        var facts: [StructLayout.Member: UInt64] = [
            .socketInode: UInt64(3_000 + number * 7), .socketUser: UInt64(0x1234_0000 + number * 99),
            .sockFamily: UInt64(family), .sockError: number == 3 || number == 6 ? 111 : 0,
        ]
        var memory = noise(320, &random)
        memory.put(sock(number), at: Self.sockPointer, width: 8)
        memory.put(facts[.socketInode] ?? 0, at: inode, width: 8)
        memory.put(facts[.socketUser] ?? 0, at: user, width: 4)
        var sock = noise(1056, &random)
        sock.put(UInt64(family), at: head + 16, width: 2)
        sock.put(facts[.sockError] ?? 0, at: error, width: 4)
        sock.put(address, at: back, width: 8)
        let remote = UInt64.random(in: 1...0xffff_fffe, using: &random)
        let local = UInt64.random(in: 1...0xffff_fffe, using: &random)
        let ports = (remote: UInt64(0x3412 + number), local: UInt64(40_001 + number * 3))
        switch family {
        case 2:
            facts[.sockRemoteIPv4] = remote
            facts[.sockLocalIPv4] = local
            facts[.sockRemotePort] = ports.remote
            facts[.sockLocalPort] = ports.local
            sock.put(remote, at: head, width: 4)
            sock.put(local, at: head + 4, width: 4)
            sock.put(ports.remote, at: head + 12, width: 2)
            sock.put(ports.local, at: head + 14, width: 2)
            if hasFlow {
                sock.put(local, at: flow, width: 4)
                sock.put(remote, at: flow + 4, width: 4)
                sock.put(ports.remote, at: flow + 8, width: 2)
                sock.put(UInt64(UInt16(ports.local).byteSwapped), at: flow + 10, width: 2)
            }
        case 10:
            facts[.sockRemoteIPv6] = remote << 32 | 0xffff_0000
            facts[.sockLocalIPv6] = local << 32 | 0xffff_0000
            for (start, value) in [(remoteIPv6, facts[.sockRemoteIPv6]), (remoteIPv6 + 16, facts[.sockLocalIPv6])] {
                sock.put(0, at: start, width: 8)
                sock.put(value ?? 0, at: start + 8, width: 8)
            }
        default:
            sock.put(self.sock(Self.peer(of: number)), at: peer, width: 8)
        }
        var sample = SocketSample(
            kind: .init(family: family, type: 1, protocol: nil), state: 3, length: 1, address: address,
            memory: MemoryDump(memory), message: MemoryDump([]))
        sample.behind = [Self.sockPointer: MemoryDump(sock)]
        sample.facts = facts
        sample.subject = number
        sample.peer = family == 1 ? Self.peer(of: number) : nil
        return sample
    }

    /// The local ones, 2, 5, 8 and 11, in pairs.
    private static func peer(of number: Int) -> Int { [2: 5, 5: 2, 8: 11, 11: 8][number] ?? 0 }
}

@Suite struct EndpointCalibrationTests {
    private func search(_ socks: MadeUpSocks) -> SocketSearch {
        var random = SystemRandomNumberGenerator()
        return SocketSearch(socks.samples(random: &random), wordSize: 8)
    }

    @Test(arguments: [0, 8, 96])
    func `What system calls say of sockets is found where it lies`(head: Int) {
        var socks = MadeUpSocks()
        socks.head = head
        socks.remoteIPv6 = head + 48
        let search = search(socks)
        let found = search.endpoints(behind: MadeUpSocks.sockPointer).mapValues(\.offset)
        #expect(
            found == [
                .sockRemoteIPv4: head, .sockLocalIPv4: head + 4, .sockRemotePort: head + 12,
                .sockLocalPort: head + 14, .sockFamily: head + 16, .sockRemoteIPv6: head + 48,
                .sockLocalIPv6: head + 64, .sockError: 544, .sockSocket: 624, .unixPeer: 864,
            ])
        #expect(search.inode.mapValues(\.offset) == [.socketInode: 192, .socketUser: 132])
    }

    @Test func `Addresses that lie at two places are at neither`() {
        var socks = MadeUpSocks()
        var random = SystemRandomNumberGenerator()
        var samples = socks.samples(random: &random)
        for index in samples.indices where samples[index].kind.family == 2 {
            guard var bytes = samples[index].behind[MadeUpSocks.sockPointer]?.bytes else { continue }
            bytes.replaceSubrange(400..<424, with: bytes[0..<24])
            samples[index].behind[MadeUpSocks.sockPointer] = MemoryDump(bytes)
        }
        let found = SocketSearch(samples, wordSize: 8).endpoints(behind: MadeUpSocks.sockPointer)
        #expect(found[.sockRemoteIPv4] == nil && found[.sockLocalIPv4] == nil)
        #expect(found[.sockRemotePort] == nil && found[.sockLocalPort] == nil)
        socks.hasFlow = false
        #expect(search(socks).endpoints(behind: MadeUpSocks.sockPointer)[.sockRemoteIPv4]?.offset == 0)
    }

    @Test func `Too few sockets, or all alike, are no evidence`() {
        var random = SystemRandomNumberGenerator()
        let samples = MadeUpSocks().samples(random: &random)
        let few = SocketSearch(Array(samples.prefix(4)), wordSize: 8)
        #expect(few.endpoints(behind: MadeUpSocks.sockPointer)[.sockRemoteIPv4] == nil)
        let none = SocketSearch(
            samples.map { sample in
                var sample = sample
                sample.facts = [:]
                return sample
            }, wordSize: 8)
        #expect(none.endpoints(behind: MadeUpSocks.sockPointer)[.sockFamily] == nil && none.inode.isEmpty)
    }
}
