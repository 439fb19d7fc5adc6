extension StructLayout {
    /// The layout that the kernel's own type information states.
    /// - Parameter vmlinux: the bytes of /sys/kernel/btf/vmlinux.
    /// - Returns: nil where the bytes are no BTF. Members that it does not name are missing.
    package init?(btf vmlinux: [UInt8]) {
        guard let btf = BTF(vmlinux) else { return nil }
        self.init()
        places[.socketState] = btf.place(of: ["state"], in: "socket")
        places[.socketType] = btf.place(of: ["type"], in: "socket")
        places[.socketFlags] = btf.place(of: ["flags"], in: "socket")
        places[.socketSock] = btf.place(of: ["sk"], in: "socket")
        places[.socketOps] = btf.place(of: ["ops"], in: "socket")
        places[.opsFamily] = btf.place(of: ["family"], in: "proto_ops")
        places[.sockProtocol] = btf.place(of: ["sk_protocol"], in: "sock")
        places[.messageCount] = btf.place(of: ["msg_iter", "count"], in: "msghdr")
        places[.iteratorCount] = btf.place(of: ["count"], in: "iov_iter")
        places[.kiocbFile] = btf.place(of: ["ki_filp"], in: "kiocb")
        places[.filePrivateData] = btf.place(of: ["private_data"], in: "file")
        flagSpec = Self.flagSpec(btf)
    }

    /// Up to 6.15 the bits of `socket.flags` are macros, of which the type information knows nothing, and which kernels
    /// had in different numbers. Then 0e81cfd971dc moved the PASS bits to struct sock and numbered the rest anew, and they
    /// became enumerators.
    private static func flagSpec(_ btf: BTF) -> String? {
        let names = [
            ("N", "SOCK_NOSPACE"), ("C", "SOCK_PASSCRED"), ("S", "SOCK_PASSSEC"), ("Z", "SOCK_SUPPORT_ZC"),
            ("O", "SOCK_CUSTOM_SOCKOPT"), ("P", "SOCK_PASSPIDFD"),
        ]
        let stated = names.compactMap { letter, name in btf.enumerator(name).map { letter + String($0) } }
        return stated.isEmpty ? nil : stated.joined()
    }
}
