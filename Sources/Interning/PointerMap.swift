/// Numbers of things by the addresses at which the traced kernel has them.
@usableFromInline
package struct PointerMap: Sendable {
    private var table = SlotTable<Pointer>()
    /// By slot.
    private var values: ContiguousArray<Int32> = []

    /// An address as a key.
    private struct Pointer: InternerKey {
        let address: UInt64

        @inline(__always)
        func hash(_ multiplier: UInt64) -> UInt64 { (address &* multiplier) >> 32 }
    }

    /// An empty map.
    package init() {}

    /// How many it holds.
    @usableFromInline package var count: Int { table.count }

    /// The number of an address; nil where it is not known, and for 0, where no thing is.
    @inline(__always)
    @usableFromInline package subscript(address: UInt64) -> Int32? {
        guard address != 0, let slot = table.slot(of: Pointer(address: address)) else { return nil }
        return values[slot]
    }

    /// Gives an address, which is not 0, another number.
    package mutating func set(_ address: UInt64, _ value: Int32) {
        guard address != 0 else { return }
        let slot = table.add(Pointer(address: address)).slot
        if slot == values.count { values.append(value) } else { values[slot] = value }
    }

    /// Forgets an address.
    package mutating func remove(_ address: UInt64) {
        if address != 0 { table.remove(Pointer(address: address)) }
    }
}
