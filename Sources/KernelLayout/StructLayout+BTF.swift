internal import SocketNames

extension StructLayout {
    /// The layout that the kernel's own type information states.
    /// - Parameters:
    ///   - vmlinux: the bytes of /sys/kernel/btf/vmlinux, of this machine or another.
    ///   - wordSize: bytes of a pointer there.
    /// - Returns: nil where the bytes are no BTF. Members that it does not name are missing.
    package init?(btf vmlinux: [UInt8], wordSize: Int = MemoryLayout<UInt>.size) {
        guard let btf = BTF(vmlinux, pointerSize: wordSize) else { return nil }
        self.init()
        let structures = btf.structures(named: Set(Member.allCases.map(\.path.structure)))
        for member in Member.allCases {
            let path = member.path
            guard let structure = structures[path.structure],
                var place = btf.place(of: path.members, in: structure, isInteger: path.isInteger)
            else { continue }
            if let origin = path.origin {
                guard let start = btf.place(of: [origin], in: structure, isInteger: false) else { continue }
                place.offset -= start.offset
            }
            places[member] = place
        }
        flagNames = Self.flagNames(btf)
    }

    /// Up to 6.15 the bits of `socket.flags` are macros, of which the type information knows nothing, and which kernels
    /// had in different numbers. Then 0e81cfd971dc moved the PASS bits to struct sock and numbered the rest anew, and they
    /// became enumerators.
    private static func flagNames(_ btf: BTF) -> SocketFlagNames? {
        let stated = SocketFlag.allCases.compactMap { flag in btf.enumerator("SOCK_\(flag.name)").map { (flag, $0) } }
        return stated.isEmpty ? nil : SocketFlagNames(stated)
    }
}
