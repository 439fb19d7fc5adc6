/// The errors that MIPS numbers in its own way (arch/mips/include/uapi/asm/errno.h).
enum MIPSErrors {
    /// The generic number of such an error; nil where it has none.
    static func genericNumber(of number: Int32) -> Int32? {
        switch number {
        case 35: 42  // ENOMSG
        case 36: 43  // EIDRM
        case 37: 44  // ECHRNG
        case 38: 45  // EL2NSYNC
        case 39: 46  // EL3HLT
        case 40: 47  // EL3RST
        case 41: 48  // ELNRNG
        case 42: 49  // EUNATCH
        case 43: 50  // ENOCSI
        case 44: 51  // EL2HLT
        case 45: 35  // EDEADLK
        case 46: 37  // ENOLCK
        case 50: 52  // EBADE
        case 51: 53  // EBADR
        case 52: 54  // EXFULL
        case 53: 55  // ENOANO
        case 54: 56  // EBADRQC
        case 55: 57  // EBADSLT
        case 56: 35  // EDEADLOCK
        case 74: 72  // EMULTIHOP
        case 77: 74  // EBADMSG
        case 78: 36  // ENAMETOOLONG
        case 79: 75  // EOVERFLOW
        case 80: 76  // ENOTUNIQ
        case 81: 77  // EBADFD
        case 82: 78  // EREMCHG
        case 83: 79  // ELIBACC
        case 84: 80  // ELIBBAD
        case 85: 81  // ELIBSCN
        case 86: 82  // ELIBMAX
        case 87: 83  // ELIBEXEC
        case 88: 84  // EILSEQ
        case 89: 38  // ENOSYS
        case 90: 40  // ELOOP
        case 91: 85  // ERESTART
        case 92: 86  // ESTRPIPE
        case 93: 39  // ENOTEMPTY
        case 94: 87  // EUSERS
        case 95: 88  // ENOTSOCK
        case 96: 89  // EDESTADDRREQ
        case 97: 90  // EMSGSIZE
        case 98: 91  // EPROTOTYPE
        case 99: 92  // ENOPROTOOPT
        case 120: 93  // EPROTONOSUPPORT
        case 121: 94  // ESOCKTNOSUPPORT
        case 122: 95  // EOPNOTSUPP
        case 123: 96  // EPFNOSUPPORT
        case 124: 97  // EAFNOSUPPORT
        case 125: 98  // EADDRINUSE
        case 126: 99  // EADDRNOTAVAIL
        case 127: 100  // ENETDOWN
        case 128: 101  // ENETUNREACH
        case 129: 102  // ENETRESET
        case 130: 103  // ECONNABORTED
        case 131: 104  // ECONNRESET
        case 132: 105  // ENOBUFS
        case 133: 106  // EISCONN
        case 134: 107  // ENOTCONN
        case 135: 117  // EUCLEAN
        case 137: 118  // ENOTNAM
        case 138: 119  // ENAVAIL
        case 139: 120  // EISNAM
        case 140: 121  // EREMOTEIO
        case 143: 108  // ESHUTDOWN
        case 144: 109  // ETOOMANYREFS
        case 145: 110  // ETIMEDOUT
        case 146: 111  // ECONNREFUSED
        case 147: 112  // EHOSTDOWN
        case 148: 113  // EHOSTUNREACH
        case 149: 114  // EALREADY
        case 150: 115  // EINPROGRESS
        case 151: 116  // ESTALE
        case 158: 125  // ECANCELED
        case 159: 123  // ENOMEDIUM
        case 160: 124  // EMEDIUMTYPE
        case 161: 126  // ENOKEY
        case 162: 127  // EKEYEXPIRED
        case 163: 128  // EKEYREVOKED
        case 164: 129  // EKEYREJECTED
        case 165: 130  // EOWNERDEAD
        case 166: 131  // ENOTRECOVERABLE
        case 167: 132  // ERFKILL
        case 168: 133  // EHWPOISON
        case 1133: 122  // EDQUOT
        default: nil
        }
    }
}
