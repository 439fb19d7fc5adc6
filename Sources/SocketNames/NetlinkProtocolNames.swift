/// Names of netlink protocols: the kernel's NETLINK_ names without `NETLINK_` (include/uapi/linux/netlink.h).
enum NetlinkProtocolNames {
    static let range: ClosedRange<Int32> = 0...31

    static func name(of number: Int32) -> StaticString? {
        switch number {
        case 0: "ROUTE"
        case 2: "USERSOCK"
        case 3: "FIREWALL"
        case 4: "SOCK_DIAG"
        case 5: "NFLOG"
        case 6: "XFRM"
        case 7: "SELINUX"
        case 8: "ISCSI"
        case 9: "AUDIT"
        case 10: "FIB_LOOKUP"
        case 11: "CONNECTOR"
        case 12: "NETFILTER"
        case 13: "IP6_FW"
        case 14: "DNRTMSG"
        case 15: "KOBJECT_UEVENT"
        case 16: "GENERIC"
        case 18: "SCSITRANSPORT"
        case 19: "ECRYPTFS"
        case 20: "RDMA"
        case 21: "CRYPTO"
        case 22: "SMC"
        default: nil
        }
    }
}
