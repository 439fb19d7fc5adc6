internal import LinuxSystem

/// The files in which the kernel lists its sockets, in every network namespace.
enum SocketLists {
    /// Those of which each line is a socket's (net/ipv4, net/ipv6, net/unix and net/netlink).
    private static let names = ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "icmp", "icmp6", "unix", "netlink"]

    /// Reads them all and throws what they say away. One that is not there, or goes away meanwhile, lists nothing.
    static func readAll() {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            for process in namespaces() {
                for name in names { read("/proc/\(process)/net/\(name)", into: buffer) }
            }
        }
    }

    /// A process in each network namespace that any is in; this one's own first.
    private static func namespaces() -> [String] {
        var seen: Set<String> = []
        let processes = ((try? Files.names(in: "/proc")) ?? []).filter { $0.first?.isNumber == true }
        return (["self"] + processes).filter { process in
            guard let namespace = Files.linkTarget("/proc/\(process)/ns/net") else { return process == "self" }
            return seen.insert(namespace).inserted
        }
    }

    private static func read(_ path: String, into buffer: UnsafeMutableRawBufferPointer) {
        guard let file = try? Descriptor(opening: path, .readOnly) else { return }
        while let count = try? file.read(into: buffer), count > 0 {}
    }
}
