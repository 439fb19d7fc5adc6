extension StructLayout {
    /// The members that both layouts know and place differently: from two sources about one kernel, a fault of one.
    package func disagreements(with other: StructLayout) -> [Member] {
        Member.allCases.filter { member in
            guard let mine = places[member], let theirs = other.places[member] else { return false }
            return !mine.holdsSameBits(as: theirs)
        }
    }
}

extension StructLayout.Place {
    /// Whether both name the same bits of memory, whatever integer they read them from: eight bits of a 32-bit integer
    /// may be a byte of their own.
    func holdsSameBits(as other: StructLayout.Place) -> Bool {
        memoryBits == other.memoryBits
    }

    /// The bits that the member takes, counted from the start of the struct.
    private var memoryBits: Range<Int> {
        let bits = bits ?? 0..<width * 8
        return offset * 8 + bits.lowerBound..<offset * 8 + bits.upperBound
    }
}
