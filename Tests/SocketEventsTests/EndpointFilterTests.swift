import SocketEvents
import SocketNames
import Testing

@Suite("A filter of both ends of a socket")
struct EndpointFilterTests {
    private static let loopback6 = [UInt8](repeating: 0, count: 15) + [1]
    private static let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff, 10, 1, 2, 3]
    private static let documentation: [UInt8] = [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [7]

    private let ends: [String: SocketAddress] = [
        "10.1.2.3:443": .ipv4(10, 1, 2, 3, port: 443), "127.0.0.1": .ipv4(127, 0, 0, 1, port: nil),
        "[::1]:80": SocketAddress(.ipv6, Self.loopback6, port: 80),
        "mapped": SocketAddress(.ipv6, Self.mapped, port: 443),
        "[2001:db8::7]:1": SocketAddress(.ipv6, Self.documentation, port: 1),
        "/run/app.sock": SocketAddress(.path, "/run/app.sock".utf8), "unnamed": SocketAddress(.path, []),
        "@db-1": SocketAddress(.abstractName, "db-1".utf8), "netlink": SocketAddress(.netlink, [], port: 443),
    ]

    @Test(
        "Patterns fit the ends that they name, and no others",
        arguments: [
            ("10.1.2.3", ["10.1.2.3:443", "mapped"]), ("10.0.0.0/8", ["10.1.2.3:443", "mapped"]),
            ("10.1.2.0/30", ["10.1.2.3:443", "mapped"]), ("10.1.2.4/30", []), ("10.1.2.3:80", []),
            ("0.0.0.0/0", ["10.1.2.3:443", "mapped", "127.0.0.1"]), ("127.0.0.1", ["127.0.0.1"]),
            (":443", ["10.1.2.3:443", "mapped", "netlink"]), ("*:80", ["[::1]:80"]), ("::1", ["[::1]:80"]),
            ("[::1]:80", ["[::1]:80"]), ("[::1]", ["[::1]:80"]), ("[::1]:81", []), ("::ffff:10.1.2.3", ["mapped"]),
            ("2001:db8::/32", ["[2001:db8::7]:1"]), ("2001:db8:0:0:0:0:0:7", ["[2001:db8::7]:1"]),
            ("2001:db9::/32", []),
            ("::/0", ["[::1]:80", "mapped", "[2001:db8::7]:1"]), ("/run/app.sock", ["/run/app.sock"]),
            ("/run/*", ["/run/app.sock"]), ("/*/[a-b]pp.????", ["/run/app.sock"]), ("/run/app", []),
            ("@db-?", ["@db-1"]),
            ("@*", ["@db-1"]),
        ])
    func patterns(text: String, fitting: [String]) throws {
        let pattern = try EndpointPattern(text)
        #expect(ends.filter { pattern.matches($0.value) }.keys.sorted() == fitting.sorted(), "\(text)")
    }

    @Test(
        "What is no address is refused",
        arguments: [
            "10.0.0", "10.0.0.256", "10.0.0.0/33", "host.example.org", "10.0.0.1:70000", "[::1", "1::2::3", "::1/129",
            "2001:db8", "12345::", "1:2:3:4:5:6:7:8:9", "[::1]80", "10.0.0.0/", ":",
        ])
    func refused(text: String) {
        #expect(throws: UnknownNameError.self) { try EndpointPattern(text) }
    }

    @Test("Ports count at either end, addresses at their own, and what is unknown is nothing")
    func filter() throws {
        var details = EventDetails()
        details.local = .ipv4(10, 0, 0, 1, port: 443)
        details.remote = .ipv4(192, 168, 0, 9, port: 50_000)
        func accepts(_ body: (inout EndpointFilter) throws -> Void) rethrows -> (known: Bool, unknown: Bool) {
            var filter = EndpointFilter()
            try body(&filter)
            return (filter.accepts(details), filter.accepts(EventDetails()))
        }
        #expect(accepts { _ in } == (true, true))
        #expect(accepts { $0.ports = [443] } == (true, false))
        #expect(accepts { $0.ports = [1, 50_000] } == (true, false))
        #expect(accepts { $0.ports = [80] } == (false, false))
        #expect(try accepts { $0.locals = [try EndpointPattern("10.0.0.0/8")] } == (true, false))
        #expect(try accepts { $0.remotes = [try EndpointPattern("10.0.0.0/8")] } == (false, false))
        #expect(try accepts { $0.remotes = [try EndpointPattern("192.168.0.9")] } == (true, false))
        #expect(try accepts { $0.excluded = [try EndpointPattern(":443")] } == (false, true))
        #expect(try accepts { $0.excluded = [try EndpointPattern(":22")] } == (true, true))
    }
}
