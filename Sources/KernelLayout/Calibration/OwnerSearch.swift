/// Finds the word of a sock behind which its socket lies: there its own address is again, and the socket's type.
package struct OwnerSearch: Sendable {
    /// Socks of many kinds: `memory` and `address` are the sock's, `behind` is what its words lead to.
    private let samples: [SocketSample]
    private let wordSize: Int

    package init(_ samples: [SocketSample], wordSize: Int) {
        self.samples = samples
        self.wordSize = wordSize
    }

    /// Words that may be `sk->sk_socket`.
    package var candidates: [Int] { samples.ownPointers(wordSize: wordSize) }

    /// The one that leads back, as far as there is exactly one.
    package var socket: StructLayout.Place? {
        let found = candidates.filter { offset in
            place(behind: offset, widths: [wordSize]) { $0.address } != nil
                && place(behind: offset, widths: [2, 1]) { UInt64($0.kind.type) } != nil
        }
        return found.count == 1 ? .init(offset: found[0], width: wordSize, source: .calibrated) : nil
    }

    private func place(
        behind offset: Int, widths: [Int], _ value: (SocketSample) -> UInt64
    ) -> StructLayout.Place? {
        let memories = samples.compactMap { sample in
            sample.behind[offset].map { Observation($0, holds: value(sample)) }
        }
        return memories.count == samples.count ? memories.place(widths: widths, distinct: 3) : nil
    }
}
