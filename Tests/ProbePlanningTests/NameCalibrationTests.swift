import Testing

@testable import KernelLayout

/// Socks of AF_UNIX, some with a name, in a memory where a test says what lies at an address.
private struct MadeUpNames {
    static let sock = 24
    var nameWord = 776
    /// The name and its length behind that word.
    var bytes = 12
    var length = 4
    /// Another word that only the named socks have, and whether the same name lies behind it.
    var otherWord: Int?
    var hasCopy = false
    var names = ["", "@first", "@another", "", "@the-third-one"]

    private func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: .min ... .max) } }

    private func address(_ number: Int, _ word: Int) -> UInt64 {
        0xffff_8880_0700_0000 + UInt64(number) * 0x1000 + UInt64(word) * 8
    }

    func name(_ number: Int) -> [UInt8] { [1, 0] + names[number].utf8.map { $0 == UInt8(ascii: "@") ? 0 : $0 } }

    var samples: [SocketSample] {
        names.indices.map { number in
            var sock = noise(1056)
            for word in [nameWord, otherWord].compactMap({ $0 }) {
                sock.put(names[number].isEmpty ? 0 : address(number, word), at: word, width: 8)
            }
            var sample = SocketSample(
                kind: .init(family: 1, type: 1, protocol: nil), state: nil, length: 1, address: 0,
                memory: MemoryDump([]), message: MemoryDump([]))
            sample.name = name(number)
            sample.behind = [Self.sock: MemoryDump(sock)]
            return sample
        }
    }

    func memory(at address: UInt64) -> MemoryDump {
        var memory = noise(NameSearch.window)
        for number in names.indices {
            for word in [nameWord, otherWord].compactMap({ $0 }) where address == self.address(number, word) {
                guard word == nameWord || hasCopy else { continue }
                let name = name(number)
                memory.put(UInt64(name.count), at: length, width: 4)
                memory.replaceSubrange(bytes..<bytes + name.count, with: name)
            }
        }
        return MemoryDump(memory)
    }

    var places: [StructLayout.Member: Int] {
        let search = NameSearch(SocketSearch(samples, wordSize: 8), behind: Self.sock)
        return search.places(search.targets.map { ($0, memory(at: $0.address)) }).mapValues(\.offset)
    }
}

@Suite struct NameCalibrationTests {
    @Test(arguments: [(8, 4), (12, 4), (16, 8)])
    func `A name and its length are found behind the word that is null where there is none`(bytes: Int, length: Int) {
        var names = MadeUpNames()
        (names.bytes, names.length) = (bytes, length)
        let found: [StructLayout.Member: Int] = [.unixName: 776, .nameLength: length, .nameBytes: bytes]
        #expect(names.places == found)
        // Another word that comes and goes with the name, a path's for one.
        names.otherWord = 800
        #expect(names.places == found)
    }

    @Test func `Names that two words lead to, or too few of them, are no evidence`() {
        var names = MadeUpNames()
        (names.otherWord, names.hasCopy) = (800, true)
        #expect(names.places.isEmpty)
        names = MadeUpNames()
        names.names[1] = ""
        #expect(names.places.isEmpty)
        // All have one, so that no word is told by being null.
        names.names = ["@a", "@bc", "@def"]
        #expect(names.places.isEmpty)
    }

    @Test func `Names of one length leave it unknown where that lies`() {
        var names = MadeUpNames()
        names.names = ["", "@a", "@b", "@c"]
        #expect(names.places.isEmpty)
    }
}
