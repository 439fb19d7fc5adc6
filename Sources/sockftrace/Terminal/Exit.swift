internal import Glibc

/// The end of the process.
enum Exit {
    static func end(_ status: Int32) -> Never {
        exit(status)
    }
}
