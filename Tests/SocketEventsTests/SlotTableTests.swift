import Testing
import TraceTestSupport

@testable import Interning

@Suite struct SlotTableTests {
    private struct Key: InternerKey {
        var number: UInt64
        /// Few different ones, so that keys collide.
        func hash(_ multiplier: UInt64) -> UInt64 { number % 7 }
    }

    @Test func `What is forgotten is gone, what is not stays found, and slots are used again`() {
        var random = SeededGenerator(seed: 1)
        var table = SlotTable<Key>()
        var truth: [UInt64: Int] = [:]
        var most = 0
        for _ in 0..<20_000 {
            let key = Key(number: UInt64.random(in: 0..<300, using: &random))
            if Bool.random(using: &random) {
                let (slot, isNew) = table.add(key)
                #expect(isNew == (truth[key.number] == nil))
                #expect(truth[key.number] == nil || truth[key.number] == slot)
                #expect(truth.allSatisfy { $0.key == key.number || $0.value != slot })
                truth[key.number] = slot
            } else {
                #expect(table.remove(key) == truth.removeValue(forKey: key.number))
            }
            most = max(most, truth.count)
            #expect(table.count == truth.count)
        }
        #expect(table.slotCount == most)
        for number in 0..<300 as Range<UInt64> { #expect(table.slot(of: Key(number: number)) == truth[number]) }
    }

    @Test func `A million things, a thousand at a time, take the room of a thousand`() {
        struct Pointer: InternerKey {
            var address: UInt64
            func hash(_ multiplier: UInt64) -> UInt64 { (address &* multiplier) >> 32 }
        }
        var table = SlotTable<Pointer>()
        for number in 0..<1_000_000 as Range<UInt64> {
            _ = table.add(Pointer(address: number * 64))
            if number >= 1000 { table.remove(Pointer(address: (number - 1000) * 64)) }
        }
        #expect(table.count == 1000)
        #expect(table.slotCount <= 1001)
    }
}
