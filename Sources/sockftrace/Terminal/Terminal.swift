internal import Glibc

/// What is at the other end of the standard streams.
enum Terminal {
    /// Opens /dev/null for those of the three standard streams that are closed: else the next file opened, one of the
    /// kernel's own maybe, would be taken for it. What is written to such an output fails, as it must.
    static func secureStandardStreams() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Whether standard output wants colour: a terminal that can show it, and nobody asked for none (no-color.org).
    static func wantsColour() -> Bool {
        func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
        return isatty(STDOUT_FILENO) == 1 && variable("NO_COLOR").isEmpty && !["dumb", ""].contains(variable("TERM"))
    }

    /// The columns of the terminal at standard output; nil where there is none, or it does not say.
    static func columns() -> Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Whether a person reads the messages.
    static var hasReader: Bool { isatty(STDERR_FILENO) == 1 }
}
