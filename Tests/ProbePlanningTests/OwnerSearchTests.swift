import Testing

@testable import KernelLayout

@Suite struct OwnerSearchTests {
    /// The socks of a made-up kernel's sockets, with what lies behind the words of each.
    private func socks(of kernel: MadeUpKernel, decoy: Int? = nil) throws -> [SocketSample] {
        var random = SystemRandomNumberGenerator()
        return try kernel.sockets(random: &random).map { socket in
            let address = try #require(socket.memory.integer(at: kernel.sock, width: 8))
            var memory = try #require(socket.behind[kernel.sock])
            var behind = [kernel.backPointer: socket.memory]
            if let decoy {
                // Another thing of its own that leads back, and knows no type.
                let another = address &+ 0x10_0000 &* (address % 7 &+ 1)
                memory.bytes.replaceSubrange(decoy..<decoy + 8, with: bytes(of: another))
                behind[decoy] = MemoryDump(bytes(of: address) + [UInt8](repeating: 0, count: 120))
            }
            var sock = SocketSample(
                kind: socket.kind, state: nil, length: 0, address: address, memory: memory, message: MemoryDump([]))
            sock.behind = behind
            return sock
        }
    }

    private func bytes(of word: UInt64) -> [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }

    @Test func `The word behind which a sock finds itself and its type leads to the socket`() throws {
        let kernel = MadeUpKernel()
        for decoy in [nil, 40] {
            let search = OwnerSearch(try socks(of: kernel, decoy: decoy), wordSize: 8)
            #expect(search.candidates.contains(kernel.backPointer))
            #expect(search.socket?.offset == kernel.backPointer, "\(decoy ?? 0)")
        }
    }

    @Test func `What was not seen behind a word is no evidence`() throws {
        let kernel = MadeUpKernel()
        var socks = try socks(of: kernel)
        socks[1].behind = [:]
        #expect(OwnerSearch(socks, wordSize: 8).socket == nil)
        #expect(OwnerSearch([], wordSize: 8).socket == nil)
    }
}
