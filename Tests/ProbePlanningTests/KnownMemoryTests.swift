import Testing

@testable import KernelLayout

/// Memory of which the values are known, as the shell recorder records it.
@Suite("Known memory")
struct KnownMemoryTests {
    private func memory(_ values: [Int: UInt64], bytes: Int = 64, isSwapped: Bool = false) -> MemoryDump {
        var bytes = [UInt8](repeating: 0xa5, count: bytes)
        for (offset, value) in values {
            withUnsafeBytes(of: isSwapped ? value.bigEndian : value) { word in
                for (index, byte) in word.enumerated() { bytes[offset + index] = byte }
            }
        }
        return MemoryDump(bytes, isSwapped: isSwapped)
    }

    private static let socks: [UInt64] = [0xffff_8880_0100_0000, 0xffff_8880_0200_0040, 0xffff_8880_0300_0080]

    @Test("A pointer is where it lies in all, in either byte order", arguments: [false, true])
    func pointer(isSwapped: Bool) {
        var known = KnownMemory(wordSize: 8)
        for sock in Self.socks { known.note(.socketSock, in: memory([24: sock], isSwapped: isSwapped), holds: sock) }
        #expect(known.layout.places == [.socketSock: .init(offset: 24, width: 8, source: .calibrated)])
    }

    @Test("What lies in two places, in none, or is always the same stays unknown")
    func unknown() {
        var known = KnownMemory(wordSize: 8)
        for sock in Self.socks {
            known.note(.socketSock, in: memory([24: sock, 40: sock]), holds: sock)
            known.note(.sockSocket, in: memory([8: sock]), holds: sock &+ 64)
            known.note(.socketInode, in: memory([16: 77]), holds: 77)
        }
        #expect(known.layout.places.isEmpty)
    }

    @Test("A copy of the file on the stack is told from the kiocb's by another caller, and a wrong caller by neither")
    func kiocb() {
        var known = KnownMemory(wordSize: 8)
        for file in Self.socks { known.noteControl(memory([0: file, 48: file]), of: file, from: "sockets") }
        #expect(known.layout[.kiocbFile] == nil)
        for file in Self.socks { known.noteControl(memory([0: file, 56: file]), of: file, from: "text") }
        #expect(known.layout[.kiocbFile]?.offset == 0)
        for file in Self.socks { known.noteControl(memory([8: file]), of: file &+ 1, from: "other") }
        #expect(known.layout[.kiocbFile]?.offset == 0)
    }

    @Test("The count of an iterator is that of the message that it lies in")
    func iterator() {
        func known(iterator: (Int) -> Int) -> KnownMemory {
            var known = KnownMemory(wordSize: 8)
            for (number, size) in ([192, 1024, 8192] as [UInt64]).enumerated() {
                let message = memory([32: size, 48: number == 0 ? 0 : size])
                known.note(.messageCount, in: message, holds: size)
                known.noteIterator(at: iterator(number), in: message, holds: size)
            }
            return known
        }
        #expect(known { _ in 16 }.layout[.iteratorCount]?.offset == 16)
        // Where it lies in different places, it is something else.
        #expect(known { $0 * 8 }.layout[.iteratorCount] == nil)
        #expect(known { _ in 40 }.layout[.iteratorCount] == nil)
    }
}
