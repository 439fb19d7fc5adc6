/// The names of the errors that the workload brings about, as <errno.h> has them; the last is the kernel's own.
enum ErrorNames {
    private static let names = [
        1: "EPERM", 2: "ENOENT", 4: "EINTR", 9: "EBADF", 11: "EAGAIN", 14: "EFAULT", 22: "EINVAL", 32: "EPIPE",
        88: "ENOTSOCK", 89: "EDESTADDRREQ", 90: "EMSGSIZE", 91: "EPROTOTYPE", 95: "EOPNOTSUPP", 97: "EAFNOSUPPORT",
        98: "EADDRINUSE", 99: "EADDRNOTAVAIL", 101: "ENETUNREACH", 104: "ECONNRESET", 106: "EISCONN",
        107: "ENOTCONN", 110: "ETIMEDOUT", 111: "ECONNREFUSED", 114: "EALREADY", 115: "EINPROGRESS",
        512: "ERESTARTSYS",
    ]

    /// The number where there is no name, which no tracer would say: so that a new error is not overlooked.
    static func name(of number: Int) -> String {
        names[number] ?? String(number)
    }
}
