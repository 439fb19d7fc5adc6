package import SocketNames

/// A bit of `socket.flags` that was made to come and go.
package struct FlagTrial: Sendable {
    package var flag: SocketFlag
    /// The socket while the bit is off.
    package var off: MemoryDump
    /// The same socket while it is on.
    package var on: MemoryDump
    /// The same socket when it is off again; nil where it cannot be taken back.
    package var offAgain: MemoryDump?

    package init(_ flag: SocketFlag, off: MemoryDump, on: MemoryDump, offAgain: MemoryDump? = nil) {
        self.flag = flag
        self.off = off
        self.on = on
        self.offAgain = offAgain
    }

    /// The words in which exactly one bit came, and went again: pairs of an offset and the bit.
    func toggles(wordSize: Int) -> Set<BitPlace> {
        var found: Set<BitPlace> = []
        for offset in stride(from: 0, through: off.bytes.count - wordSize, by: wordSize) {
            guard let before = off.integer(at: offset, width: wordSize),
                let during = on.integer(at: offset, width: wordSize), before & ~during == 0,
                (before ^ during).nonzeroBitCount == 1
            else { continue }
            if let offAgain, offAgain.integer(at: offset, width: wordSize) != before { continue }
            found.insert(BitPlace(offset: offset, bit: (before ^ during).trailingZeroBitCount))
        }
        return found
    }
}

/// A bit of a word of a struct.
struct BitPlace: Hashable, Sendable {
    var offset: Int
    var bit: Int
}

/// Finds `socket.flags` and what its bits mean on this kernel.
package struct FlagSearch: Sendable {
    package let trials: [FlagTrial]
    package let samples: [SocketSample]
    package let wordSize: Int

    package init(trials: [FlagTrial], samples: [SocketSample], wordSize: Int) {
        self.trials = trials
        self.samples = samples
        self.wordSize = wordSize
    }

    /// The word in which the flags lie that can be switched.
    package var flags: StructLayout.Place? {
        let offsets = Set(SocketFlag.allCases.compactMap { toggled($0)?.offset })
        guard offsets.count == 1, let offset = offsets.first else { return nil }
        return .init(offset: offset, width: wordSize, source: .calibrated)
    }

    /// The bits whose meaning is known, given the word.
    package func names(at place: StructLayout.Place) -> SocketFlagNames {
        var names = SocketFlagNames()
        for flag in SocketFlag.allCases {
            if let toggle = toggled(flag), toggle.offset == place.offset { names[toggle.bit] = flag }
        }
        for (flag, bit) in [(SocketFlag.supportZC, zeroCopyBit(place)), (.customSockopt, customOptionBit(place))] {
            if let bit, names[bit] == nil { names[bit] = flag }
        }
        return names
    }

    /// The one bit that every trial of a flag moved.
    private func toggled(_ flag: SocketFlag) -> BitPlace? {
        let places = trials.filter { $0.flag == flag }.map { $0.toggles(wordSize: wordSize) }
        guard places.count >= 2, let first = places.first else { return nil }
        let common = places.dropFirst().reduce(first) { $0.intersection($1) }
        return common.count == 1 ? common.first : nil
    }

    /// SOCK_SUPPORT_ZC is set by tcp_init_sock and udp_init_sock, and by no protocol without zero-copy sends.
    private func zeroCopyBit(_ place: StructLayout.Place) -> Int? {
        bit(place, setIn: { $0.isTCP || $0.isUDP })
    }

    /// SOCK_CUSTOM_SOCKOPT is set by udp_init_sock, not by TCP.
    private func customOptionBit(_ place: StructLayout.Place) -> Int? {
        bit(place, setIn: { $0.isUDP })
    }

    /// The one bit that fresh sockets of some kinds have and those of the other kinds have not.
    private func bit(_ place: StructLayout.Place, setIn isSet: (SocketSample.Kind) -> Bool) -> Int? {
        let telling = samples.filter { $0.state != nil && ($0.kind.isTCP || $0.kind.isUDP || $0.kind.isLocal) }
        guard telling.contains(where: { $0.kind.isTCP }), telling.contains(where: { $0.kind.isUDP }),
            telling.contains(where: { $0.kind.isLocal })
        else { return nil }
        let candidates = (0..<SocketFlagNames.bitCount).filter { bit in
            telling.allSatisfy { sample in
                guard let word = sample.memory.integer(at: place.offset, width: place.width) else { return false }
                return (word >> UInt64(bit) & 1 == 1) == isSet(sample.kind)
            }
        }
        return candidates.count == 1 ? candidates[0] : nil
    }
}

extension SocketSample.Kind {
    fileprivate var isTCP: Bool { (family == 2 || family == 10) && `protocol` == 6 }
    fileprivate var isUDP: Bool { (family == 2 || family == 10) && `protocol` == 17 }
    /// AF_UNIX or AF_NETLINK; AF_UNIX streams have SOCK_CUSTOM_SOCKOPT in 7.x.
    fileprivate var isLocal: Bool { family == 1 && type != 1 || family == 16 }
}
