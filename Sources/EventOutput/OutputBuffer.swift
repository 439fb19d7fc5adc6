/// Bytes to be written out, in memory that is used again and again: once it has grown to the size of the largest batch,
/// appending allocates nothing.
///
/// The memory is held by pointer because appending to an array costs a uniqueness check each time. Every write goes
/// through `room(for:)`, which makes sure that the bytes it is asked for are there; `count <= capacity` always holds.
/// The one owner is this value, which cannot be copied; that is why it may be sent to another thread.
package struct OutputBuffer: ~Copyable, @unchecked Sendable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// How many bytes it holds.
    package private(set) var count = 0

    /// An empty buffer with room for so many bytes; it grows when it must.
    package init(capacity: Int = 64 * 1024) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// Drops the contents and keeps the memory.
    package mutating func clear() {
        count = 0
        fragments.forget()
    }

    /// Texts that are in the contents.
    var fragments = RenderCache()

    /// Appends a part of what it holds once more.
    /// - Parameters:
    ///   - start, size: a part of the contents.
    @inline(__always)
    mutating func repeatBytes(from start: Int, count size: Int) {
        precondition(start >= 0 && size >= 0 && start <= count - size)
        let target = room(for: size)
        target.update(from: base + start, count: size)
        count += size
    }

    /// What it holds, as raw bytes.
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: count)
            return _overrideLifetime(span, borrowing: self)
        }
    }

    /// Calls with what it holds, for functions that take a pointer, such as write(2).
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// A line of columns that is written at the end of a buffer, in any order. It takes bytes in pieces of eight; what is
    /// written last stays.
    struct Line: ~Escapable {
        private let base: UnsafePointer<UInt8>
        private let start: UnsafeMutableRawPointer
        private let held: Int
        private let room: Int

        /// - Parameters:
        ///   - held: bytes from `base` on that the buffer holds.
        ///   - room: bytes behind them that can be written.
        @inline(__always)
        @_lifetime(borrow base)
        fileprivate init(_ base: UnsafeMutablePointer<UInt8>, held: Int, room: Int) {
            self.base = UnsafePointer(base)
            start = UnsafeMutableRawPointer(base + held)
            self.held = held
            self.room = room
        }

        /// Writes eight bytes, given as a little-endian word.
        @inline(__always)
        @_lifetime(self: copy self)
        mutating func put(_ word: UInt64, at column: Int) {
            precondition(column >= 0 && column <= room - 8)
            start.storeBytes(of: word.littleEndian, toByteOffset: column, as: UInt64.self)
        }

        /// Writes sixteen bytes.
        @inline(__always)
        @_lifetime(self: copy self)
        mutating func put(_ words: (low: UInt64, high: UInt64), at column: Int) {
            put(words.low, at: column)
            put(words.high, at: column + 8)
        }

        /// Writes spaces up to a column, and up to seven more.
        @inline(__always)
        @_lifetime(self: copy self)
        mutating func fill(_ count: Int) {
            for column in stride(from: 0, to: count, by: 8) { put(0x2020_2020_2020_2020, at: column) }
        }

        /// Writes what the buffer holds elsewhere.
        @inline(__always)
        @_lifetime(self: copy self)
        mutating func copy(_ text: (start: Int, count: Int), to column: Int) {
            precondition(column >= 0 && text.count <= room - column && text.count >= 0)
            precondition(text.start >= 0 && text.start <= held - text.count)
            start.advanced(by: column).copyMemory(from: base + text.start, byteCount: text.count)
        }
    }

    /// Begins a line of which so many bytes can be written.
    @inline(__always)
    @_lifetime(&self)
    mutating func beginLine(room size: Int) -> Line {
        _ = room(for: size + 1)
        return _overrideLifetime(Line(base, held: count, room: size), mutating: &self)
    }

    /// Appends the first bytes of the line that was begun last. They have been written.
    @inline(__always)
    mutating func takeLine(count size: Int) {
        precondition(size >= 0 && size < capacity - count)
        count += size
    }

    /// Where the next bytes go; at least `size` of them can be written there.
    @inline(__always)
    private mutating func room(for size: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity - count < size { grow(by: size) }
        return base + count
    }

    @inline(never)
    private mutating func grow(by size: Int) {
        let newCapacity = max(capacity * 2, count + size)
        let new = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
        new.update(from: base, count: count)
        base.deallocate()
        (base, capacity) = (new, newCapacity)
    }

    /// Appends one byte.
    @inline(__always)
    package mutating func append(_ byte: UInt8) {
        room(for: 1).pointee = byte
        count += 1
    }

    /// Appends a literal.
    @inline(__always)
    package mutating func append(_ text: StaticString) {
        let size = text.utf8CodeUnitCount
        room(for: size).update(from: text.utf8Start, count: size)
        count += size
    }

    /// Appends what another buffer holds from a byte on.
    package mutating func append(contentsOf other: borrowing OutputBuffer, from start: Int = 0) {
        let size = max(other.count - max(start, 0), 0)
        room(for: size).update(from: other.base + (other.count - size), count: size)
        count += size
    }

    /// Appends the first `size` bytes (at most 16) of two little-endian words.
    @inline(__always)
    mutating func append(low: UInt64, high: UInt64, size: Int) {
        let raw = UnsafeMutableRawPointer(room(for: 16))
        raw.storeBytes(of: low.littleEndian, as: UInt64.self)
        raw.storeBytes(of: high.littleEndian, toByteOffset: 8, as: UInt64.self)
        count += min(max(size, 0), 16)
    }

    /// Appends so many spaces; none for a negative number.
    @inline(__always)
    package mutating func append(spaces: Int) {
        let size = max(spaces, 0)
        if size <= 16 {
            append(low: 0x2020_2020_2020_2020, high: 0x2020_2020_2020_2020, size: size)
        } else {
            room(for: size).update(repeating: 0x20, count: size)
            count += size
        }
    }

    /// Puts spaces before what was appended since `start`; none for a negative number.
    mutating func insert(spaces: Int, at start: Int) {
        precondition(start >= 0 && start <= count)
        let (size, moved) = (max(spaces, 0), count - start)
        let end = room(for: size)
        (end - moved + size).update(from: end - moved, count: moved)
        (end - moved).update(repeating: 0x20, count: size)
        count += size
    }

    /// Drops what was appended since `start`. Nothing of it must have been noted.
    package mutating func removeAll(from start: Int) {
        precondition(start >= 0 && start <= count)
        count = start
    }

    /// Appends a number in decimal.
    @inline(__always)
    package mutating func append(decimal value: UInt64) {
        if value < 10 {
            append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value))
        } else if value < 100_000_000 {
            let digits = DecimalDigits(value)
            append(low: digits.text >> UInt64(8 * digits.leadingZeros), high: 0, size: 8 - digits.leadingZeros)
        } else {
            append(large: value)
        }
    }

    /// The same for a number of more than eight digits.
    @inline(never)
    private mutating func append(large value: UInt64) {
        let (upper, lower) = value.quotientAndRemainder(dividingBy: 100_000_000)
        append(decimal: upper)
        append(low: DecimalDigits(lower).text, high: 0, size: 8)
    }

    /// Appends a number in decimal, with a minus sign where it is negative.
    @inline(__always)
    package mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    /// Appends the lowest `digits` (1…16) decimal digits of a number, with leading zeros.
    @inline(__always)
    package mutating func append(decimal value: UInt64, digits: Int) {
        let (upper, lower) = value.quotientAndRemainder(dividingBy: 100_000_000)
        let low = DecimalDigits(lower).text
        if digits <= 8 {
            append(low: low >> UInt64(8 * (8 - digits)), high: 0, size: digits)
        } else {
            let high = DecimalDigits(upper % 100_000_000).text
            append(low: high >> UInt64(8 * (16 - digits)), high: 0, size: digits - 8)
            append(low: low, high: 0, size: 8)
        }
    }

    /// How many digits a number has in decimal: 1…20.
    package static func digits(in value: UInt64) -> Int { decimalWidth(of: value) }

    @inline(__always)
    static func decimalWidth(of value: UInt64) -> Int {
        if value < 100_000_000 { return 8 - DecimalDigits(value).leadingZeros }
        return largeWidth(of: value)
    }

    @inline(never)
    private static func largeWidth(of value: UInt64) -> Int {
        8 + decimalWidth(of: value / 100_000_000)
    }

    /// Appends a number in hexadecimal, with leading zeros up to `digits` (1…16).
    @inline(__always)
    package mutating func append(hex value: UInt64, digits: Int = 1) {
        let width = max(min(digits, 16), (67 - value.leadingZeroBitCount) / 4, 1)
        // The digits to show are the first of those of the number moved to the top.
        let shown = value << UInt64(64 - 4 * width)
        let text = Self.hexText(of: shown)
        append(low: text.low, high: text.high, size: width)
    }

    /// The sixteen hexadecimal digits of a number as text in two little-endian words.
    @inline(__always)
    static func hexText(of value: UInt64) -> (low: UInt64, high: UInt64) {
        (hexText(ofHalf: value >> 32), hexText(ofHalf: value & 0xffff_ffff))
    }

    /// The eight hexadecimal digits of a 32-bit number as text in a little-endian word: all nibbles are given a byte of
    /// their own, and all bytes are made digits, at once.
    @inline(__always)
    private static func hexText(ofHalf value: UInt64) -> UInt64 {
        var bytes = value.byteSwapped >> 32
        bytes = (bytes | bytes << 16) & 0x0000_ffff_0000_ffff
        bytes = (bytes | bytes << 8) & 0x00ff_00ff_00ff_00ff
        bytes = (bytes & 0x000f_000f_000f_000f) << 8 | (bytes >> 4) & 0x000f_000f_000f_000f
        // Digits above 9 get a carry into bit 4.
        let letters = ((bytes &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return bytes &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }
}

/// The eight digits of a number below 100 000 000, made at once: halves of four digits, of two, of one, side by side in
/// one word. (Divisions by constants are products and shifts, exact for numbers of so few digits.)
struct DecimalDigits {
    /// The digits as values from 0 to 9, the first in the lowest byte.
    private let digits: UInt64

    @inline(__always)
    init(_ value: UInt64) {
        let fours = value / 10_000 | (value % 10_000) << 32
        let hundreds = (fours &* 10_486) >> 20 & 0x0000_007f_0000_007f
        let twos = hundreds | (fours &- hundreds &* 100) << 16
        let tens = (twos &* 103) >> 10 & 0x000f_000f_000f_000f
        digits = tens | (twos &- tens &* 10) << 8
    }

    /// As text in a little-endian word, leading zeros included.
    @inline(__always)
    var text: UInt64 { digits | 0x3030_3030_3030_3030 }

    /// How many digits there are without leading zeros.
    @inline(__always)
    var count: Int { 8 - leadingZeros }

    /// As text aligned to the left, spaces behind it.
    @inline(__always)
    var leftText: UInt64 {
        let shift = UInt64(8 * leadingZeros)
        return text >> shift | (0x2020_2020_2020_2020 << (64 - shift))
    }

    /// As text aligned to the right, spaces before it.
    @inline(__always)
    var rightText: UInt64 {
        // A space is what remains of a zero without one of its bits.
        text ^ ((1 << UInt64(8 * leadingZeros)) - 1) & 0x1010_1010_1010_1010
    }

    /// The last digits, as many as are asked for, as text aligned to the right, spaces before it; of more than three,
    /// the last three are shown in any case.
    @inline(__always)
    func rightText(last count: Int) -> UInt64 {
        let shown = min(leadingZeros, count > 3 ? 4 : 7)
        return (text ^ ((1 << UInt64(8 * shown)) - 1) & 0x1010_1010_1010_1010) >> UInt64(8 * (8 - count))
    }

    /// How many zeros lead, the last digit left aside: 0…7.
    @inline(__always)
    var leadingZeros: Int { (digits | 1 << 56).trailingZeroBitCount / 8 }
}
