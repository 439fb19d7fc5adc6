internal import CLinux
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

    /// The columns of the terminal at a descriptor; nil where there is none, or it does not say.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// The columns that standard output has: those of its terminal, else what COLUMNS says, as for ps(1) and ls(1); nil
    /// where there is no limit.
    static func columns() -> Int? {
        columns(of: STDOUT_FILENO)
            ?? getenv("COLUMNS").flatMap { Int(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Whether there is a terminal that can go back in a line.
    static func canRedraw(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1 && getenv("TERM").map { !["dumb", ""].contains(String(cString: $0)) } == true
    }

    /// Whether two descriptors are of one terminal.
    static func isSame(_ left: Int32, _ right: Int32) -> Bool {
        var (first, second) = (stat(), stat())
        guard isatty(right) == 1, fstat(left, &first) == 0, fstat(right, &second) == 0 else { return false }
        return first.st_rdev == second.st_rdev
    }

    /// Writes control sequences to standard error. What cannot be written is left out.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Whether a person reads the messages.
    static var hasReader: Bool { isatty(STDERR_FILENO) == 1 }
}
