internal import KernelLayout
internal import SocketNames

/// A line of /proc/net/tcp and its like: what the kernel says of a socket.
struct SocketRow {
    var inode: UInt64
    /// Of its sock, as an integer of the kernel's memory has it.
    var facts: [StructLayout.Member: UInt64]
    /// It is of TCP, and established: raw sockets (3) can have that protocol, too.
    var isConnection: Bool { facts[.sockProtocol] == 6 && facts[.sockType] != 3 && facts[.sockState] == 1 }

    /// The lines behind the header; a line that tells of no whole socket is nil.
    /// - Parameter numbers: those of the processor that the kernel ran on.
    static func rows(
        of file: String, _ text: Substring, isBigEndian: Bool, _ numbers: ProcessorNumbers
    ) -> [SocketRow?] {
        text.split(separator: "\n").dropFirst().map { line in
            let words = line.split(separator: " ").map(String.init)
            return switch file {
            case "tcp", "tcp6", "udp", "udp6", "raw", "raw6": internet(file, words, isBigEndian, numbers)
            case "unix": local(words)
            case "netlink": netlink(words)
            default: nil
            }
        }
    }

    /// `sl local rem st tx:rx tr:when retrnsmt uid timeout inode` (net/ipv4/tcp_ipv4.c).
    private static func internet(
        _ file: String, _ words: [String], _ isBigEndian: Bool, _ numbers: ProcessorNumbers
    ) -> SocketRow? {
        guard words.count >= 10, let inode = UInt64(words[9]), let state = UInt64(words[3], radix: 16),
            let local = End(words[1], isBigEndian), let remote = End(words[2], isBigEndian)
        else { return nil }
        let isIPv6 = file.hasSuffix("6")
        var facts: [StructLayout.Member: UInt64] = [.sockFamily: isIPv6 ? 10 : 2, .sockState: state]
        switch file.prefix(3) {
        case "tcp":
            // Of a connection that is not yet one, and of one that is no more, there is no whole sock.
            guard state != 3, state != 6 else { return nil }
            (facts[.sockType], facts[.sockProtocol]) = (numbers.ownType(1), 6)
        case "udp": (facts[.sockType], facts[.sockProtocol]) = (numbers.ownType(2), 17)
        default: (facts[.sockType], facts[.sockProtocol]) = (3, local.port)
        }
        facts[.sockLocalPort] = local.port
        facts[.sockRemotePort] = isBigEndian ? remote.port : (remote.port >> 8 | remote.port << 8) & 0xffff
        if isIPv6 {
            // Of addresses that begin with zeros the last eight bytes say all.
            if local.first == 0, remote.first == 0 {
                facts[.sockLocalIPv6] = local.last
                facts[.sockRemoteIPv6] = remote.last
            }
        } else {
            facts[.sockLocalIPv4] = local.last
            facts[.sockRemoteIPv4] = remote.last
        }
        return SocketRow(inode: inode, facts: facts)
    }

    /// `Num RefCount Protocol Flags Type St Inode Path` (net/unix/af_unix.c).
    private static func local(_ words: [String]) -> SocketRow? {
        guard words.count >= 7, let inode = UInt64(words[6]), let type = UInt64(words[4], radix: 16) else { return nil }
        return SocketRow(inode: inode, facts: [.sockFamily: 1, .sockType: type])
    }

    /// `sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode` (net/netlink/af_netlink.c).
    private static func netlink(_ words: [String]) -> SocketRow? {
        guard words.count >= 10, let number = UInt64(words[1]), let port = UInt32(words[2]),
            let inode = UInt64(words[9])
        else { return nil }
        return SocketRow(
            inode: inode, facts: [.sockFamily: 16, .sockProtocol: number, .netlinkPort: UInt64(port)])
    }

    /// `ADDRESS:PORT`, an address as words of 32 bits as the machine has them.
    private struct End {
        /// The first eight bytes of an IPv6 address, 0 of an IPv4 one.
        var first: UInt64 = 0
        /// The last eight, or the four of an IPv4 address.
        var last: UInt64 = 0
        var port: UInt64

        init?(_ text: String, _ isBigEndian: Bool) {
            let parts = text.split(separator: ":").map(String.init)
            guard parts.count == 2, let port = UInt64(parts[1], radix: 16) else { return nil }
            self.port = port
            let digits = Array(parts[0])
            let words = stride(from: 0, to: digits.count, by: 8).compactMap { start in
                UInt64(String(digits[start..<min(start + 8, digits.count)]), radix: 16)
            }
            func joined(_ low: UInt64, _ high: UInt64) -> UInt64 { isBigEndian ? low << 32 | high : high << 32 | low }
            switch (digits.count, words.count) {
            case (8, 1): last = words[0]
            case (32, 4): (first, last) = (joined(words[0], words[1]), joined(words[2], words[3]))
            default: return nil
            }
        }
    }
}
