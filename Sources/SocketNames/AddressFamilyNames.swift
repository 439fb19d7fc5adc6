/// Names of address families: the kernel's AF_ names without `AF_` (include/linux/socket.h), where 1 is `LOCAL` as in
/// the SystemTap tapset.
public enum AddressFamilyNames {
    /// The numbers a family can have: from AF_UNSPEC up to what a filter takes, beyond the newest AF_MAX (46).
    package static let range: ClosedRange<Int32> = 0...63

    /// The name of a family, nil where the number has none.
    public static func name(of number: Int32) -> StaticString? {
        switch number {
        case 0: "UNSPEC"
        case 1: "LOCAL"
        case 2: "INET"
        case 3: "AX25"
        case 4: "IPX"
        case 5: "APPLETALK"
        case 6: "NETROM"
        case 7: "BRIDGE"
        case 8: "ATMPVC"
        case 9: "X25"
        case 10: "INET6"
        case 11: "ROSE"
        case 12: "DECNET"
        case 13: "NETBEUI"
        case 14: "SECURITY"
        case 15: "KEY"
        case 16: "NETLINK"
        case 17: "PACKET"
        case 18: "ASH"
        case 19: "ECONET"
        case 20: "ATMSVC"
        case 21: "RDS"
        case 22: "SNA"
        case 23: "IRDA"
        case 24: "PPPOX"
        case 25: "WANPIPE"
        case 26: "LLC"
        case 27: "IB"
        case 28: "MPLS"
        case 29: "CAN"
        case 30: "TIPC"
        case 31: "BLUETOOTH"
        case 32: "IUCV"
        case 33: "RXRPC"
        case 34: "ISDN"
        case 35: "PHONET"
        case 36: "IEEE802154"
        case 37: "CAIF"
        case 38: "ALG"
        case 39: "NFC"
        case 40: "VSOCK"
        case 41: "KCM"
        case 42: "QIPCRTR"
        case 43: "SMC"
        case 44: "XDP"
        case 45: "MCTP"
        default: nil
        }
    }

    /// The number of a family given as a name in any case (`inet6`, `AF_INET6`, `PF_INET6`), by another name that C
    /// headers give it (`UNIX`, `FILE`, `IPV4`, `IPV6`), or as a number.
    package static func number(of text: String) throws(UnknownNameError) -> Int32 {
        let name = NameLookup.canonical(text, dropping: ["AF_", "PF_"])
        switch name {
        case "UNIX", "FILE": return 1
        case "IPV4", "IP": return 2
        case "IPV6", "IP6": return 10
        default: break
        }
        if let number = NameLookup.number(named: name, in: range, by: Self.name(of:)) { return number }
        if let number = NameLookup.number(written: text, in: range) { return number }
        throw UnknownNameError(kind: "address family", text: text, valid: helpNames)
    }

    /// All names, for help and for messages.
    package static var helpNames: [String] { NameLookup.names(in: range, by: name(of:)) }
}
