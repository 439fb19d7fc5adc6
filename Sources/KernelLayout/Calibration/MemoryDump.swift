/// A piece of the kernel's memory as an array fetch-argument recorded it, in the kernel's byte order.
package struct MemoryDump: Sendable, Equatable {
    package var bytes: [UInt8]
    /// The kernel's byte order is not this machine's.
    package var isSwapped: Bool

    package init(_ bytes: [UInt8], isSwapped: Bool = false) {
        self.bytes = bytes
        self.isSwapped = isSwapped
    }

    /// The unsigned integer at an offset; nil where it does not lie wholly inside.
    package func integer(at offset: Int, width: Int) -> UInt64? {
        guard offset >= 0, width > 0, offset + width <= bytes.count else { return nil }
        return bytes.withUnsafeBytes { bytes in
            func load<Integer: FixedWidthInteger>(_: Integer.Type) -> UInt64 {
                let value = bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self)
                return UInt64(truncatingIfNeeded: isSwapped ? value.byteSwapped : value)
            }
            return switch width {
            case 1: load(UInt8.self)
            case 2: load(UInt16.self)
            case 4: load(UInt32.self)
            case 8: load(UInt64.self)
            default: nil
            }
        }
    }

    /// What lies from an offset on; nil where that is outside.
    package func dropping(_ count: Int) -> MemoryDump? {
        guard count >= 0, count <= bytes.count else { return nil }
        return MemoryDump(Array(bytes[count...]), isSwapped: isSwapped)
    }
}

/// Memory, and the value that a member somewhere in it has: what we gave the socket, or asked of it.
package struct Observation: Sendable {
    package var memory: MemoryDump
    package var value: UInt64

    package init(_ memory: MemoryDump, holds value: UInt64) {
        self.memory = memory
        self.value = value
    }
}

extension [Observation] {
    /// The aligned offsets at which every memory holds its value.
    package func offsets(width: Int) -> [Int] {
        guard let first else { return [] }
        let candidates = stride(from: 0, through: first.memory.bytes.count - width, by: width)
        return candidates.filter { offset in
            allSatisfy { $0.memory.integer(at: offset, width: width) == $0.value }
        }
    }

    /// The one place that can hold the values.
    ///
    /// Widths are tried in the order given: that of the member's type in every kernel seen, then narrower ones, which
    /// find the member also where it shares its integer with others (sk_protocol was a bit field before 5.6).
    /// - Parameter distinct: how many different values the experiments must have, so that a constant is no match.
    /// - Returns: nil where the experiments are too few or leave more than one place.
    package func place(widths: [Int], distinct: Int) -> StructLayout.Place? {
        guard isTelling(distinct: distinct) else { return nil }
        for width in widths {
            let offsets = offsets(width: width)
            if offsets.isEmpty { continue }
            return offsets.count == 1 ? .init(offset: offsets[0], width: width, source: .calibrated) : nil
        }
        return nil
    }

    /// At least three experiments, with so many different values.
    package func isTelling(distinct: Int) -> Bool {
        count >= 3 && Set(map(\.value)).count >= distinct
    }
}
