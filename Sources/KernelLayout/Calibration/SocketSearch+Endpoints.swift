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
        found.merge(pair(.sockRemoteIPv4, .sockLocalIPv4, width: 4, behind: offset)) { first, _ in first }
        found.merge(pair(.sockRemotePort, .sockLocalPort, width: 2, behind: offset)) { first, _ in first }
        found[.sockRemoteIPv6] = mapped(.sockRemoteIPv6, behind: offset)
        found[.sockLocalIPv6] = found[.sockRemoteIPv6].flatMap { remote in
            let local = remote.offset + 16
            guard mappedOffsets(.sockLocalIPv6, behind: offset).contains(local) else { return nil }
            return .init(offset: local, width: 16, source: .calibrated)
        }
        return found
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

    /// Addresses and ports lie there more than once (inet_saddr, inet_sport, the flow of the last route). Those that a socket
    /// is found by are pairs, the remote one before the local one, since 3.7 (skc_addrpair and skc_portpair in
    /// include/net/sock.h); in a flow it is the other way round, and ports there are both in network order.
    private func pair(
        _ remote: StructLayout.Member, _ local: StructLayout.Member, width: Int, behind offset: Int
    ) -> [StructLayout.Member: StructLayout.Place] {
        let (remotes, locals) = (known(remote, behind: offset), known(local, behind: offset))
        guard remotes.isTelling(distinct: 3), locals.isTelling(distinct: 3) else { return [:] }
        let localOffsets = Set(locals.offsets(width: width))
        let found = remotes.offsets(width: width).filter { localOffsets.contains($0 + width) }
        guard found.count == 1 else { return [:] }
        return [
            remote: .init(offset: found[0], width: width, source: .calibrated),
            local: .init(offset: found[0] + width, width: width, source: .calibrated),
        ]
    }

    // MARK: IPv6

    /// An address of 16 bytes, of which the facts have the last eight; the first eight of a mapped one are zeros.
    private func mapped(_ member: StructLayout.Member, behind offset: Int) -> StructLayout.Place? {
        let offsets = mappedOffsets(member, behind: offset)
        return offsets.count == 1 ? .init(offset: offsets[0], width: 16, source: .calibrated) : nil
    }

    private func mappedOffsets(_ member: StructLayout.Member, behind offset: Int) -> [Int] {
        let known = known(member, behind: offset)
        guard known.isTelling(distinct: 3), let first = known.first else { return [] }
        return stride(from: 0, through: first.memory.bytes.count - 16, by: 4).filter { start in
            known.allSatisfy { one in
                one.memory.integer(at: start, width: 8) == 0
                    && one.memory.integer(at: start + 8, width: 8) == one.value
            }
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
