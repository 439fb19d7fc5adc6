/// One of our own sockets, and what was seen of it when the kernel passed it to a probed function.
package struct SocketSample: Sendable {
    /// What the socket was made as: socket(2)'s arguments, with the protocol that it then has.
    package struct Kind: Hashable, Sendable {
        package var family: Int32
        package var type: Int32
        /// Nil where the kernel does not keep it in `sk_protocol`.
        package var `protocol`: Int32?

        package init(family: Int32, type: Int32, protocol: Int32?) {
            self.family = family
            self.type = type
            self.protocol = `protocol`
        }
    }

    package var kind: Kind
    /// SS_UNCONNECTED or SS_CONNECTED; nil where kernels disagree on it.
    package var state: Int32?
    /// Bytes that the call asked for.
    package var length: UInt64
    /// Address of the `struct socket`.
    package var address: UInt64
    /// The beginning of it.
    package var memory: MemoryDump
    /// The beginning of the `struct msghdr`.
    package var message: MemoryDump
    /// What lies behind the pointers in it, by their offset.
    package var behind: [Int: MemoryDump] = [:]
    /// What system calls said of the socket at that moment, as integers of memory have it.
    package var facts: [StructLayout.Member: UInt64] = [:]
    /// The `struct sockaddr_un` that it is bound to, of AF_UNIX; the family alone where it has no name.
    package var name: [UInt8]?
    /// Which of our sockets it is, and which is its peer; nil where it has none.
    package var subject = 0
    package var peer: Int?

    package init(
        kind: Kind, state: Int32?, length: UInt64, address: UInt64, memory: MemoryDump, message: MemoryDump
    ) {
        self.kind = kind
        self.state = state
        self.length = length
        self.address = address
        self.memory = memory
        self.message = message
    }
}

/// Finds the members of `struct socket`, and what it leads to, in samples of many kinds.
package struct SocketSearch: Sendable {
    package var samples: [SocketSample]
    package let wordSize: Int

    package init(_ samples: [SocketSample], wordSize: Int) {
        self.samples = samples
        self.wordSize = wordSize
    }

    // MARK: Members of the socket itself

    /// The connected ones are of the Internet families, as AF_UNIX no longer says so in 7.x; it is asked only where
    /// those have no connection.
    package var state: StructLayout.Place? {
        let isLocalOnly = !samples.contains { $0.state == 3 && $0.kind.family != 1 }
        let known = samples.compactMap { sample -> Observation? in
            guard let state = sample.state, state == 1 || isLocalOnly || sample.kind.family != 1 else { return nil }
            return Observation(sample.memory, holds: UInt64(state))
        }
        return known.place(widths: [4, 2, 1], distinct: 2)
    }

    package var type: StructLayout.Place? {
        samples.map { Observation($0.memory, holds: UInt64($0.kind.type)) }.place(widths: [2, 1], distinct: 3)
    }

    package var messageCount: StructLayout.Place? {
        samples.map { Observation($0.message, holds: $0.length) }.place(widths: [wordSize], distinct: 3)
    }

    // MARK: Pointers

    /// Words that may be `socket->ops`: equal for sockets made alike, different for different families.
    package var opsCandidates: [Int] {
        pointerOffsets.filter { offset in
            let words = samples.map { ($0.kind, $0.memory.integer(at: offset, width: wordSize)) }
            let byKind = Dictionary(grouping: words, by: \.0).values.map { Set($0.map(\.1)) }
            guard byKind.allSatisfy({ $0.count == 1 }), byKind.count < samples.count else { return false }
            let byFamily = Dictionary(grouping: words, by: \.0.family).values.map { Set($0.map(\.1)) }
            return byFamily.indices.allSatisfy { index in
                byFamily[..<index].allSatisfy { $0.isDisjoint(with: byFamily[index]) }
            } && byFamily.count >= 2
        }
    }

    /// Words that may be `socket->sk`: one of its own for each socket, and not a part of the same object.
    package var sockCandidates: [Int] { samples.ownPointers(wordSize: wordSize) }

    private var pointerOffsets: [Int] {
        samples.map(\.memory).pointerOffsets(wordSize: wordSize)
    }

    /// The pointer behind which an `int` follows the socket's family, and where it lies there.
    package var operations: (ops: StructLayout.Place, family: StructLayout.Place)? {
        let found = opsCandidates.compactMap { offset -> (ops: StructLayout.Place, family: StructLayout.Place)? in
            let memories = observations(behind: offset) { UInt64($0.kind.family) }
            guard let family = memories.place(widths: [4, 2, 1], distinct: 2) else { return nil }
            return (pointer(at: offset), family)
        }
        return found.count == 1 ? found[0] : nil
    }

    /// The pointer behind which the socket's own address and its protocol lie.
    package var sock: (sock: StructLayout.Place, protocol: StructLayout.Place?)? {
        let found = sockCandidates.filter { offset in
            observations(behind: offset) { $0.address }.offsets(width: wordSize).count >= 1
                && [2, 1].contains { !protocols(behind: offset).offsets(width: $0).isEmpty }
                && protocols(behind: offset).isTelling(distinct: 3)
        }
        guard found.count == 1 else { return nil }
        return (pointer(at: found[0]), protocols(behind: found[0]).place(widths: [2, 1], distinct: 3))
    }

    private func protocols(behind offset: Int) -> [Observation] {
        samples.compactMap { sample in
            guard let memory = sample.behind[offset], let number = sample.kind.protocol else { return nil }
            return Observation(memory, holds: UInt64(number))
        }
    }

    private func observations(behind offset: Int, _ value: (SocketSample) -> UInt64) -> [Observation] {
        samples.compactMap { sample in sample.behind[offset].map { Observation($0, holds: value(sample)) } }
    }

    private func pointer(at offset: Int) -> StructLayout.Place {
        .init(offset: offset, width: wordSize, source: .calibrated)
    }
}

extension [SocketSample] {
    /// Offsets of words that may lead to something of its own for each, and not to a part of it.
    func ownPointers(wordSize: Int) -> [Int] {
        map(\.memory).pointerOffsets(wordSize: wordSize).filter { offset in
            let words = map { $0.memory.integer(at: offset, width: wordSize) ?? 0 }
            guard Set(words).count == Set(map(\.address)).count else { return false }
            return Set(zip(self, words).map { $1 &- $0.address }).count > 1
        }
    }
}

extension [MemoryDump] {
    /// Offsets of words that look like pointers in every one: aligned, and beyond what could be a small number.
    ///
    /// Kernel addresses need not have their highest bit set (s390x, the 2G/2G split of 32-bit kernels), so what lies
    /// behind a word must decide.
    package func pointerOffsets(wordSize: Int) -> [Int] {
        guard let first else { return [] }
        return stride(from: 0, through: first.bytes.count - wordSize, by: wordSize).filter { offset in
            allSatisfy { memory in
                guard let word = memory.integer(at: offset, width: wordSize) else { return false }
                return word >= 1 << 16 && word.isMultiple(of: 4)
            }
        }
    }
}
