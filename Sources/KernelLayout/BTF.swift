/// The kernel's own type information (Documentation/bpf/btf.rst), read as a file: no bpf() call is made, and a
/// kernel without it is no error, only without this source.
struct BTF {
    private let types: [TypeRecord]
    private let bytes: Words
    /// Bytes of a pointer, of which the types say nothing.
    private let pointerSize: Int
    private let stringsStart: Int
    private let stringsEnd: Int

    /// A type, as far as finding members needs it.
    private struct TypeRecord {
        var name: Int
        var kind: UInt8
        /// `info`'s kind flag: member offsets hold bit-field sizes.
        var hasBitfields: Bool
        var count: Int
        /// Size of the type, or the id of the type referred to.
        var sizeOrType: Int
        /// Where the data after the type's header begins, in bytes of the file.
        var body: Int
    }

    private enum Kind {
        static let integer: UInt8 = 1
        static let pointer: UInt8 = 2
        static let array: UInt8 = 3
        static let structure: UInt8 = 4
        static let union: UInt8 = 5
        static let enumeration: UInt8 = 6
        static let typedef: UInt8 = 8
        static let volatile: UInt8 = 9
        static let const: UInt8 = 10
        static let restrict: UInt8 = 11
        static let prototype: UInt8 = 13
        static let variable: UInt8 = 14
        static let section: UInt8 = 15
        static let declarationTag: UInt8 = 17
        static let typeTag: UInt8 = 18
        static let enumeration64: UInt8 = 19
    }

    /// The file's bytes, and the integers in them: those of the machine that it was made for.
    private struct Words {
        let bytes: [UInt8]
        let isBigEndian: Bool
        var count: Int { bytes.count }
        subscript(place: Int) -> UInt8 { bytes[place] }

        /// Nil where the bytes begin with no magic number.
        init?(_ bytes: [UInt8]) {
            guard bytes.count >= 24 else { return nil }
            switch (bytes[0], bytes[1]) {
            case (0x9f, 0xeb): isBigEndian = false
            case (0xeb, 0x9f): isBigEndian = true
            default: return nil
            }
            self.bytes = bytes
        }

