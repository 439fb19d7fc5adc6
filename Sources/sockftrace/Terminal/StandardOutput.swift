internal import EventOutput
internal import Glibc

/// What a command answers that shows no events.
enum StandardOutput {
    /// Prints a text and a line end. A reader that went away has what it wanted.
    static func print(_ text: String) throws(CommandFailure) {
        signal(SIGPIPE, SIG_IGN)
        var sink = try EventSink()
        let bytes = Array((PrintableText.escaped(text) + "\n").utf8)
        bytes.withUnsafeBytes { sink.write($0, nil) }
        if case .failed(let error) = sink.end { throw CommandFailure("cannot write to standard output: \(error)") }
    }
}
