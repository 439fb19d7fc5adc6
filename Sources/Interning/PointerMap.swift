/// Numbers of things by the addresses at which the traced kernel has them: an open-addressed table that forgets, too.
/// Nothing is allocated as long as it holds no more than it once did.
public struct PointerMap: Sendable {
    /// An address; 0 where the place is free, as no thing is there.
    @usableFromInline var keys: ContiguousArray<UInt64>
    @usableFromInline var values: ContiguousArray<Int32>
    @usableFromInline var mask: Int
    /// How many it holds.
    public internal(set) var count = 0
    /// Differs from run to run, so that no trace can be made whose addresses all collide.
    @usableFromInline let multiplier = UInt64.random(in: 0 ... .max) | 1

    /// An empty map.
    public init() {
        keys = ContiguousArray(repeating: 0, count: 256)
        values = ContiguousArray(repeating: 0, count: 256)
        mask = 255
    }

    /// The number of an address.
    @inlinable
    @inline(__always)
    public subscript(key: UInt64) -> Int32? {
        guard key != 0 else { return nil }
        let place = place(of: key)
        return keys[place] == key ? values[place] : nil
    }

    /// Gives an address, which is not 0, another number.
    public mutating func set(_ key: UInt64, _ value: Int32) {
        guard key != 0 else { return }
        let place = place(of: key)
        values[place] = value
        guard keys[place] == 0 else { return }
        keys[place] = key
        count += 1
        if count * 2 > keys.count { grow() }
    }

    /// Forgets an address.
    public mutating func remove(_ key: UInt64) {
        guard key != 0 else { return }
        var hole = place(of: key)
        guard keys[hole] == key else { return }
        count -= 1
        // What follows moves up where the hole would cut it off from the place at which it is looked for.
        var next = (hole &+ 1) & mask
        while keys[next] != 0 {
            let home = home(of: keys[next])
            if (next &- home) & mask >= (next &- hole) & mask {
                (keys[hole], values[hole]) = (keys[next], values[next])
                hole = next
            }
            next = (next &+ 1) & mask
        }
        keys[hole] = 0
    }

    /// Forgets all.
    public mutating func removeAll() {
        guard count > 0 else { return }
        for place in keys.indices { keys[place] = 0 }
        count = 0
    }

    @inlinable
    @inline(__always)
    func home(of key: UInt64) -> Int { Int(truncatingIfNeeded: (key &* multiplier) >> 32) & mask }

    /// Where an address is, or would be put.
    @inlinable
    @inline(__always)
    func place(of key: UInt64) -> Int {
        var place = home(of: key)
        while keys[place] != key, keys[place] != 0 { place = (place &+ 1) & mask }
        return place
    }

    private mutating func grow() {
        let (oldKeys, oldValues) = (keys, values)
        keys = ContiguousArray(repeating: 0, count: oldKeys.count * 2)
        values = ContiguousArray(repeating: 0, count: oldKeys.count * 2)
        mask = keys.count - 1
        for index in oldKeys.indices where oldKeys[index] != 0 {
            let place = place(of: oldKeys[index])
            (keys[place], values[place]) = (oldKeys[index], oldValues[index])
        }
    }
}
