internal import CZlib

/// HdrHistogram's V2 encoding, compressed and in base64, of counts in its own buckets of two significant digits
/// (AbstractHistogram.encodeIntoCompressedByteBuffer).
enum HistogramEncoding {
    /// What a V2 histogram begins with, and a compressed one; the 1 in the second byte from below says that counts take
    /// any number of bytes.
    private static let cookie: UInt32 = 0x1c84_9313
    private static let compressedCookie: UInt32 = 0x1c84_9314
    private static let significantDigits: UInt32 = 2

    /// Nil where nothing was counted.
    /// - Parameters:
    ///   - counts: by bucket.
    ///   - largest: the largest value.
    static func text(of counts: Span<UInt32>, largest: UInt64) -> [UInt8]? {
        guard let payload = payload(of: counts) else { return nil }
        var plain: [UInt8] = []
        put(cookie, into: &plain)
        put(UInt32(truncatingIfNeeded: payload.count), into: &plain)
        put(UInt32(0), into: &plain)
        put(significantDigits, into: &plain)
        put(UInt64(1), into: &plain)
        // At least two powers of two, as the format demands.
        put(max(largest, 2), into: &plain)
        put((1.0).bitPattern, into: &plain)
        plain += payload
        guard let packed = compressed(plain) else { return nil }
        var whole: [UInt8] = []
        put(compressedCookie, into: &whole)
        put(UInt32(truncatingIfNeeded: packed.count), into: &whole)
        return base64(whole + packed)
    }

    /// Counts as zigzag LEB128; a run of zeros as its negative length. Behind the last count there is nothing.
    private static func payload(of counts: Span<UInt32>) -> [UInt8]? {
        guard let last = counts.indices.last(where: { counts[$0] != 0 }) else { return nil }
        var bytes: [UInt8] = []
        var zeros: Int64 = 0
        for index in 0...last {
            if counts[index] == 0 {
                zeros += 1
                continue
            }
            if zeros > 0 { put(zigzag: -zeros, into: &bytes) }
            zeros = 0
            put(zigzag: Int64(counts[index]), into: &bytes)
        }
        return bytes
    }

    private static func put(zigzag value: Int64, into bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private static func put<Number: FixedWidthInteger>(_ number: Number, into bytes: inout [UInt8]) {
        for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    private static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var packed = [UInt8](repeating: 0, count: Int(compressBound(uLong(bytes.count))))
        var size = uLongf(packed.count)
        guard compress2(&packed, &size, bytes, uLong(bytes.count), Z_DEFAULT_COMPRESSION) == Z_OK else { return nil }
        return Array(packed.prefix(Int(size)))
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            word <<= 8 * UInt32(3 - group.count)
            for place in 0..<4 {
                let digit = digits[Int(word >> UInt32(18 - 6 * place) & 63)]
                text.append(place <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return text
    }
}
