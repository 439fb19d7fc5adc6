/// Finds what tells who a socket is and between whom: every member by a value that a system call gave us of the same socket.
extension SocketSearch {
    /// Members of the inode that lies in one piece with the socket.
    package var inode: [StructLayout.Member: StructLayout.Place] {
        var found: [StructLayout.Member: StructLayout.Place] = [:]
        found[.socketInode] = known(.socketInode).place(widths: [wordSize], distinct: 3)
        found[.socketUser] = known(.socketUser).place(widths: [4], distinct: 3)
        return found
    }

    /// Members of the sock, behind the pointer at an offset of the socket.
    package func endpoints(behind offset: Int) -> [StructLayout.Member: StructLayout.Place] {
        var found: [StructLayout.Member: StructLayout.Place] = [:]
        func find(_ member: StructLayout.Member, _ width: Int, distinct: Int = 3) {
            found[member] = known(member, behind: offset).place(widths: [width], distinct: distinct)
        }
        find(.sockFamily, 2)
        find(.sockState, 1)
        find(.sockType, 2)
        find(.sockError, 4, distinct: 2)
        find(.netlinkPort, 4)
        find(.netlinkRemotePort, 4)
        found[.sockSocket] = backPointer(behind: offset)
        found[.unixPeer] = peer(behind: offset)
        let members =
            [
                .sockRemoteIPv4, .sockLocalIPv4, .sockRemotePort, .sockLocalPort, .sockRemoteIPv6, .sockLocalIPv6,
            ] as [StructLayout.Member]
        let ends = EndpointSearch(
            Dictionary(uniqueKeysWithValues: members.map { ($0, known($0, behind: offset)) }))
        return found.merging(ends.places) { first, _ in first }
    }

    private func known(_ member: StructLayout.Member) -> [Observation] {
        samples.compactMap { sample in sample.facts[member].map { Observation(sample.memory, holds: $0) } }
    }

    private func known(_ member: StructLayout.Member, behind offset: Int) -> [Observation] {
        samples.compactMap { sample in
            guard let memory = sample.behind[offset], let value = sample.facts[member] else { return nil }
            return Observation(memory, holds: value)
        }
    }

    // MARK: Pointers

    private func backPointer(behind offset: Int) -> StructLayout.Place? {
        samples.compactMap { sample in sample.behind[offset].map { Observation($0, holds: sample.address) } }
            .place(widths: [wordSize], distinct: 3)
    }

    /// Where the sock of each end of a pair has the address of the other's.
    private func peer(behind offset: Int) -> StructLayout.Place? {
        let socks = Dictionary(
            samples.compactMap { sample in
                sample.memory.integer(at: offset, width: wordSize).map { (sample.subject, $0) }
            }, uniquingKeysWith: { first, _ in first })
        return samples.compactMap { sample -> Observation? in
            guard sample.kind.family == 1, let memory = sample.behind[offset], let peer = sample.peer,
                let sock = socks[peer]
            else { return nil }
            return Observation(memory, holds: sock)
        }.place(widths: [wordSize], distinct: 3)
    }
}
