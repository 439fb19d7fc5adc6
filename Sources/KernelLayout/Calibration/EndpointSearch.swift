/// Finds addresses and ports in the memory of socks.
///
/// They lie there more than once (inet_saddr, inet_sport, the flow of the last route). Those that a socket is found by are
/// pairs, the remote one before the local one, since 3.7 (skc_addrpair and skc_portpair in include/net/sock.h); in a flow it is
/// the other way round, and ports there are both in network order.
struct EndpointSearch {
    private let known: [StructLayout.Member: [Observation]]

    init(_ known: [StructLayout.Member: [Observation]]) {
        self.known = known
    }

    /// What exactly one place explains.
    var places: [StructLayout.Member: StructLayout.Place] {
        var found = pair(.sockRemoteIPv4, .sockLocalIPv4, width: 4)
        found.merge(pair(.sockRemotePort, .sockLocalPort, width: 2)) { first, _ in first }
        found.merge(longPair(.sockRemoteIPv6, .sockLocalIPv6)) { first, _ in first }
        return found
    }

    private func pair(
        _ remote: StructLayout.Member, _ local: StructLayout.Member, width: Int
    ) -> [StructLayout.Member: StructLayout.Place] {
        let (remotes, locals) = (known[remote] ?? [], known[local] ?? [])
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

    private func longPair(
        _ remote: StructLayout.Member, _ local: StructLayout.Member
    ) -> [StructLayout.Member: StructLayout.Place] {
        let remotes = longOffsets(remote)
        guard remotes.count == 1 else { return [:] }
        var found = [remote: StructLayout.Place(offset: remotes[0], width: 16, source: .calibrated)]
        if longOffsets(local).contains(remotes[0] + 16) {
            found[local] = .init(offset: remotes[0] + 16, width: 16, source: .calibrated)
        }
        return found
    }

    /// An address of 16 bytes, of which the last eight are known; the first eight of those that are asked for are zeros.
    private func longOffsets(_ member: StructLayout.Member) -> [Int] {
        let known = known[member] ?? []
        guard known.isTelling(distinct: 3), let first = known.first else { return [] }
        return stride(from: 0, through: first.memory.bytes.count - 16, by: 4).filter { start in
            known.allSatisfy { one in
                one.memory.integer(at: start, width: 8) == 0
                    && one.memory.integer(at: start + 8, width: 8) == one.value
            }
        }
    }
}
