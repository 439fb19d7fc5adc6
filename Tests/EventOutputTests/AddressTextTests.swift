import SocketEvents
import Testing

@testable import EventOutput

@Suite("Addresses as text")
struct AddressTextTests {
    /// The examples of RFC 5952 and of inet_ntop(3).
    private static let examples: [([UInt16], String)] = [
        ([0, 0, 0, 0, 0, 0, 0, 0], "::"), ([0, 0, 0, 0, 0, 0, 0, 1], "::1"),
        ([0x2001, 0xdb8, 0, 0, 0, 0, 2, 1], "2001:db8::2:1"),
        ([0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], "2001:db8:0:1:1:1:1:1"),
        ([0x2001, 0, 0, 1, 0, 0, 0, 1], "2001:0:0:1::1"), ([0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], "2001:db8::1:0:0:1"),
        ([0xfe80, 0, 0, 0, 0, 0, 0, 0], "fe80::"), ([0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], "::ffff:127.0.0.1"),
        ([1, 2, 3, 4, 5, 6, 7, 0xabcd], "1:2:3:4:5:6:7:abcd"), ([0, 0, 0, 4, 0, 0, 0, 0], "0:0:0:4::"),
    ]

    @Test("IPv6 is written after RFC 5952", arguments: examples.indices)
    func ipv6(index: Int) {
        let (groups, text) = Self.examples[index]
        let bytes = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        #expect(SocketAddress(.ipv6, bytes, port: 80).textWithoutPort == text)
        #expect(SocketAddress(.ipv6, bytes, port: 80).textWithPort(inode: nil) == "[\(text)]:80")
    }

    @Test("Names of UNIX sockets: a path, @ and an abstract name, an inode where there is none")
    func names() {
        #expect(SocketAddress(.path, Array("/run/x.sock".utf8)).textWithPort(inode: 5) == "/run/x.sock")
        #expect(SocketAddress(.abstractName, Array("bus".utf8)).textWithPort(inode: nil) == "@bus")
        #expect(SocketAddress(.path, []).textWithPort(inode: 77) == "socket:[77]")
        #expect(SocketAddress(.path, []).textWithPort(inode: nil) == "*")
        #expect(SocketAddress(.path, []).textWithoutPort == "")
    }

    @Test("A hostile name reaches neither a terminal nor a spreadsheet")
    func hostileNames() {
        for name in Sample.hostileNames.filter({ !$0.isEmpty }) {
            let address = SocketAddress(.path, name)
            #expect(address.textWithPort(inode: nil).unicodeScalars.allSatisfy { !NameSafety.isUnsafe($0) })
            var json = OutputBuffer()
            json.append(json: address)
            #expect(json.text?.unicodeScalars.allSatisfy { !NameSafety.isUnsafe($0) } == true)
        }
        var csv = OutputBuffer()
        csv.append(csv: SocketAddress(.path, Array("=cmd|'/c'!A0".utf8)))
        #expect(csv.text?.hasPrefix("=") == false)
    }

    @Test("A port of netlink, a number of an interface")
    func others() {
        #expect(SocketAddress(.netlink, [], port: 812).textWithPort(inode: nil) == ":812")
        #expect(SocketAddress(.number, [3, 0, 0, 0]).textWithPort(inode: nil) == "3")
    }
}
