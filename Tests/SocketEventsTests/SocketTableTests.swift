import Testing

@testable import SocketEvents

@Suite("The table of sockets")
struct SocketTableTests {
    /// Addresses as the kernel reuses them: a few thousand, again and again.
    private static func pointer(_ number: Int) -> UInt64 { 0xffff_8880_0000_0000 + UInt64(number % 4096) * 64 }

    @Test("A million short lives leave it as large as a thousand")
    func bounded() {
        var table = SocketTable()
        for number in 0..<1_000_000 {
            let (socket, sock) = (Self.pointer(number), Self.pointer(number) + 32)
            var index = table.begin(socket: socket)
            index = table.join(socket: socket, sock: sock)
            table.set(local: SocketAddress(.path, "/run/\(number % 7)".utf8), of: index)
            table.set(remote: .ipv4(1, port: 2), of: index)
            if number >= 1000 { table.end(socket: Self.pointer(number - 1000), sockLivesOn: false) }
        }
        #expect(table.count == 1000)
        #expect(table.nameCount == 1000)
        for number in 999_000..<1_000_000 { table.end(socket: Self.pointer(number), sockLivesOn: false) }
        #expect(table.count == 0 && table.nameCount == 0)
    }

    @Test("What has another's memory has nothing else of it")
    func rebirth() {
        var table = SocketTable()
        let first = table.begin(socket: 0x1000)
        table.join(socket: 0x1000, sock: 0x2000)
        table.set(remote: .ipv4(7, port: 80), of: first)
        let serial = table[first].serial
        let second = table.begin(socket: 0x1000)
        #expect(table[second].serial != serial && table[second].sock == 0)
        #expect(!table[second].known.contains(.remote))
    }

    @Test("A connection and the socket that is made for it become one")
    func accepted() throws {
        var table = SocketTable()
        let connection = table.begin(sock: 0x2000)
        table.set(remote: .ipv4(7, port: 5000), of: connection)
        table[connection].establishedAt = 10
        let socket = table.begin(socket: 0x1000)
        table[socket].inode = 55
        table[socket].known.insert(.inode)
        let joined = table.join(socket: 0x1000, sock: 0x2000)
        #expect(table.count == 1)
        #expect(table[joined].inode == 55 && table[joined].establishedAt == 10)
        #expect(table[joined].known.isSuperset(of: [.inode, .remote]))
        #expect(table.index(ofSocket: 0x1000) == joined && table.index(ofSock: 0x2000) == joined)
    }

    @Test("A loss leaves nothing that could be another's")
    func loss() {
        var table = SocketTable()
        for number in 0..<100 { table.join(socket: Self.pointer(number), sock: Self.pointer(number) + 32) }
        table.forgetAll()
        #expect(table.count == 0)
        #expect((0..<100).allSatisfy { table.index(ofSocket: Self.pointer($0)) == nil })
        #expect((0..<100).allSatisfy { table.index(ofSock: Self.pointer($0) + 32) == nil })
    }

    @Test("Where births and ends are not seen, another inode is another socket, whose memory it may be")
    func unseenBirths() {
        for (socket, sock) in [(0x1000, 0x2000), (0x1000, 0x2001), (0x1001, 0x2000)] as [(UInt64, UInt64)] {
            var pairing = Pairing(.all, begin: 0)
            var first = SocketIdentity(inode: 5)
            first.ownership.user = 7
            let old = pairing.join(0x1000, 0x2000, first)
            let serial = pairing.sockets[old].serial
            #expect(pairing.join(0x1000, 0x2000, first) == old && pairing.sockets[old].serial == serial)
            let new = pairing.join(socket, sock, SocketIdentity(inode: 6))
            #expect(pairing.sockets[new].inode == 6 && pairing.sockets[new].known.contains(.inode))
            #expect(pairing.sockets[new].serial != serial && pairing.sockets[new].ownership.user == nil)
            #expect(pairing.sockets.index(ofSocket: socket) == new && pairing.sockets.index(ofSock: sock) == new)
        }
    }

    @Test("A TCP sock outlives its socket until it is closed")
    func outlived() {
        var table = SocketTable()
        let index = table.join(socket: 0x1000, sock: 0x2000)
        table.end(socket: 0x1000, sockLivesOn: true)
        #expect(table.index(ofSocket: 0x1000) == nil && table.index(ofSock: 0x2000) == index)
        table.remove(index)
        #expect(table.count == 0)
    }
}

@Suite("The headers before a datagram's data")
struct DatagramHeaderTests {
    /// An IPv4 header of 20 bytes and one of UDP, as they lie before the data.
    private static func ipv4(from port: UInt16, to other: UInt16, first: UInt8 = 0x45, protocol: UInt8 = 17) -> [UInt8]
    {
        var bytes = [UInt8](repeating: 0, count: 48)
        (bytes[20], bytes[29]) = (first, `protocol`)
        bytes.replaceSubrange(32..<40, with: [127, 1, 2, 3, 127, 4, 5, 6])
        bytes.replaceSubrange(
            40..<44, with: [UInt8(port >> 8), UInt8(port & 255), UInt8(other >> 8), UInt8(other & 255)])
        return bytes
    }

    private func source(_ bytes: [UInt8], family: UInt16, port: UInt16) -> StoredAddress? {
        DatagramHeader.ends(family: family, port: port) { bytes[$0] }?.source
    }

    @Test("They tell where it came from, as IPv6 to a socket of that family")
    func known() {
        let bytes = Self.ipv4(from: 4000, to: 53)
        #expect(source(bytes, family: 2, port: 53) == .ipv4(0x0302_017f, port: 4000))
        #expect(source(bytes, family: 10, port: 53) == .mapped(0x0302_017f, port: 4000))
    }

    @Test("They tell nothing behind options, of another protocol, of another port")
    func unknown() {
        #expect(source(Self.ipv4(from: 4000, to: 53, first: 0x46), family: 2, port: 53) == nil)
        #expect(source(Self.ipv4(from: 4000, to: 53, protocol: 6), family: 2, port: 53) == nil)
        #expect(source(Self.ipv4(from: 4000, to: 54), family: 2, port: 53) == nil)
        #expect(source(Self.ipv4(from: 4000, to: 0), family: 2, port: 0) == nil)
    }
}
