import Testing

@testable import KernelLayout

private func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: .min ... .max) } }

/// Socks of two network namespaces, or of one.
private struct MadeUpNamespaces {
    var word = 48
    var inode = 144
    /// The inode numbers, one a sock.
    var numbers: [UInt64] = [4_026_531_840, 4_026_531_840, 4_026_531_840, 4_026_532_192, 4_026_532_192]
    /// Another word that leads to the same.
    var otherWord: Int?

    private func address(_ number: UInt64) -> UInt64 { 0xffff_8880_0000_0000 + (number & 0xffff) << 16 }

    var places: [StructLayout.Member: Int] {
        let socks = numbers.map { number in
            var sock = noise(512)
            for place in [word, otherWord].compactMap({ $0 }) { sock.put(address(number), at: place, width: 8) }
            return Observation(MemoryDump(sock), holds: number)
        }
        let search = NamespaceSearch(socks, wordSize: 8)
        let memories = search.targets.map { target in
            var memory = noise(NamespaceSearch.window)
            if let number = numbers.first(where: { address($0) == target.address }) {
                memory.put(number, at: inode, width: 4)
            }
            return (target, MemoryDump(memory))
        }
        return search.places(memories).mapValues(\.offset)
    }
}

/// Socks of one control group, the group, and its directory.
private struct MadeUpGroups {
    static let group: UInt64 = 0xffff_8880_0300_0000
    static let node: UInt64 = 0xffff_8880_0400_0080
    var number: UInt64 = 5_234
    /// Words of the group that lead to the directory, look by look.
    var looks = [[248]]
    var pointsBack = true

    var places: [StructLayout.Member: Int] {
        let socks = (0..<4).map { _ in
            var sock = noise(1056)
            sock.put(Self.group, at: 664, width: 8)
            // All are of one namespace, too.
            sock.put(0xffff_8880_0500_0000, at: 48, width: 8)
            return MemoryDump(sock)
        }
        let search = ControlGroupSearch(socks, number: number, wordSize: 8)
        let ways = looks.map { self.ways(search, nodeWords: $0) }
        return search.places(ways.dropFirst().reduce(ways[0]) { $0.intersection($1) }).mapValues(\.offset)
    }

    private func ways(_ search: ControlGroupSearch, nodeWords: [Int]) -> Set<ControlGroupSearch.Way> {
        let groups = search.groups.map { group in
            var memory = noise(ControlGroupSearch.groupWindow)
            if group.address == Self.group { for word in nodeWords { memory.put(Self.node, at: word, width: 8) } }
            return (group, MemoryDump(memory))
        }
        let nodes = search.nodes(groups).map { node in
            var memory = noise(ControlGroupSearch.nodeWindow)
            if node.address == Self.node {
                memory.put(number, at: 104, width: 8)
                if pointsBack { memory.put(Self.group, at: 96, width: 8) }
            }
            return (node, MemoryDump(memory))
        }
        return search.ways(nodes)
    }
}

@Suite struct OwnerCalibrationTests {
    @Test(arguments: [(48, 144), (56, 120)])
    func `A namespace is found behind the word that socks of one have in common`(word: Int, inode: Int) {
        var namespaces = MadeUpNamespaces()
        (namespaces.word, namespaces.inode) = (word, inode)
        let found: [StructLayout.Member: Int] = [.sockNamespace: word, .namespaceInode: inode]
        #expect(namespaces.places == found)
        // Where no other one could be made.
        namespaces.numbers = [4_026_531_840, 4_026_531_840, 4_026_531_840]
        #expect(namespaces.places == found)
    }

    @Test func `A namespace that two words lead to, or that too few socks have, is not known`() {
        var namespaces = MadeUpNamespaces()
        namespaces.otherWord = 96
        #expect(namespaces.places.isEmpty)
        namespaces = MadeUpNamespaces()
        namespaces.numbers = [4_026_531_840, 4_026_532_192]
        #expect(namespaces.places.isEmpty)
    }

    @Test func `A control group is found with the directory that points back to it`() {
        #expect(
            MadeUpGroups().places == [
                .sockCgroup: 664, .sockCgroupWord: 664, .cgroupNode: 248, .nodeID: 104,
            ])
    }

    @Test func `A count that is the number of the control group by chance is not so in the next look`() {
        var groups = MadeUpGroups()
        groups.looks = [[248, 320]]
        #expect(groups.places.isEmpty)
        groups.looks = [[248, 320], [248]]
        #expect(groups.places[.cgroupNode] == 248)
        // What was not seen again is not known.
        groups.looks = [[248, 320], []]
        #expect(groups.places.isEmpty)
    }

    @Test func `A control group is not known without that, by two ways, or by the number of the root`() {
        var groups = MadeUpGroups()
        groups.pointsBack = false
        #expect(groups.places.isEmpty)
        groups = MadeUpGroups()
        groups.looks = [[248, 256], [248, 256]]
        #expect(groups.places.isEmpty)
        groups = MadeUpGroups()
        groups.number = 1
        #expect(groups.places.isEmpty)
    }
}
