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

    /// What follows from the memory at the nodes; nothing where it is ambiguous.
    package func places(_ memories: [(node: Node, memory: MemoryDump)]) -> [StructLayout.Member: StructLayout.Place] {
        let found = memories.flatMap { node, memory -> [(node: Node, offset: Int)] in
            guard !Observation(memory, holds: node.group.address).offsets(width: wordSize).isEmpty else { return [] }
            return Observation(memory, holds: number).offsets(width: 8).map { (node, $0) }
        }
        guard found.count == 1, let (node, offset) = found.first else { return [:] }
        func place(_ offset: Int, _ width: Int) -> StructLayout.Place {
            .init(offset: offset, width: width, source: .calibrated)
        }
        return [
            // Under the names of both, of which a kernel has one.
            .sockCgroup: place(node.group.word, wordSize), .sockCgroupWord: place(node.group.word, wordSize),
            .cgroupNode: place(node.word, wordSize), .nodeID: place(offset, 8),
        ]
    }
}

extension Observation {
    /// The aligned offsets at which the memory holds the value.
    fileprivate func offsets(width: Int) -> [Int] { [self].offsets(width: width) }
}
