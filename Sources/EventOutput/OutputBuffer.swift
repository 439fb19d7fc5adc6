/// Bytes to be written out, in memory that is used again and again: once it has grown to the size of the largest batch,
/// appending allocates nothing.
///
/// The memory is held by pointer because appending to an array costs a uniqueness check each time. Every write goes
/// through `room(for:)`, which makes sure that the bytes it is asked for are there; `count <= capacity` always holds.
/// The one owner is this value, which cannot be copied; that is why it may be sent to another thread.
public struct OutputBuffer: ~Copyable, @unchecked Sendable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// How many bytes it holds.
    public private(set) var count = 0

    /// An empty buffer with room for so many bytes; it grows when it must.
    public init(capacity: Int = 64 * 1024) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// Drops the contents and keeps the memory.
    public mutating func clear() { count = 0 }

    /// What it holds, as raw bytes.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: count)
            return _overrideLifetime(span, borrowing: self)
        }
    }

    /// Calls with what it holds, for functions that take a pointer, such as write(2).
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
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
    public mutating func append(_ byte: UInt8) {
        room(for: 1).pointee = byte
        count += 1
    }

    /// Appends a literal.
    @inline(__always)
    public mutating func append(_ text: StaticString) {
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

    /// Appends a number in decimal.
    public mutating func append(decimal value: UInt64) {
        let width = Self.decimalWidth(of: value)
        write(value, width: width)
    }

    /// Appends a number in decimal, with a minus sign where it is negative.
    @inline(__always)
    public mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    /// Appends the lowest `digits` (1…20) decimal digits of a number, with leading zeros.
    package mutating func append(decimal value: UInt64, digits: Int) { write(value, width: digits) }

    /// Writes exactly `width` (1…20) digits, from the last to the first, two at a time.
    @inline(__always)
    private mutating func write(_ value: UInt64, width: Int) {
        let start = room(for: 20)
        let pairs = Self.digitPairs.utf8Start
        var position = min(width, 20)
        count += position
        var rest = value
        while position >= 2 {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 100)
            position -= 2
            start[position] = pairs[Int(remainder) * 2]
            start[position + 1] = pairs[Int(remainder) * 2 + 1]
            rest = quotient
        }
        if position == 1 { start[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10) }
    }

    /// How many digits a number has in decimal: 1…20.
    @inline(__always)
    static func decimalWidth(of value: UInt64) -> Int {
        var (width, rest) = (1, value)
        while true {
            if rest < 10 { return width }
            if rest < 100 { return width + 1 }
            if rest < 1000 { return width + 2 }
            if rest < 10000 { return width + 3 }
            rest /= 10000
            width += 4
        }
    }

    /// `00` to `99`.
    private static var digitPairs: StaticString {
        """
        00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354\
        555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
    }

    /// Appends a number in hexadecimal, with leading zeros up to `digits` (1…16).
    public mutating func append(hex value: UInt64, digits: Int = 1) {
        let width = max(min(digits, 16), (67 - value.leadingZeroBitCount) / 4, 1)
        let start = room(for: 16)
        for index in 0..<width {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(4 * (width - 1 - index))) & 0xf
            start[index] = nibble &+ (nibble < 10 ? 0x30 : 0x57)
        }
        count += width
    }
}
