/// Finds things by their keys, and forgets them again. Each thing has a slot, by number; a slot that is free is given to the
/// next new thing, so that the table is as large as the most things that it knew at once. Nothing is allocated once it is.
@usableFromInline
package struct SlotTable<Key: InternerKey>: Sendable {
    /// The keys, by slot; of a free slot, the last one that it had.
    @usableFromInline var keys: ContiguousArray<Key> = []
    @usableFromInline var free: ContiguousArray<Int32> = []
    /// Open-addressed by hash: a slot plus one, 0 where the place is free.
    @usableFromInline var places: ContiguousArray<Int32>
    @usableFromInline var mask: Int
    /// Differs from run to run, so that no trace can be made whose keys all collide.
    @usableFromInline let multiplier = UInt64.random(in: 0 ... .max) | 1

    /// An empty table.
    @inlinable
    package init() {
        let capacity = 256
        places = ContiguousArray(repeating: 0, count: capacity)
        mask = capacity - 1
    }

    /// How many things it knows.
    @inlinable package var count: Int { keys.count - free.count }

    /// How many slots there are, free ones included.
    @inlinable package var slotCount: Int { keys.count }

    /// The slot of a key; nil where it is not known.
    @inlinable
    @inline(__always)
    package func slot(of key: Key) -> Int? {
        let slot = Int(places[place(of: key)]) &- 1
        return slot < 0 ? nil : slot
    }

    /// The slot of a key, which is known from now on, and whether it was not before.
    @inlinable
    @inline(__always)
    package mutating func add(_ key: Key) -> (slot: Int, isNew: Bool) {
        let place = place(of: key)
        let slot = Int(places[place]) &- 1
        return slot < 0 ? (insert(key, at: place), true) : (slot, false)
    }

    /// Forgets a key.
    /// - Returns: the slot that is free now; nil where the key was not known.
    @inlinable
    @discardableResult
    package mutating func remove(_ key: Key) -> Int? {
        var hole = place(of: key)
        let slot = Int(places[hole]) &- 1
        guard slot >= 0 else { return nil }
        free.append(Int32(truncatingIfNeeded: slot))
        // What follows moves up where the hole would cut it off from the place at which it is looked for.
        var next = (hole &+ 1) & mask
        while places[next] != 0 {
            let home = home(of: keys[Int(places[next]) &- 1])
            if (next &- home) & mask >= (next &- hole) & mask {
                places[hole] = places[next]
                hole = next
            }
            next = (next &+ 1) & mask
        }
        places[hole] = 0
        return slot
    }

    @inlinable
    @inline(__always)
    func home(of key: Key) -> Int { Int(truncatingIfNeeded: key.hash(multiplier)) & mask }

    /// Where a key is, or would be put.
    @inlinable
    @inline(__always)
    func place(of key: Key) -> Int {
        var place = home(of: key)
        while places[place] != 0, keys[Int(places[place]) &- 1] != key { place = (place &+ 1) & mask }
        return place
    }

    @inlinable
    @inline(never)
    mutating func insert(_ key: Key, at place: Int) -> Int {
        let slot: Int
        if let last = free.popLast() {
            slot = Int(last)
            keys[slot] = key
        } else {
            slot = keys.count
            keys.append(key)
        }
        places[place] = Int32(truncatingIfNeeded: slot &+ 1)
        if count * 2 > places.count { grow() }
        return slot
    }

    @inlinable
    mutating func grow() {
        let old = places
        mask = places.count * 2 - 1
        places = ContiguousArray(repeating: 0, count: mask + 1)
        for entry in old where entry != 0 {
            var place = home(of: keys[Int(entry) - 1])
            while places[place] != 0 { place = (place + 1) & mask }
            places[place] = entry
        }
    }
}
