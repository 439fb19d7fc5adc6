import SocketEvents
import Testing

@testable import EventOutput

@Suite("Output buffer")
struct OutputBufferTests {
    private func written(_ body: (inout OutputBuffer) -> Void) -> String {
        var out = OutputBuffer()
        body(&out)
        return out.text ?? "not UTF-8"
    }

    @Test("Numbers are written as Swift writes them")
    func numbers() {
        var samples: [UInt64] = [0, 1, 9, .max, .max - 1]
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            samples += [power - 1, power, power + 1]
        }
        for shift in 0..<64 { samples += [1 << UInt64(shift), (1 << UInt64(shift)) - 1] }
        for value in samples {
            #expect(written { $0.append(decimal: value) } == String(value))
            #expect(written { $0.append(hex: value) } == String(value, radix: 16))
            #expect(OutputBuffer.decimalWidth(of: value) == String(value).utf8.count)
            let signed = Int64(truncatingIfNeeded: value)
            #expect(written { $0.append(decimal: signed) } == String(signed))
        }
        #expect(written { $0.append(decimal: Int64.min) } == String(Int64.min))
    }

    @Test("Leading zeros")
    func leadingZeros() {
        #expect(written { $0.append(decimal: 7, digits: 9) } == "000000007")
        #expect(written { $0.append(decimal: 123_456_789, digits: 9) } == "123456789")
        #expect(written { $0.append(hex: 0xab, digits: 16) } == "00000000000000ab")
        #expect(written { $0.append(hex: .max, digits: 2) } == "ffffffffffffffff")
    }

    @Test("It grows without losing what it holds, and is empty after clear")
    func growth() {
        var out = OutputBuffer(capacity: 1)
        for _ in 0..<10_000 { out.append("0123456789") }
        #expect(out.count == 100_000)
        #expect(out.text == String(repeating: "0123456789", count: 10_000))
        #expect(out.bytes.byteCount == 100_000)
        #expect(out.bytes.unsafeLoad(fromByteOffset: 99_999, as: UInt8.self) == UInt8(ascii: "9"))
        out.clear()
        #expect(out.count == 0)
        #expect(out.text == "")
    }

    @Test("Spaces", arguments: [-5, 0, 1, 15, 16, 17, 200])
    func spaces(count: Int) {
        #expect(written { $0.append(spaces: count) } == String(repeating: " ", count: max(count, 0)))
    }

    @Test("Every short name is plain exactly where byte by byte says so")
    func plainNames() {
        for byte in UInt8(1)...255 {
            for position in 0..<15 {
                var bytes = Array("abcdefghijklmno".utf8)
                bytes[position] = byte
                let name = TaskName(bytes)
                let isPlain = (0x20...0x7e).contains(byte) && byte != 0x22 && byte != 0x5c
                let (low, high) = name.words
                #expect(
                    NameBytes.arePlain(low: low, high: high, count: name.count) == isPlain, "\(byte) at \(position)")
            }
        }
    }

    @Test("UTF-8 is decoded as strictly as Swift does")
    func decoding() {
        var state: UInt64 = 88_172_645_463_325_252
        for _ in 0..<20_000 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            // Four bytes, often from the ranges where mistakes are made.
            let bytes = (0..<4).map { index -> UInt8 in
                let byte = UInt8(truncatingIfNeeded: state >> UInt64(8 * index))
                let isTail = state >> UInt64(40 + index) & 1 == 1
                return isTail ? 0x80 | byte & 0x3f : max(byte, 1)
            }
            let name = TaskName(bytes)
            let (isValid, length): (Bool, Int) =
                NameBytes.scalar(of: name, at: 0, count: 4).map { (true, $0.length) } ?? (false, 0)
            let expected = (1...4).first { String(validating: bytes.prefix($0), as: UTF8.self) != nil }
            #expect(isValid == (expected != nil) && (expected ?? 0) == length, "\(bytes)")
        }
    }
}
