/// Bytes put one after the other in the byte order of this machine, which is that of the files it records.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    mutating func put<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ more: [UInt8]) {
        bytes.append(contentsOf: more)
    }

    mutating func put(bytes more: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: more)
    }

    /// The text without an end mark.
    mutating func put(text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// The text and a NUL; a NUL within it would end it early, so it is left out.
    mutating func put(string: String) {
        bytes.append(contentsOf: string.utf8.filter { $0 != 0 })
        bytes.append(0)
    }

    mutating func pad(toMultipleOf alignment: Int) {
        let rest = bytes.count % alignment
        if rest != 0 { bytes.append(contentsOf: repeatElement(0, count: alignment - rest)) }
    }

    /// A section of version 7 around `body`.
    mutating func putSection(_ id: UInt16, flags: UInt16 = 0, _ body: [UInt8]) {
        putSectionHead(id, flags: flags, count: UInt64(body.count))
        put(body)
    }

    mutating func putSectionHead(_ id: UInt16, flags: UInt16 = 0, count: UInt64) {
        put(id)
        put(flags)
        put(UInt32.max)
        put(count)
    }

    mutating func putOption(_ id: UInt16, _ data: [UInt8]) {
        put(id)
        put(UInt32(data.count))
        put(data)
    }

    mutating func putOption(_ id: UInt16, string: String) {
        putOption(id, string.utf8.filter { $0 != 0 } + [0])
    }

    mutating func putOption<Value: FixedWidthInteger>(_ id: UInt16, number: Value) {
        putOption(id, withUnsafeBytes(of: number) { Array($0) })
    }
}

extension UInt64 {
    /// The next multiple of `alignment`, itself included.
    func aligned(to alignment: UInt64) -> UInt64 {
        let rest = self % alignment
        return rest == 0 ? self : self + (alignment - rest)
    }
}
