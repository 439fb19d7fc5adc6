internal import CLinux
internal import Glibc

/// How many files this process may have open: a reader for each CPU is more than the usual soft limit allows where
/// there are many.
enum DescriptorLimit {
    /// As it was when the process began: what it starts gets it back, as select(2) cannot use numbers above 1023.
    static let original = current()

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    private static func current() -> rlimit {
        var limit = rlimit()
        getrlimit(resource, &limit)
        return limit
    }

    /// Raises the soft limit to the hard one.
    static func raise() {
        var limit = original
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
