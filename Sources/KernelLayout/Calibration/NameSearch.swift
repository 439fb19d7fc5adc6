/// Finds where an AF_UNIX sock has its name: behind a pointer (`struct unix_address`) that is null where it has none.
package struct NameSearch: Sendable {
    private let samples: [SocketSample]
    private let sock: Int
    private let wordSize: Int

    /// - Parameters:
    ///   - search: of the samples, those of AF_UNIX last longer than the search.
    ///   - sock: where the pointer to the sock lies in a socket.
    package init(_ search: SocketSearch, behind sock: Int) {
        samples = search.samples.filter { $0.name != nil && $0.behind[sock] != nil }
        self.sock = sock
        wordSize = search.wordSize
    }

    /// A piece of memory that is to be looked at.
    package struct Target: Sendable, Equatable {
        /// Of the sample that it belongs to, by which `places` finds it again.
        fileprivate var sample: Int
        /// The word of the sock that points there.
        fileprivate var word: Int
        package var address: UInt64
    }

    /// Bytes that are looked at: the name follows a counter, a length and, up to 5.17, a hash (include/net/af_unix.h).
    package static let window = 48

    /// What may be names, of every socket that has one: behind words that are null in the socks without.
    package var targets: [Target] {
        let named = samples.indices.filter { isNamed(samples[$0]) }
        guard named.count < samples.count else { return [] }
        let words = named.compactMap { samples[$0].behind[sock] }.pointerOffsets(wordSize: wordSize).filter { word in
            samples.allSatisfy { isNamed($0) || $0.behind[sock]?.integer(at: word, width: wordSize) == 0 }
        }
        return words.flatMap { word in
            named.compactMap { index in
                samples[index].behind[sock]?.integer(at: word, width: wordSize).map {
                    Target(sample: index, word: word, address: $0)
                }
            }
        }
    }

    private func isNamed(_ sample: SocketSample) -> Bool { (sample.name?.count ?? 0) > 2 }

    /// What follows from the memory at the targets; nothing where it is too little, or ambiguous.
    package func places(_ memories: [(target: Target, memory: MemoryDump)]) -> [StructLayout.Member: StructLayout.Place]
    {
        let found = Dictionary(grouping: memories, by: \.target.word).compactMap { word, memories in
            places(behind: word, memories.map { (samples[$0.target.sample].name ?? [], $0.memory) })
        }
        return found.count == 1 ? found[0] : [:]
    }

    private func places(
        behind word: Int, _ memories: [(name: [UInt8], memory: MemoryDump)]
    ) -> [StructLayout.Member: StructLayout.Place]? {
        let names = memories.map { DatagramSearch.Sample($0.memory, holds: $0.name) }
        let length = memories.map { Observation($0.memory, holds: UInt64($0.name.count)) }
            .place(widths: [4], distinct: 3)
        guard let length, let name = DatagramSearch.offset(in: names) else { return nil }
        return [
            .unixName: .init(offset: word, width: wordSize, source: .calibrated),
            .nameLength: length,
            .nameBytes: .init(offset: name, width: 1, source: .calibrated),
        ]
    }
}