        /// The 32 bits at a place; 0 where there is none.
        func word(_ offset: Int) -> Int {
            guard offset >= 0, offset + 4 <= bytes.count else { return 0 }
            let word = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
            return Int(isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word))
        }
    }

    /// Nil where the bytes are no well-formed BTF.
    init?(_ bytes: [UInt8], pointerSize: Int) {
        guard let bytes = Words(bytes) else { return nil }
        self.bytes = bytes
        self.pointerSize = pointerSize
        let header = bytes.word(4)
        let (typesStart, typesLength) = (header + bytes.word(8), bytes.word(12))
        stringsStart = header + bytes.word(16)
        stringsEnd = stringsStart + bytes.word(20)
        guard typesStart + typesLength <= bytes.count, stringsEnd <= bytes.count else { return nil }
        guard let types = Self.readTypes(bytes, typesStart..<typesStart + typesLength) else { return nil }
        self.types = types
    }

    private static func readTypes(_ bytes: Words, _ range: Range<Int>) -> [TypeRecord]? {
        // Type 0 is void.
        var types = [TypeRecord(name: 0, kind: 0, hasBitfields: false, count: 0, sizeOrType: 0, body: 0)]
        types.reserveCapacity(range.count / 24)
        var position = range.lowerBound
        while position + 12 <= range.upperBound {
            let info = bytes.word(position + 4)
            let record = TypeRecord(
                name: bytes.word(position), kind: UInt8(truncatingIfNeeded: info >> 24 & 0x1f),
                hasBitfields: info >> 31 != 0, count: info & 0xffff, sizeOrType: bytes.word(position + 8),
                body: position + 12)
            guard let length = bodyLength(record) else { return nil }
            position += 12 + length
            guard position <= range.upperBound else { return nil }
            types.append(record)
        }
        return types
    }

    private static func bodyLength(_ type: TypeRecord) -> Int? {
        switch type.kind {
        case Kind.integer, Kind.variable, Kind.declarationTag: 4
        case Kind.array: 12
        case Kind.structure, Kind.union, Kind.section, Kind.enumeration64: 12 * type.count
        case Kind.enumeration, Kind.prototype: 8 * type.count
        case 0...19: 0
        default: nil
        }
    }

    /// The structs of some names, found in one walk.
    func structures(named names: Set<String>) -> [String: Int] {
        let lengths = Set(names.map(\.utf8.count))
        var found: [String: Int] = [:]
        for index in types.indices where types[index].kind == Kind.structure && types[index].name != 0 {
            guard let name = name(at: types[index].name, lengths: lengths), names.contains(name), found[name] == nil
            else { continue }
            found[name] = index
        }
        return found
    }

    /// The place of a member that is reached through a path of names, through anonymous members too.
    ///
    /// - Parameter isInteger: nothing else will do. Of other members, as an IPv6 address, the width is that of all of it, or
    ///   1 where that is not known.
    func place(of path: [String], in structure: Int, isInteger: Bool = true) -> StructLayout.Place? {
        var type = structure
        var bit = 0
        var bitSize = 0
        for name in path {
            var patience = Self.patience
            guard let found = member(name, of: type, patience: &patience) else { return nil }
            bit += found.bit
            bitSize = found.bitSize
            type = resolve(found.type)
        }
        let width = size(of: type) ?? 1
        guard !isInteger || size(of: type) != nil && [1, 2, 4, 8].contains(width) else { return nil }
        guard bitSize != 0, bitSize != width * 8 else {
            return .init(offset: bit / 8, width: width, source: .btf)
        }
        // The integer of the member's declared type that holds the bits.
        let unit = bit / (width * 8) * width
        var first = bit - unit * 8
        guard first + bitSize <= width * 8 else { return nil }
        // The type information counts from the byte with the lowest address.
        if bytes.isBigEndian { first = width * 8 - first - bitSize }
        return .init(offset: unit, width: width, bits: first..<first + bitSize, source: .btf)
    }

    /// The value of an enumerator.
    func enumerator(_ name: String) -> Int? {
        for type in types where type.kind == Kind.enumeration {
            for index in 0..<type.count
            where isString(at: bytes.word(type.body + 8 * index), equalTo: name) {
                return bytes.word(type.body + 8 * index + 4)
            }
        }
        return nil
    }

    /// How many structs and unions without a name are looked into for one member; `struct sock` has about 20. A damaged
    /// file can have them contain each other.
    private static let patience = 200

    private func member(
        _ name: String, of type: Int, patience: inout Int
    ) -> (bit: Int, bitSize: Int, type: Int)? {
        let record = types[type]
        guard patience > 0, record.kind == Kind.structure || record.kind == Kind.union else { return nil }
        patience -= 1
        for index in 0..<record.count {
            let place = record.body + 12 * index
            let raw = bytes.word(place + 8)
            let bit = record.hasBitfields ? raw & 0xff_ffff : raw
            let bitSize = record.hasBitfields ? raw >> 24 : 0
            let memberName = bytes.word(place)
            let memberType = bytes.word(place + 4)
            if memberName != 0 {
                if isString(at: memberName, equalTo: name) { return (bit, bitSize, memberType) }
            } else if types.indices.contains(memberType),
                let inner = member(name, of: resolve(memberType), patience: &patience)
            {
                return (bit + inner.bit, inner.bitSize, inner.type)
            }
        }
        return nil
    }

    /// Follows typedefs and qualifiers.
    private func resolve(_ type: Int) -> Int {
        var type = type
        for _ in 0..<16 {
            guard types.indices.contains(type) else { return 0 }
            switch types[type].kind {
            case Kind.typedef, Kind.volatile, Kind.const, Kind.restrict, Kind.typeTag: type = types[type].sizeOrType
            default: return type
            }
        }
        return 0
    }

    private func size(of type: Int) -> Int? {
        switch types[type].kind {
        case Kind.pointer: pointerSize
        case Kind.integer, Kind.structure, Kind.union, Kind.enumeration, Kind.enumeration64: types[type].sizeOrType
        default: nil
        }
    }

    /// A name of one of some lengths; nil where it has another.
    private func name(at offset: Int, lengths: Set<Int>) -> String? {
        let start = stringsStart + offset
        var end = start
        while end < stringsEnd, bytes[end] != 0 { end += 1 }
        guard end < stringsEnd, lengths.contains(end - start) else { return nil }
        return String(decoding: bytes.bytes[start..<end], as: UTF8.self)
    }

    /// Compares in place: a kernel has 100,000 types and more.
    private func isString(at offset: Int, equalTo name: String) -> Bool {
        var position = stringsStart + offset
        for byte in name.utf8 {
            guard position < stringsEnd, bytes[position] == byte else { return false }
            position += 1
        }
        return position < stringsEnd && bytes[position] == 0
    }
}
