/// Finds members of structs in memory whose contents follow from what functions were given and from what the kernel prints of
/// its sockets.
///
/// Where ``SocketSearch`` has to find the pointers first, here they are known: each member is looked for by its values alone.
package struct KnownMemory: Sendable {
    private var observations: [StructLayout.Member: [Observation]] = [:]
    /// Memory from a `struct kiocb` on, and its file, by the functions that they are from.
    private var controls: [String: [Observation]] = [:]
    /// Where iterators lie in messages.
    private var iterators: Set<Int> = []
    /// Sockets of known kinds, with what lies behind their words.
    private var sockets: [SocketSample] = []
    private let wordSize: Int

    package init(wordSize: Int) {
        self.wordSize = wordSize
    }

    /// Somewhere in the memory lies a member of this value.
    package mutating func note(_ member: StructLayout.Member, in memory: MemoryDump, holds value: UInt64) {
        observations[member, default: []].append(Observation(memory, holds: value))
    }

    /// The iterator of a message lies at an offset of it, and the bytes that are left in it are as many.
    package mutating func noteIterator(at offset: Int, in message: MemoryDump, holds count: UInt64) {
        guard let memory = message.dropping(offset) else { return }
        iterators.insert(offset)
        note(.iteratorCount, in: memory, holds: count)
    }

    /// A `struct kiocb` of a file. Behind it on the stack lie copies of the file's address, for each caller in other places.
    /// - Parameter source: the functions that it is from.
    package mutating func noteControl(_ memory: MemoryDump, of file: UInt64, from source: String) {
        controls[source, default: []].append(Observation(memory, holds: file))
    }

    /// A socket of a known kind.
    package mutating func note(
        _ kind: SocketSample.Kind, at address: UInt64, _ memory: MemoryDump, behind: [Int: MemoryDump]
    ) {
        var sample = SocketSample(
            kind: kind, state: nil, length: 0, address: address, memory: memory, message: MemoryDump([]))
        sample.behind = behind
        sockets.append(sample)
    }

    /// Every member that exactly one place explains. The others are missing: nothing is guessed.
    package var layout: StructLayout {
        var layout = StructLayout(places: EndpointSearch(observations).places)
        for (member, known) in observations {
            guard let (widths, distinct) = rule(of: member) else { continue }
            layout[member] = known.place(widths: widths, distinct: distinct)
        }
        layout[.iteratorCount] = layout[.messageCount].flatMap { iteratorCount(in: $0) }
        layout[.kiocbFile] = kiocbFile
        if let operations = SocketSearch(sockets, wordSize: wordSize).operations {
            layout[.socketOps] = operations.ops
            layout[.opsFamily] = operations.family
        }
        return layout
    }

    /// Functions of which no place explains all were not what they were taken for.
    private var kiocbFile: StructLayout.Place? {
        let sources = controls.values.filter { !$0.offsets(width: wordSize).isEmpty }
        let all = sources.flatMap { $0 }
        guard all.isTelling(distinct: 3) else { return nil }
        let found = all.offsets(width: wordSize)
        return found.count == 1 ? .init(offset: found[0], width: wordSize, source: .calibrated) : nil
    }

    /// The count in a message is that of its iterator.
    private func iteratorCount(in message: StructLayout.Place) -> StructLayout.Place? {
        guard iterators.count == 1, let iterator = iterators.first, iterator <= message.offset,
            let known = observations[.iteratorCount], known.isTelling(distinct: 3),
            known.offsets(width: message.width).contains(message.offset - iterator)
        else { return nil }
        return .init(offset: message.offset - iterator, width: message.width, source: .calibrated)
    }

    /// The bytes that a member may have, and how many different values it takes to know its place; nil of those that are looked
    /// for in another way.
    private func rule(of member: StructLayout.Member) -> (widths: [Int], distinct: Int)? {
        switch member {
        case .socketState: ([4, 2, 1], 2)
        case .socketType, .sockProtocol: ([2, 1], 3)
        case .sockFamily, .sockType: ([2], 3)
        case .sockState: ([1], 3)
        case .netlinkPort: ([4], 3)
        case .sockError: ([4], 2)
        case .socketSock, .sockSocket, .socketInode, .messageCount, .filePrivateData:
            ([wordSize], 3)
        default: nil
        }
    }
}
