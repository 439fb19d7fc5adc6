@testable import ProbePlanning
@testable import KernelLayout
import Glibc
import SocketNames
import Testing
import TraceTestSupport

/// Writes BTF as pahole does (Documentation/bpf/btf.rst).
private struct BTFBuilder {
    private var types: [UInt8] = []
    private var strings: [UInt8] = [0]
    private var count: UInt32 = 0

    struct Member {
        var name: String
        var type: UInt32
        var bit: UInt32
        var bitSize: UInt32 = 0
    }

    /// That of another machine.
    var isBigEndian = false

    private func bytes(_ value: UInt32) -> [UInt8] {
        withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
    }

    private mutating func string(_ text: String) -> UInt32 {
        guard !text.isEmpty else { return 0 }
        defer { strings += Array(text.utf8) + [0] }
        return UInt32(strings.count)
    }

    private mutating func type(_ name: String, _ info: UInt32, _ sizeOrType: UInt32, _ body: [UInt8] = []) -> UInt32 {
        types += bytes(string(name)) + bytes(info) + bytes(sizeOrType) + body
        count += 1
        return count
    }

    mutating func integer(_ name: String, size: UInt32) -> UInt32 { type(name, 1 << 24, size, bytes(size * 8)) }
    mutating func pointer(to target: UInt32) -> UInt32 { type("", 2 << 24, target) }
    mutating func typedef(_ name: String, _ target: UInt32) -> UInt32 { type(name, 8 << 24, target) }
    mutating func const(_ target: UInt32) -> UInt32 { type("", 10 << 24, target) }
    mutating func array(of element: UInt32, count: UInt32) -> UInt32 {
        type("", 3 << 24, 0, bytes(element) + bytes(element) + bytes(count))
    }
    mutating func enumeration(_ values: [(String, UInt32)]) -> UInt32 {
        var body: [UInt8] = []
        for (name, value) in values { body += bytes(string(name)) + bytes(value) }
        return type("", 6 << 24 | UInt32(values.count), 4, body)
    }
    mutating func aggregate(_ name: String, size: UInt32, _ members: [Member], isUnion: Bool = false) -> UInt32 {
        let hasBitfields = members.contains { $0.bitSize > 0 }
        var body: [UInt8] = []
        for member in members {
            body += bytes(string(member.name)) + bytes(member.type) + bytes(member.bit | member.bitSize << 24)
        }
        let info = (hasBitfields ? 1 << 31 : 0) | (isUnion ? 5 : 4) << 24 | UInt32(members.count)
        return type(name, info, size, body)
    }

    func build() -> [UInt8] {
        // The magic number, the version, and no flags.
        let start: [UInt8] = (isBigEndian ? [0xeb, 0x9f] : [0x9f, 0xeb]) + [1, 0]
        return start + bytes(24) + bytes(0) + bytes(UInt32(types.count)) + bytes(UInt32(types.count))
            + bytes(UInt32(strings.count)) + types + strings
    }
}

@Suite struct BTFTests {
    /// A kernel with what sockets need, the hard way: an anonymous union, a typedef of a const, a bit field.
    private static var kernel: [UInt8] { kernel(isBigEndian: false) }

    private static func kernel(isBigEndian: Bool) -> [UInt8] {
        var btf = BTFBuilder()
        btf.isBigEndian = isBigEndian
        let u8 = btf.integer("unsigned char", size: 1)
        let u16 = btf.integer("unsigned short", size: 2)
        let u32 = btf.integer("unsigned int", size: 4)
        let long = btf.integer("long unsigned int", size: 8)
        let state = btf.enumeration([("SS_FREE", 0), ("SOCK_NOSPACE", 2), ("SOCK_SUPPORT_ZC", 5)])
        let socketState = btf.typedef("socket_state", state)
        let pointer = btf.pointer(to: 0)
        let constant = btf.const(long)
        let size = btf.typedef("size_t", constant)
        let ops = btf.aggregate("proto_ops", size: 16, [.init(name: "family", type: u32, bit: 0)])
        _ = ops
        _ = btf.aggregate(
            "socket", size: 40,
            [
                .init(name: "state", type: socketState, bit: 0), .init(name: "type", type: u16, bit: 32),
                .init(name: "flags", type: long, bit: 64), .init(name: "file", type: pointer, bit: 128),
                .init(name: "sk", type: pointer, bit: 192), .init(name: "ops", type: pointer, bit: 256),
            ])
        // Up to 5.5: sk_protocol shares a word with others.
        _ = btf.aggregate(
            "sock", size: 600,
            [
                .init(name: "sk_padding", type: u32, bit: 4032, bitSize: 1),
                .init(name: "sk_protocol", type: u32, bit: 4040, bitSize: 8),
                .init(name: "sk_type", type: u32, bit: 4048, bitSize: 16),
            ])
        let counts = btf.aggregate(
            "", size: 8, [.init(name: "iov_offset", type: long, bit: 0), .init(name: "count", type: size, bit: 0)],
            isUnion: true)
        let inner = btf.aggregate(
            "", size: 16, [.init(name: "vector", type: pointer, bit: 0), .init(name: "", type: counts, bit: 64)])
        let iterator = btf.aggregate(
            "iov_iter", size: 32, [.init(name: "kind", type: u8, bit: 0), .init(name: "", type: inner, bit: 64)])
        _ = btf.aggregate(
            "msghdr", size: 64,
            [.init(name: "msg_name", type: pointer, bit: 0), .init(name: "msg_iter", type: iterator, bit: 128)])
        let words = btf.array(of: long, count: 4)
        _ = btf.aggregate("file", size: 64, [.init(name: "private_data", type: words, bit: 0)])
        return btf.build()
    }

