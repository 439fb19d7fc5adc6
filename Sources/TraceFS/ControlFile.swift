internal import SystemPackage

/// Reading and writing of whole files, with errors that tell what was tried.
enum ControlFile {
    /// How a text is put into a file.
    enum WriteMode {
        /// Replaces what the file said: for settings. Never for lists of definitions, where truncation deletes
        /// the definitions of everybody (`dyn_events_release_all` on open, kernel/trace/trace_dynevent.c).
        case replace
        /// Adds to what the file says.
        case append
    }

    static func bytes(of path: String, _ action: @autoclosure () -> String) throws(TraceFSError) -> [UInt8] {
        do {
            let descriptor = try SystemCall.open(path, .readOnly)
            return try SystemCall.contents(of: descriptor.raw).get()
        } catch {
            throw TraceFSError(action(), path: path, failed: error)
        }
    }

    static func text(of path: String, _ action: @autoclosure () -> String) throws(TraceFSError) -> String {
        String(decoding: try bytes(of: path, action()), as: UTF8.self)
    }

    /// The text of a file that need not be there or be readable.
    static func optionalText(of path: String) -> String? {
        try? text(of: path, "read")
    }

    /// Writes a text and a line end in exactly one write(2): tracefs parses each write by itself.
    static func write(
        _ text: String, to path: String, _ mode: WriteMode, _ action: @autoclosure () -> String
    ) throws(TraceFSError) {
        let outcome: Result<Int, Errno>
        var line = Array(text.utf8)
        line.append(UInt8(ascii: "\n"))
        do {
            let descriptor = try SystemCall.open(path, mode == .append ? .append : .truncate)
            outcome = line.withUnsafeBytes { SystemCall.write(descriptor.raw, $0) }
        } catch {
            throw TraceFSError(action(), path: path, failed: error)
        }
        switch outcome {
        // Some parsers stop at the line end and do not count it.
        case .success(let count) where count >= line.count - 1: return
        case .success(let count):
            throw TraceFSError(
                .system, action(), path: path, written: text,
                kernelMessage: "it took \(count) of \(line.count) bytes")
        case .failure(let code): throw TraceFSError(action(), path: path, written: text, failed: code)
        }
    }

    static func names(in path: String, _ action: @autoclosure () -> String) throws(TraceFSError) -> [String] {
        do {
            return try SystemCall.names(in: path).get()
        } catch {
            throw TraceFSError(action(), path: path, failed: error)
        }
    }

    /// The decimal number at the start of a text: tracefs adds remarks, as in "7 (expanded: 1408)".
    static func leadingNumber(_ text: some StringProtocol) -> Int? {
        Int(text.drop { $0 == " " || $0 == "\t" }.prefix { $0.isASCII && $0.isNumber })
    }
}
