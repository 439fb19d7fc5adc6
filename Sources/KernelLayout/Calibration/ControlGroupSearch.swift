/// Finds the control group of a sock, and the directory of that: the one object that a group points to, that points back to it
/// (`kernfs_node.priv`), and that has the directory's inode number.
package struct ControlGroupSearch: Sendable {
    private let socks: [MemoryDump]
    private let number: UInt64
    private let wordSize: Int

    /// - Parameters:
    ///   - socks: of one group, and of many kinds.
    ///   - number: the inode number of the group's directory.
    package init(_ socks: [MemoryDump], number: UInt64, wordSize: Int) {
        self.socks = socks
        self.number = number
        self.wordSize = wordSize
    }

    /// What a word of the sock points to.
    package struct Group: Sendable, Equatable {
        fileprivate var word: Int
        package var address: UInt64
    }

    /// What a word of that points to.
    package struct Node: Sendable, Equatable {
        fileprivate var group: Group
        fileprivate var word: Int
        package var address: UInt64
    }

    /// Bytes that are looked at: `cgroup.kn` was seen at 248 to 320, `kernfs_node.id` at 80 to 104.
    package static let groupWindow = 504
    package static let nodeWindow = 136

    /// What may be the group: behind words that are the same in all socks. None where the number is that of the root, 1, or so
    /// small that it proves nothing.
    package var groups: [Group] {
        guard socks.count >= 3, number >= 16 else { return [] }
        return socks.pointerOffsets(wordSize: wordSize).compactMap { word in
            let addresses = Set(socks.compactMap { $0.integer(at: word, width: wordSize) })
            return addresses.count == 1 ? addresses.first.map { Group(word: word, address: $0) } : nil
        }
    }

    /// What may be the directories, each once.
    package func nodes(_ memories: [(group: Group, memory: MemoryDump)]) -> [Node] {
        memories.flatMap { group, memory in
            [memory].pointerOffsets(wordSize: wordSize).compactMap { word in
                memory.integer(at: word, width: wordSize).flatMap { address in
                    // Within itself it has lists.
                    address >= group.address && address < group.address + UInt64(Self.groupWindow)
                        ? nil : Node(group: group, word: word, address: address)
                }
            }
        }
    }

    /// A way from the sock to the number that one look at the memory allows.
    package struct Way: Sendable, Hashable {
        fileprivate var group: Int
        fileprivate var node: Int
        fileprivate var number: Int
    }

    /// The ways that the memory at the nodes allows. A count may happen to be the number, and is another one a moment later: of
    /// several looks the ways that all allow are right.
    package func ways(_ memories: [(node: Node, memory: MemoryDump)]) -> Set<Way> {
        Set(
            memories.flatMap { node, memory -> [Way] in
                guard !Observation(memory, holds: node.group.address).offsets(width: wordSize).isEmpty else {
                    return []
                }
                return Observation(memory, holds: number).offsets(width: 8).map {
                    Way(group: node.group.word, node: node.word, number: $0)
                }
            })
    }

    /// What follows from the ways; nothing where that is ambiguous.
    package func places(_ ways: Set<Way>) -> [StructLayout.Member: StructLayout.Place] {
        guard ways.count == 1, let way = ways.first else { return [:] }
        func place(_ offset: Int, _ width: Int) -> StructLayout.Place {
            .init(offset: offset, width: width, source: .calibrated)
        }
        return [
            // Under the names of both, of which a kernel has one.
            .sockCgroup: place(way.group, wordSize), .sockCgroupWord: place(way.group, wordSize),
            .cgroupNode: place(way.node, wordSize), .nodeID: place(way.number, 8),
        ]
    }
}

extension Observation {
    /// The aligned offsets at which the memory holds the value.
    fileprivate func offsets(width: Int) -> [Int] { [self].offsets(width: width) }
}
