/// Finds the network namespace of a sock: behind a pointer that all socks of a namespace have in common.
package struct NamespaceSearch: Sendable {
    /// Socks, and the inode numbers of their namespaces.
    private let socks: [Observation]
    private let wordSize: Int

    /// - Parameter socks: of one namespace, or better of two.
    package init(_ socks: [Observation], wordSize: Int) {
        self.socks = socks
        self.wordSize = wordSize
    }

    /// A piece of memory that is to be looked at.
    package struct Target: Sendable, Equatable {
        /// The word of the sock that points there.
        fileprivate var word: Int
        /// The inode number of the namespace that should be there.
        fileprivate var number: UInt64
        package var address: UInt64
    }

    /// Bytes that are looked at: `net.ns.inum` was seen at 136 to 176.
    package static let window = 504

    /// What may be namespaces: behind words that are the same in two socks if, and only if, these have the same one.
    package var targets: [Target] {
        guard socks.count >= 3 else { return [] }
        let byNumber = Dictionary(grouping: socks, by: \.value)
        return socks.map(\.memory).pointerOffsets(wordSize: wordSize).flatMap { word -> [Target] in
            let found = byNumber.compactMap { number, socks -> Target? in
                let addresses = Set(socks.compactMap { $0.memory.integer(at: word, width: wordSize) })
                guard addresses.count == 1, let address = addresses.first else { return nil }
                return Target(word: word, number: number, address: address)
            }
            return Set(found.map(\.address)).count == byNumber.count ? found : []
        }
    }

    /// What follows from the memory at the targets; nothing where it is ambiguous.
    package func places(_ memories: [(target: Target, memory: MemoryDump)]) -> [StructLayout.Member: StructLayout.Place]
    {
        let count = Set(socks.map(\.value)).count
        let found = Dictionary(grouping: memories, by: \.target.word).flatMap { word, memories -> [(Int, Int)] in
            guard memories.count == count else { return [] }
            return memories.map { Observation($0.memory, holds: $0.target.number) }.offsets(width: 4).map { (word, $0) }
        }
        guard found.count == 1, let (word, number) = found.first else { return [:] }
        return [
            .sockNamespace: .init(offset: word, width: wordSize, source: .calibrated),
            .namespaceInode: .init(offset: number, width: 4, source: .calibrated),
        ]
    }
}
