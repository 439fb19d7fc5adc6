/// What a `Interner` finds things by.
@usableFromInline
package protocol InternerKey: Equatable, BitwiseCopyable, Sendable {
    /// A number whose lower bits are well mixed by multiplying.
    /// - Parameter multiplier: odd; differs from table to table.
    func hash(_ multiplier: UInt64) -> UInt64
}

/// Numbers things from 0 on in the order of their first appearance, and finds a thing's number by its key: an
/// open-addressed table, so that nothing is allocated once a key is known.
@usableFromInline
package struct Interner<Key: InternerKey>: Sendable {
    /// The keys, by number.
    @usableFromInline package private(set) var keys: ContiguousArray<Key> = []
    /// A number plus one; 0 where the slot is free.
    @usableFromInline var slots: ContiguousArray<Int32>
    @usableFromInline var mask: Int
    /// Differs from run to run, so that no trace can be made whose keys all collide.
    @usableFromInline let multiplier = UInt64.random(in: 0 ... .max) | 1

    /// An empty table.
    package init() {
        let capacity = 256
        slots = ContiguousArray(repeating: 0, count: capacity)
        mask = capacity - 1
    }

    /// How many keys are known.
    @inlinable
    package var count: Int { keys.count }

    /// The number of a key, which is known from now on; `count` grows by one where it was not.
    @inlinable
    @inline(__always)
    package mutating func index(of key: Key) -> Int {
        var slot = Int(truncatingIfNeeded: key.hash(multiplier)) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) &- 1
            if keys[index] == key { return index }
            slot = (slot &+ 1) & mask
        }
        return insert(key, at: slot)
    }

    @inline(never)
    @usableFromInline
    mutating func insert(_ key: Key, at slot: Int) -> Int {
        let index = keys.count
        keys.append(key)
        slots[slot] = Int32(truncatingIfNeeded: index &+ 1)
        if keys.count * 2 > slots.count { grow() }
        return index
    }

    private mutating func grow() {
        mask = slots.count * 2 - 1
        slots = ContiguousArray(repeating: 0, count: mask + 1)
        for index in keys.indices {
            var slot = Int(truncatingIfNeeded: keys[index].hash(multiplier)) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(truncatingIfNeeded: index + 1)
        }
    }
}
