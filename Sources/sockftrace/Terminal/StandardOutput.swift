internal import EventOutput
internal import Glibc

/// What a command answers that shows no events.
enum StandardOutput {
    /// Prints a text and a line end. A reader that went away has what it wanted.
    static func print(_ text: String) throws(CommandFailure) {
        try write(Array((PrintableText.escaped(text) + "\n").utf8))
    }

    /// Writes bytes as they are: what this program made itself.
    static func write(_ bytes: [UInt8]) throws(CommandFailure) {
        signal(SIGPIPE, SIG_IGN)
        var sink = try EventSink()
        bytes.withUnsafeBytes { sink.write($0, nil) }
        if case .failed(let error) = sink.end { throw CommandFailure("cannot write to standard output: \(error)") }
    }
}