    @Test func `Another machine's byte order and pointers are its own`() throws {
        let layout = try #require(StructLayout(btf: Self.kernel(isBigEndian: true), wordSize: 4))
        func place(_ offset: Int, _ width: Int) -> StructLayout.Place {
            .init(offset: offset, width: width, source: .btf)
        }
        #expect(layout[.socketState] == place(0, 4))
        #expect(layout[.socketSock] == place(24, 4))
        #expect(layout[.messageCount] == place(32, 8))
        // Bits are counted from the lowest address there, and by probes from the least significant one.
        #expect(layout[.sockProtocol] == .init(offset: 504, width: 4, bits: 16..<24, source: .btf))
        #expect(layout.flagNames != nil)
    }

    @Test func `Members are found through unions without a name, typedefs and qualifiers`() throws {
        let layout = try #require(StructLayout(btf: Self.kernel))
        func place(_ offset: Int, _ width: Int) -> StructLayout.Place {
            .init(offset: offset, width: width, source: .btf)
        }
        #expect(layout[.socketState] == place(0, 4))
        #expect(layout[.socketType] == place(4, 2))
        #expect(layout[.socketFlags] == place(8, 8))
        #expect(layout[.socketSock] == place(24, 8))
        #expect(layout[.opsFamily] == place(0, 4))
        #expect(layout[.iteratorCount] == place(16, 8))
        #expect(layout[.messageCount] == place(32, 8))
    }

    @Test func `A bit field is bits of the aligned word around it`() throws {
        let layout = try #require(StructLayout(btf: Self.kernel))
        #expect(layout[.sockProtocol] == .init(offset: 504, width: 4, bits: 8..<16, source: .btf))
    }

    @Test func `What is not there, or is no integer, is unknown`() throws {
        let layout = try #require(StructLayout(btf: Self.kernel))
        #expect(layout[.kiocbFile] == nil)
        #expect(layout[.filePrivateData] == nil)
        #expect(Set(layout.unknown) == [.kiocbFile, .filePrivateData])
    }

    @Test func `Flag bits are the enumerators where the kernel has them`() throws {
        #expect(StructLayout(btf: Self.kernel)?.flagNames?.description == "N2Z5")
    }

    @Test func `Flag bits that are macros are not in the type information, and nothing is assumed of them`() throws {
        var btf = BTFBuilder()
        _ = btf.integer("int", size: 4)
        let layout = try #require(StructLayout(btf: btf.build()))
        #expect(layout.flagNames == nil)
    }

    @Test func `A bit field that does not fit its type is unknown`() throws {
        var btf = BTFBuilder()
        let int = btf.integer("int", size: 4)
        _ = btf.aggregate("sock", size: 4, [.init(name: "sk_protocol", type: int, bit: 28, bitSize: 8)])
        #expect(StructLayout(btf: btf.build())?[.sockProtocol] == nil)
    }

    @Test func `Types that contain themselves end the search`() {
        var btf = BTFBuilder()
        _ = btf.typedef("loop", 1)
        _ = btf.aggregate(
            "socket", size: 8,
            (0..<8).map { .init(name: "", type: 2, bit: $0) } + [.init(name: "state", type: 1, bit: 0)])
        #expect(StructLayout(btf: btf.build())?[.socketState] == nil)
        #expect(StructLayout(btf: btf.build())?[.socketType] == nil)
    }

    @Test func `Bytes that are no BTF are refused`() {
        #expect(StructLayout(btf: []) == nil)
        #expect(StructLayout(btf: Array(repeating: 0, count: 100)) == nil)
        #expect(StructLayout(btf: Array(Self.kernel.prefix(23))) == nil)
        #expect(StructLayout(btf: Array(Self.kernel.dropLast())) == nil)
    }

    @Test func `Garbage after a good header never traps`() {
        var random = SeededGenerator(seed: 5)
        let good = Self.kernel
        for _ in 0..<3_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                let place = Int.random(in: 4..<bytes.count, using: &random)
                bytes[place] =
                    Bool.random(using: &random)
                    ? .random(in: 0...7, using: &random) : .random(in: 0...255, using: &random)
            }
            _ = StructLayout(btf: bytes)
        }
        for _ in 0..<500 { _ = StructLayout(btf: Array(good.prefix(24)) + random.bytes(good.count - 24)) }
    }

    @Test(.enabled(if: access("/sys/kernel/btf/vmlinux", R_OK) == 0, "this kernel has no /sys/kernel/btf/vmlinux"))
    func `The running kernel's own type information names every member`() throws {
        let file = try #require(fopen("/sys/kernel/btf/vmlinux", "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk: [UInt8] = Array(repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        let layout = try #require(StructLayout(btf: bytes))
        #expect(layout.unknown == [])
        #expect(layout[.socketType]?.width == 2)
        #expect(layout[.socketFlags]?.width == 8)
    }
}
