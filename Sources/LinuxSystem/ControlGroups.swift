internal import SystemPackage

/// The control groups that this process sees below a mount of cgroup2, by the inode numbers of their directories.
package struct ControlGroups: Sendable {
    /// Where they are mounted.
    package let mount: String

    /// More are not looked at: nobody runs so many, and a loop of mounts ends.
    private static let limit = 1 << 16

    /// Nil where no cgroup2 is mounted.
    package init?() {
        guard let text = try? Files.text(of: "/proc/self/mountinfo"), let mount = Self.mount(in: text) else {
            return nil
        }
        self.mount = mount
    }

    /// The directory of the first cgroup2 that a mountinfo lists.
    static func mount(in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash > 4, fields.indices.contains(dash + 1),
                fields[dash + 1] == "cgroup2"
            else { continue }
            return unescaped(fields[4])
        }
        return nil
    }

    /// Blanks and the like are three octal digits behind a backslash (mangle_path in fs/seq_file.c).
    private static func unescaped(_ text: Substring) -> String {
        var (bytes, rest) = ([UInt8](), text.utf8[...])
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let code = UInt8(String(digits) ?? "", radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The number of a group; nil where there is none.
    /// - Parameter path: as below the mount, from `/` on.
    package func number(of path: String) -> UInt64? {
        guard let status = try? Files.status(of: mount + path), status.kind == .directory else { return nil }
        return status.identity.inode
    }

    /// The number of the group that the calling thread is in; nil where it is not to be seen.
    package static func numberOfOwn() -> UInt64? {
        guard let text = try? Files.text(of: "/proc/thread-self/cgroup"), let groups = ControlGroups(),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }),
            let root = try? Files.status(of: groups.mount)
        else { return nil }
        let path = String(line.dropFirst(3))
        // Outside of the cgroup namespace, and removed.
        guard !path.split(separator: "/").contains(".."), !path.hasSuffix(" (deleted)"),
            let status = try? Files.status(of: groups.mount + path), status.kind == .directory,
            status.identity.device == root.identity.device
        else { return nil }
        return status.identity.inode
    }

    /// The paths of all groups there are, below the mount, by their numbers.
    package func paths() -> [UInt64: String] {
        var paths: [UInt64: String] = [:]
        if let root = number(of: "/") { paths[root] = "/" }
        var open = [""]
        while let parent = open.popLast(), paths.count < Self.limit {
            guard let directory = try? Descriptor(opening: mount + parent + "/", .directory),
                let names = try? directory.names()
            else { continue }
            for name in names {
                guard let status = try? directory.status(ofName: name), status.kind == .directory else { continue }
                paths[status.identity.inode] = parent + "/" + name
                open.append(parent + "/" + name)
            }
        }
        return paths
    }
}
