internal import EventOutput
internal import Glibc

/// What sockftrace says to the user, on standard error. Events go elsewhere.
enum Messages {
    /// One message; the lines after the first are indented, so that messages stay apart.
    static func say(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        while lines.last?.isEmpty == true { lines.removeLast() }
        let body = lines.joined(separator: "\n    ")
        write("sockftrace: \(body)\n")
    }

    /// A text as it is, for help.
    static func write(_ text: String, to descriptor: Int32 = STDERR_FILENO) {
        write(sequence: PrintableText.escaped(text), to: descriptor)
    }

    /// The same, with the control sequences that are in it.
    static func write(sequence text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                start += count
            } else if count < 0, errno == EAGAIN {
                // Somebody made the terminal non-blocking.
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, 1000)
                if entry.revents == 0 { return }
            } else if count < 0, errno == EINTR {
                continue
            } else {
                return
            }
        }
    }
}
